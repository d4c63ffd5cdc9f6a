/** How well two masks of the same pixels agree, from 0 to 1; 1 where both are empty. */
export interface MaskOverlap {
	/** 2 |A and B| / (|A| + |B|). */
	dice: number
	/** |A and B| / |A or B|. */
	iou: number
}

/** @param found and truth: 1 (or any other number but 0) inside; of the same length, or an Error. */
export function maskOverlap(found: ArrayLike<number>, truth: ArrayLike<number>): MaskOverlap {
	if (found.length !== truth.length) throw new Error(`The masks have ${String(found.length)} and ${String(truth.length)} pixels.`)
	let both = 0, sum = 0
	for (let index = 0; index < truth.length; index++) {
		const one = found[index] !== 0, other = truth[index] !== 0
		if (one) sum++
		if (other) sum++
		if (one && other) both++
	}
	return sum === 0 ? { dice: 1, iou: 1 } : { dice: (2 * both) / sum, iou: both / (sum - both) }
}
