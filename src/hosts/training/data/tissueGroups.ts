import { POINTS, RINGS, type TissueLooks } from './images/tissueLooks.ts'

/** Images with the most similar colours that each is compared with. */
const NEIGHBOURS = 20

/** Circles that an image may be shifted against another: up to 1.25 times as large. */
const SHIFT = 2

/** Turns that occur between two copies of a tile: up to 50 degrees to either side, and half a turn more; both mirrored too. */
const TURNS = Array.from({ length: POINTS }, (_, turn) => turn).filter((turn) => {
	const apart = Math.min(turn, POINTS - turn)
	return apart <= POINTS * (50 / 360) || apart >= POINTS * (130 / 360)
})

export interface TissueThresholds {
	/** Correlation of two patches laid over each other from which on they show the same tissue, */
	same: number
	/** and from which on they do where their colours agree as well as `colours` says. */
	likely: number
	colours: number
}

export const TISSUE_THRESHOLDS: TissueThresholds = { same: 0.6, likely: 0.4, colours: 0.99 }

/**
 * Groups of patches of tissue that show the same tile, turned, mirrored or enlarged: those with similar colours are laid over each other in every
 * such way, and what agrees is joined. @returns for each image the position of the first of its group.
 */
export function tissueGroups(looks: readonly TissueLooks[], thresholds: TissueThresholds = TISSUE_THRESHOLDS): number[] {
	const root = looks.map((_, index) => index)
	const rootOf = (index: number): number => {
		let at = index
		while (root[at] !== at) at = root[at] = root[root[at] as number] as number
		return at
	}
	for (const [index, own] of looks.entries()) {
		const agreement = looks.map((other) => dot(own.colours, other.colours))
		agreement[index] = -1
		for (const other of largest(agreement, NEIGHBOURS)) {
			const a = rootOf(index)
			const b = rootOf(other)
			if (a === b) continue
			const least = (agreement[other] as number) >= thresholds.colours ? thresholds.likely : thresholds.same
			if (overlay(own.rings, (looks[other] as TissueLooks).rings, least) >= least) root[Math.max(a, b)] = Math.min(a, b)
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

/** The largest correlation over turns, mirror and enlargement; stops at the first that is enough. */
function overlay(first: Uint8Array, second: Uint8Array, enough: number): number {
	let best = -1
	for (const shift of [0, 1, -1, 2, -2]) {
		if (Math.abs(shift) > SHIFT) continue
		const rings = RINGS - Math.abs(shift)
		const a = centred(first, Math.max(0, shift), rings)
		const b = centred(second, Math.max(0, -shift), rings)
		const scale = Math.sqrt(dot(a, a) * dot(b, b))
		if (scale === 0) continue
		for (const direction of [1, -1]) {
			for (const turn of TURNS) {
				let sum = 0
				for (let point = 0; point < POINTS; point++) {
					const other = (direction * point + turn + POINTS) % POINTS
					for (let ring = 0; ring < rings; ring++) sum += (a[ring * POINTS + point] as number) * (b[ring * POINTS + other] as number)
				}
				best = Math.max(best, sum / scale)
				if (best >= enough) return best
			}
		}
	}
	return best
}

function centred(rings: Uint8Array, from: number, count: number): Float32Array {
	const own = rings.subarray(from * POINTS, (from + count) * POINTS)
	const mean = own.reduce((sum, value) => sum + value, 0) / own.length
	return Float32Array.from(own, (value) => value - mean)
}
