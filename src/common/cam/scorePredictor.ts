import { randomStream, type RandomStream } from '../random.ts'
import type { LayerActivations } from './passes.ts'

/**
 * Foretells the scores of masks that have not been tried from those that have: Gaussian-process regression on the masks themselves, which are smooth
 * and have few degrees of freedom. The same process says which masks to try first, and how far its forecasts may be off.
 * docs/explanations.md says how it was chosen and how well it does.
 */
export interface ScorePredictor {
	/** The groups in the order in which they are to be tried: next is always the one whose score tells most of the map. */
	order: readonly number[]
	/** Takes the scores [labels] of the groups, one after the other in this order. */
	learn(scores: ArrayLike<number>): void
	/** Expected scores of a label, one per group. */
	forecasts(label: number): Float64Array
	/**
	 * Drawn from what the process holds possible: how far each group's score may be from its forecast, all of them together, in units of doubt(label).
	 * Always the same draws; they change with what is learnt.
	 */
	draws: readonly Float64Array[]
	/** The deviation of a label's scores that the misses of its forecasts so far speak for; null before enough of them were put to the test. */
	doubt(label: number): number | null
}

const DRAWS = 16

/** Kernel: exp(-NEAR * mean (x - y)^2) + LINEAR * mean xy + LEVEL, on masks of values -0.5..0.5 pooled to at most POOLED_SIDE x POOLED_SIDE. */
const NEAR = 12
const LINEAR = 10
const LEVEL = 1000
const POOLED_SIDE = 7
/** Variance of what the kernel does not explain, where its own is about 1. */
const NOISE = 0.002
/** Scores that are learnt from; more would cost more than they bring. */
const MOST_LEARNT = 128
/** Groups that stand for all where masks are compared with each other: all pairs would cost more than they bring. */
const MOST_COMPARED = 256
/** Forecasts that have been put to the test before it is said how far others may be off. */
const LEAST_TESTED = 16

/**
 * @param groups Channels with the same mask, at least one each; none of them constant.
 * @param labels How many scores each has.
 */
export function createScorePredictor(layer: LayerActivations, groups: readonly (readonly number[])[], labels: number): ScorePredictor {
	const shapes = groups.map((group) => pooledShape(layer, group[0] as number))
	const { order, rows, left } = planOrder(layer, groups, shapes)
	const unexplained = left.map((variance) => Math.sqrt(variance + NOISE))
	const forecasts = Array.from({ length: labels }, () => new Float64Array(groups.length))
	const random = randomStream(1, 'score-cam')
	const draws = Array.from({ length: DRAWS }, () => smoothNumbers(shapes, unexplained, random))
	/** How much of each row is in each draw, as long as it is not learnt. */
	const shares = draws.map((sum) => rows.map((row) => {
		const share = random.normal()
		addTo(sum, row, share)
		return share
	}))
	/** Sum of squared misses of a label's forecasts, each in units of the deviation that the process expected. */
	const squares = new Float64Array(labels)
	let learnt = 0

	return {
		order,
		learn(scores) {
			const group = order[learnt] as number
			const row = rows[learnt]
			const deviation = row?.[group] ?? (unexplained[group] as number)
			for (const [label, expected] of forecasts.entries()) {
				const miss = ((scores[label] as number) - (expected[group] as number)) / deviation
				// The first tells the level of all scores, and nothing of how they differ.
				if (learnt > 0) squares[label] = (squares[label] as number) + miss * miss
				if (row) addTo(expected, row, miss)
			}
			if (row) for (const [draw, sum] of draws.entries()) addTo(sum, row, -(shares[draw]?.[learnt] as number))
			learnt++
		},
		forecasts: (label) => forecasts[label] as Float64Array,
		draws,
		doubt(label) {
			const tested = learnt - 1
			return tested < LEAST_TESTED ? null : Math.sqrt((squares[label] as number) / tested)
		},
	}
}

/**
 * Greedy order of the groups: next is the one whose score explains most of what is uncertain in the sum of all channels, weighed alike, over its pixels
 * together. Scores enter by a Cholesky decomposition with pivots of the kernel matrix. Beyond MOST_LEARNT the groups follow by energy (sum of squares).
 * @returns rows: of the factor, one per pivot, with a value for each group; left: each group's variance after all pivots.
 */
function planOrder(layer: LayerActivations, groups: readonly (readonly number[])[], shapes: readonly Float64Array[]): { order: number[]; rows: Float64Array[]; left: Float64Array } {
	const energy = Float64Array.from(groups, (group) => group.length * energyOf(layer, group[0] as number))
	const left = Float64Array.from(shapes, (shape) => kernel(shape, shape))
	const rows: Float64Array[] = []
	const order: number[] = []
	const waiting = new Set(groups.keys())
	let shared = new Float64Array()
	while (rows.length < Math.min(MOST_LEARNT, groups.length)) {
		const pivot = rows.length === 0 ? largestOf(waiting, (group) => energy[group] as number) : largestOf(waiting, (group) => squaresOf(shared, group, layer) / ((left[group] as number) + NOISE))
		waiting.delete(pivot)
		order.push(pivot)
		const deviation = Math.sqrt((left[pivot] as number) + NOISE)
		const shape = shapes[pivot] as Float64Array
		const row = new Float64Array(groups.length)
		for (const [group, other] of shapes.entries()) row[group] = kernel(shape, other)
		for (const above of rows) addTo(row, above, -(above[pivot] as number))
		for (let group = 0; group < row.length; group++) {
			const value = (row[group] as number) / deviation
			row[group] = value
			left[group] = Math.max((left[group] as number) - value * value, 0)
		}
		// The first score tells the level of all, which no map depends on: what is uncertain in the sum is taken from there on.
		if (rows.length === 0) shared = sharedWithSum(layer, groups, shapes, row)
		else explain(shared, row, pivot, deviation, layer.height * layer.width)
		row[pivot] = deviation
		rows.push(row)
	}
	return { order: [...order, ...[...waiting].toSorted((a, b) => (energy[b] as number) - (energy[a] as number))], rows, left }
}

