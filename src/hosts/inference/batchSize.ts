/** Chooses the batch size that is fastest per image on this machine, from work that has to be done anyway. */
export interface BatchTuner {
	/** Images that the next batch should hold. */
	size(): number
	/** Tells how long a batch took. */
	ran(images: number, milliseconds: number): void
	/** The size to keep for later processes: null before one was chosen, and where the runs were so uneven that other programs must have been at work. */
	found(): number | null
}

/** From the smallest: larger ones are not tried once a batch takes too long. */
const CANDIDATES = [1, 4, 8, 16, 32]
/** The fastest of these many runs counts: other programs can only make a run slower, and the first of a size also gets its memory. */
const TRIES = 3
/** The second fastest run of a size may take so many times as long as the fastest: the first one also gets the memory. */
const MOST_UNEVEN = 1.25
/** No batch longer than this: it is what a cancel or a waiting prediction has to wait. */
const LONGEST_MILLISECONDS = 200

/** @param known The size that was chosen on this machine before: it is not tried again. */
export function createBatchTuner(known: number | null = null): BatchTuner {
	const perImage = new Map<number, number[]>()
	let position = 0
	let chosen = known
	let even = true

	return {
		size: () => chosen ?? (CANDIDATES[position] as number),
		ran(images, milliseconds) {
			if (chosen !== null || images !== CANDIDATES[position]) return
			const times = [...(perImage.get(images) ?? []), milliseconds / images].toSorted((a, b) => a - b)
			perImage.set(images, times)
			if (times.length < TRIES) return
			const [fastest = 0, second = 0] = times
			if (second > MOST_UNEVEN * fastest) even = false
			position++
			const next = CANDIDATES[position]
			if (next !== undefined && next * fastest <= LONGEST_MILLISECONDS) return
			chosen = [...perImage].toSorted((a, b) => (a[1][0] ?? 0) - (b[1][0] ?? 0))[0]?.[0] ?? 1
		},
		found: () => (even ? chosen : null),
	}
}
