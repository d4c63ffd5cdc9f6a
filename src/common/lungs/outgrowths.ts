import { partsOf, type Part } from './parts.ts'

/** Half the width of a neck that is cut, as a share of the mask's side: what hangs on a lung by less is no part of it. None of the 383 masks drawn by hand (LUNG_LIMITS) loses a pixel by it, up to 0.07. */
const HALF_NECK = 0.04
/** An outgrowth is cut off where its core has at least this share of the cores of all; a smaller one is left, as the tip of a lung is. */
const LEAST_CORE = 0.06

/**
 * A lung without what hangs on it by a narrow neck: networks take the air beside a thin body for lung, and join it to the lung where the chest wall is faint.
 * The part is thinned by HALF_NECK on every side. Where that leaves several cores, the lung's is the one closest to the film's upright middle, of those at least
 * half as large as the largest; each pixel belongs to the core that reaches it first inside the part.
 * @returns the part itself where nothing is cut off.
 */
export function withoutOutgrowths(part: Part, side: number): Part {
	const mask = new Uint8Array(side * side)
	for (const place of part) mask[place] = 1
	const cores = partsOf(thinned(mask, side, Math.round(HALF_NECK * side)), side)
	const all = cores.reduce((sum, { length }) => sum + length, 0)
	const large = cores.filter(({ length }) => length >= LEAST_CORE * all)
	if (large.length < 2) return part
	const candidates = large.filter(({ length }) => length >= large[0]!.length / 2)
	const lung = candidates.toSorted((a, b) => fromMiddle(a, side) - fromMiddle(b, side))[0]!
	return reachedFirst(mask, side, [lung, ...large.filter((core) => core !== lung)])
}

/** Mean distance of a part's pixels from the film's upright middle. */
function fromMiddle(part: Part, side: number): number {
	return Math.abs(part.reduce((sum, place) => sum + (place % side) + 0.5, 0) / part.length - side / 2)
}

/** What is at least `radius` pixels inside, in the larger of both directions; the film's border is no edge. */
function thinned(mask: Uint8Array, side: number, radius: number): Uint8Array {
	const across = new Uint8Array(mask.length)
	for (let row = 0; row < side; row++) erodeLine(mask, across, row * side, 1, side, radius)
	const both = new Uint8Array(mask.length)
	for (let column = 0; column < side; column++) erodeLine(across, both, column, side, side, radius)
	return both
}

/** 1 where no 0 lies within the radius along a line of pixels. */
function erodeLine(source: Uint8Array, target: Uint8Array, start: number, step: number, count: number, radius: number): void {
	let last = -radius - 1
	let next = -1
	for (let index = 0; index < count; index++) {
		while (next < index + radius && next < count - 1) {
			next++
			if (source[start + next * step] === 0) last = next
		}
		// The latest 0 up to index + radius: the pixel is kept where it lies before index - radius.
		target[start + index * step] = last < index - radius ? 1 : 0
	}
}

/** The pixels of a mask that the first of the cores reaches before the others, growing by an edge at a time inside the mask; all at once, the first core first. */
function reachedFirst(mask: Uint8Array, side: number, cores: readonly Part[]): Part {
	const owner = new Uint8Array(mask.length)
	let front: number[] = []
	for (const [index, core] of cores.entries()) {
		for (const place of core) {
			owner[place] = Math.min(index, 1) + 1
			front.push(place)
		}
	}
	const reach = (place: number, by: number, next: number[]) => {
		if (mask[place] === 0 || owner[place] !== 0) return
		owner[place] = by
		next.push(place)
	}
	while (front.length > 0) {
		const next: number[] = []
		for (const place of front) {
			const column = place % side
			const by = owner[place]!
			if (column > 0) reach(place - 1, by, next)
			if (column < side - 1) reach(place + 1, by, next)
			if (place >= side) reach(place - side, by, next)
			if (place < mask.length - side) reach(place + side, by, next)
		}
		front = next
	}
	return Int32Array.from(Array.from(owner.keys()).filter((place) => owner[place] === 1))
}