/** Covariance of each group's score with the sum of all channels, groups x pixels, when the scores of one row are known; the sum stands on MOST_COMPARED of the groups. */
function sharedWithSum(layer: LayerActivations, groups: readonly (readonly number[])[], shapes: readonly Float64Array[], row: Float64Array): Float64Array<ArrayBuffer> {
	const size = layer.height * layer.width
	const shared = new Float64Array(groups.length * size)
	const compared = Math.min(MOST_COMPARED, groups.length)
	for (let index = 0; index < compared; index++) {
		const other = Math.floor(((index + 0.5) * groups.length) / compared)
		const channels = groups[other] as readonly number[]
		const activations = channelOf(layer, channels[0] as number)
		for (const [group, shape] of shapes.entries()) {
			const covariance = channels.length * (kernel(shape, shapes[other] as Float64Array) - (row[group] as number) * (row[other] as number))
			const start = group * size
			for (let pixel = 0; pixel < size; pixel++) shared[start + pixel] = (shared[start + pixel] as number) + covariance * (activations[pixel] as number)
		}
	}
	return shared
}

/** What is left of these covariances when the score of the pivot is known, too. */
function explain(shared: Float64Array, row: Float64Array, pivot: number, deviation: number, size: number): void {
	const known = shared.slice(pivot * size, (pivot + 1) * size)
	for (const [group, value] of row.entries()) {
		const factor = value / deviation
		const start = group * size
		for (let pixel = 0; pixel < size; pixel++) shared[start + pixel] = (shared[start + pixel] as number) - factor * (known[pixel] as number)
	}
}

function squaresOf(shared: Float64Array, group: number, { height, width }: LayerActivations): number {
	let sum = 0
	for (let index = group * height * width; index < (group + 1) * height * width; index++) sum += (shared[index] as number) ** 2
	return sum
}

function largestOf(groups: Iterable<number>, valueOf: (group: number) => number): number {
	let largest = -1
	let most = Number.NEGATIVE_INFINITY
	for (const group of groups) {
		const value = valueOf(group)
		if (value <= most) continue
		most = value
		largest = group
	}
	return largest
}

/**
 * A random number of the given deviation for each mask, alike for masks that are alike: one random wave (Rahimi and Recht 2007) of the kernel's first part. What the
 * kernel leaves unexplained is a function of the mask too; drawn one by one its misses would cancel each other in the map, which those of a network do not.
 */
function smoothNumbers(shapes: readonly Float64Array[], deviations: Float64Array, random: RandomStream): Float64Array {
	const cells = shapes[0]?.length ?? 0
	const direction = new Float64Array(cells).map(() => Math.sqrt((2 * NEAR) / cells) * random.normal())
	const phase = 2 * Math.PI * random.uniform()
	return deviations.map((deviation, group) => deviation * Math.SQRT2 * Math.cos(phase + dot(direction, shapes[group] as Float64Array)))
}

function addTo(sum: Float64Array, row: Float64Array, factor: number): void {
	for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] as number) + factor * (row[index] as number)
}

function dot(first: Float64Array, second: Float64Array): number {
	let sum = 0
	for (let index = 0; index < first.length; index++) sum += (first[index] as number) * (second[index] as number)
	return sum
}

function kernel(first: Float64Array, second: Float64Array): number {
	let distance = 0
	let product = 0
	for (let index = 0; index < first.length; index++) {
		const a = first[index] as number
		const b = second[index] as number
		distance += (a - b) ** 2
		product += a * b
	}
	return Math.exp((-NEAR * distance) / first.length) + (LINEAR * product) / first.length + LEVEL
}

function channelOf({ values, width, height }: LayerActivations, channel: number): Float32Array {
	return values.subarray(channel * width * height, (channel + 1) * width * height)
}

function energyOf(layer: LayerActivations, channel: number): number {
	return channelOf(layer, channel).reduce((sum, value) => sum + value * value, 0)
}

/** A channel stretched from its smallest to its largest value to -0.5..0.5 and averaged in blocks. */
function pooledShape(layer: LayerActivations, channel: number): Float64Array {
	const { width, height } = layer
	const own = channelOf(layer, channel)
	const low = own.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
	const range = own.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) - low
	const columns = Math.min(width, POOLED_SIDE)
	const rows = Math.min(height, POOLED_SIDE)
	const sums = new Float64Array(rows * columns)
	const counts = new Float64Array(rows * columns)
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			const block = Math.floor((row * rows) / height) * columns + Math.floor((column * columns) / width)
			sums[block] = (sums[block] as number) + ((own[row * width + column] as number) - low) / range
			counts[block] = (counts[block] as number) + 1
		}
	}
	return sums.map((sum, block) => sum / (counts[block] as number) - 0.5)
}
