import { POINTS, RINGS, type TissueLooks } from './images/tissueLooks.ts'

/** Images with the most similar colours that each is compared with. */
const NEIGHBOURS = 20

/** Circles that an image is shifted against another: up to 1.25 times as large. */
const SHIFTS = [0, 1, -1, 2, -2]

/** Turns that occur between two copies of a tile: up to 50 degrees to either side, and half a turn more; both mirrored too. */
const TURNS = Array.from({ length: POINTS }, (_, turn) => turn).filter((turn) => {
	const apart = Math.min(turn, POINTS - turn)
	return apart <= POINTS * (50 / 360) || apart >= POINTS * (130 / 360)
})

/** Correlation of two patches laid over each other from which on they show the same tissue, */
const SAME = 0.6
/** and from which on they do where their colours agree as well as COLOURS says (Bhattacharyya coefficient). */
const LIKELY = 0.4
const COLOURS = 0.99

/**
 * Groups of patches of tissue that show the same tile, turned, mirrored or enlarged: those with similar colours are laid over each other in every
 * such way, and what agrees is joined. Rather too much than too little: a tile that is missed shows test images in training, two that are joined
 * cost nothing. @returns for each image the position of the first of its group.
 */
export function tissueGroups(looks: readonly TissueLooks[]): number[] {
	const root = looks.map((_, index) => index)
	const rootOf = (index: number): number => {
		let at = index
		while (root[at] !== at) at = root[at] = root[root[at] as number] as number
		return at
	}
	const circles = looks.map(({ rings }) => circlesOf(rings))
	for (const [index, own] of looks.entries()) {
		const agreement = looks.map((other) => dot(own.colours, other.colours))
		agreement[index] = -1
		for (const other of largest(agreement, NEIGHBOURS)) {
			const a = rootOf(index)
			const b = rootOf(other)
			if (a === b) continue
			const least = (agreement[other] as number) >= COLOURS ? LIKELY : SAME
			if (overlay(circles[index] as Circles, circles[other] as Circles, least) >= least) root[Math.max(a, b)] = Math.min(a, b)
		}
	}
	return looks.map((_, index) => rootOf(index))
}

function dot(a: Float32Array, b: Float32Array): number {
	let sum = 0
	for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number)
	return sum
}

/** Positions of the largest values, largest first. */
function largest(values: readonly number[], count: number): number[] {
	const best: number[] = []
	for (const [index, value] of values.entries()) {
		if (value < 0 || (best.length === count && value <= (values[best[count - 1] as number] as number))) continue
		let place = Math.min(best.length, count - 1)
		while (place > 0 && (values[best[place - 1] as number] as number) < value) {
			best[place] = best[place - 1] as number
			place--
		}
		best[place] = index
	}
	return best
}

/** The rings of an image with mean 0, ordered for `overlay`: by point and then by ring, the circle twice round, as it is and mirrored. */
interface Circles {
	straight: Float32Array
	mirrored: Float32Array
}

function circlesOf(rings: Uint8Array): Circles {
	const mean = rings.reduce((sum, value) => sum + value, 0) / rings.length
	const ordered = (direction: 1 | -1): Float32Array => Float32Array.from({ length: 2 * POINTS * RINGS }, (_, index) => {
		const point = (((direction * Math.floor(index / RINGS)) % POINTS) + POINTS) % POINTS
		return (rings[(index % RINGS) * POINTS + point] as number) - mean
	})
	return { straight: ordered(1), mirrored: ordered(-1) }
}

/** The largest correlation over turns, mirror and enlargement; stops at the first that is enough. */
function overlay(first: Circles, second: Circles, enough: number): number {
	let best = -1
	for (const shift of SHIFTS) {
		const rings = RINGS - Math.abs(shift)
		const from = Math.max(0, shift)
		const other = Math.max(0, -shift)
		const scale = Math.sqrt(product(first.straight, from, first.straight, from, rings) * product(second.straight, other, second.straight, other, rings))
		if (scale === 0) continue
		for (const circles of [second.straight, second.mirrored]) {
			for (const turn of TURNS) {
				best = Math.max(best, product(first.straight, from, circles, turn * RINGS + other, rings) / scale)
				if (best >= enough) return best
			}
		}
	}
	return best
}

/** Scalar product over all points and so many rings, from an offset in each. */
function product(a: Float32Array, from: number, b: Float32Array, other: number, rings: number): number {
	let sum = 0
	for (let start = 0; start < POINTS * RINGS; start += RINGS) {
		for (let ring = 0; ring < rings; ring++) sum += (a[start + from + ring] as number) * (b[start + other + ring] as number)
	}
	return sum
}
