/** Chooses the batch size that is fastest per image on this machine, from work that has to be done anyway. */
export interface BatchTuner {
	/** Images that the next batch should hold. */
	size(): number
	/** Tells how long a batch took. */
	ran(images: number, milliseconds: number): void
	/** The size that was chosen, null before it was. */
	found(): number | null
}

/** From the smallest: larger ones are not tried once a batch takes too long. */
const CANDIDATES = [1, 4, 8, 16, 32]
/** The fastest of these many runs counts: other programs can only make a run slower, and the first of a size also gets its memory. */
const TRIES = 3
/** No batch longer than this: it is what a cancel or a waiting prediction has to wait. */
const LONGEST_MILLISECONDS = 200

/** @param known The size that was chosen on this machine before: it is not tried again. */
export function createBatchTuner(known: number | null = null): BatchTuner {
	const perImage = new Map<number, number>()
	let position = 0
	let tries = 0
	let chosen = known

	return {
		size: () => chosen ?? (CANDIDATES[position] as number),
		ran(images, milliseconds) {
			if (chosen !== null || images !== CANDIDATES[position]) return
			const fastest = Math.min(perImage.get(images) ?? Number.POSITIVE_INFINITY, milliseconds / images)
			perImage.set(images, fastest)
			if (++tries < TRIES) return
			tries = 0
			position++
			const next = CANDIDATES[position]
			if (next !== undefined && next * fastest <= LONGEST_MILLISECONDS) return
			chosen = [...perImage].toSorted((a, b) => a[1] - b[1])[0]?.[0] ?? 1
		},
		found: () => chosen,
	}
}
