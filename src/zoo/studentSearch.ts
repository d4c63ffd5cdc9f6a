import { accuracyProxy, MACS_SLOPE, PARAMETERS_SLOPE } from './accuracyProxy.ts'
import { DEPTHS, type Depth, type OfaEncoding, type Width } from './ofa/encoding.ts'
import { choicesAt, classifierCounts, countsOf, DEEPEST, fixedPieces, pieceKey, RESOLUTIONS, STAGE_COUNT, type BlockChoice, type PieceCounts } from './ofa/pieces.ts'

/** Milliseconds of every piece of the search space for one image, by pieceKey. */
export type PieceTimes = ReadonlyMap<string, number>

export interface Student {
	encoding: OfaEncoding
	/** With the wanted number of classes. */
	parameters: number
	macs: number
	/** Predicted milliseconds for one image: the sum of its pieces. */
	latency: number
	/** See accuracyProxy; of the same network with 1000 classes. */
	proxy: number
}

/** Steps that the range of latencies of one width and image size is divided in: of partial networks that end in the same step only the best is followed. */
const STEPS = 600
/** Classes of the networks that the proxy was fitted to. */
const PROXY_CLASSES = 1000

/**
 * Parameters that a multiply-accumulate is worth while partial networks are compared. The proxy's own exchange rate is
 * MACS_SLOPE / PARAMETERS_SLOPE * parameters / macs, with 0.01 to 0.06 parameters for a multiply-accumulate in this space, and infinite beyond the parameters
 * that count; each is tried.
 */
const EXCHANGE_RATES = [0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.3].map((ratio) => (ratio * MACS_SLOPE) / PARAMETERS_SLOPE)

/** A block with what it costs and gives. */
interface Option extends PieceCounts {
	choice: BlockChoice
	latency: number
}

/** A network from the stem to some block: the best that is known for its latency. */
interface Partial extends PieceCounts {
	latency: number
	value: number
	previous: Partial | null
	option: Option | null
	/** Blocks of the stages that are complete, where this ends one. */
	depth: Depth | null
}

/**
 * The best students that are known for every latency, fastest first: each next one is slower and has a better proxy. Dynamic programming over the blocks, for each
 * width, image size and exchange rate; the same times give the same students. Which budget will be asked for plays no part, so a larger budget can never lead
 * to a worse proxy.
 * @throws Error when the time of a piece is missing or not positive
 */
export function searchStudents(times: PieceTimes, classes: number): Student[] {
	const found = RESOLUTIONS.flatMap(({ width, inputSize }) => EXCHANGE_RATES.flatMap((rate) => searchOne(times, width, inputSize, rate, classes)))
	const frontier: Student[] = []
	for (const student of found.toSorted((a, b) => a.latency - b.latency || b.proxy - a.proxy)) {
		if (student.proxy > (frontier.at(-1)?.proxy ?? Number.NEGATIVE_INFINITY)) frontier.push(student)
	}
	return frontier
}

/** The best student within the budget in milliseconds, or null where the fastest is slower. */
export function studentWithin(students: readonly Student[], budget: number): Student | null {
	return students.findLast((student) => student.latency <= budget) ?? null
}

function timeOf(times: PieceTimes, key: string): number {
	const time = times.get(key)
	if (time === undefined || !(time > 0) || !Number.isFinite(time)) throw new Error(`There is no time for "${key}".`)
	return time
}

function searchOne(times: PieceTimes, width: Width, inputSize: number, rate: number, classes: number): Student[] {
	const options = (stage: number, isFirst: boolean) => choicesAt(width, inputSize, stage, isFirst)
		.map((choice): Option => ({ choice, latency: timeOf(times, pieceKey(choice.piece)), ...countsOf(choice.piece) }))
	const places = Array.from({ length: STAGE_COUNT }, (_, stage) => ({ first: options(stage, true), others: options(stage, false) }))
	const longest = places.reduce((sum, { first, others }) => sum + slowest(first) + (DEEPEST - 1) * slowest(others), 0)
	const step = longest / STEPS

	let ends: readonly Partial[] = [{ latency: 0, macs: 0, parameters: 0, value: 0, previous: null, option: null, depth: null }]
	for (const { first, others } of places) {
		const byDepth: Partial[] = []
		let partial = extend(ends, first, rate, step)
		for (let depth = 2; depth <= DEEPEST; depth++) {
			partial = extend(partial, others, rate, step)
			if (isDepth(depth)) byDepth.push(...partial.map((one) => ({ ...one, depth })))
		}
		ends = bestPerStep(byDepth, step)
	}

	const fixed = fixedPieces(width, inputSize).map((piece) => ({ latency: timeOf(times, pieceKey(piece)), ...countsOf(piece) }))
	return ends.map((end) => completed(end, fixed, width, inputSize, classes))
}

function slowest(options: readonly Option[]): number {
	return Math.max(...options.map((option) => option.latency))
}

function isDepth(depth: number): depth is Depth {
	return (DEPTHS as readonly number[]).includes(depth)
}

function extend(partials: readonly Partial[], options: readonly Option[], rate: number, step: number): Partial[] {
	const candidates = partials.flatMap((previous) => options.map((option): Partial => {
		const macs = previous.macs + option.macs
		const parameters = previous.parameters + option.parameters
		return { latency: previous.latency + option.latency, macs, parameters, value: parameters + rate * macs, previous, option, depth: null }
	}))
	return bestPerStep(candidates, step)
}

/** Of several in the same step of latency the one of the highest value, the faster one where two are equal. */
function bestPerStep(partials: readonly Partial[], step: number): Partial[] {
	const best = new Map<number, Partial>()
	for (const partial of partials) {
		const at = Math.floor(partial.latency / step)
		const rival = best.get(at)
		if (!rival || partial.value > rival.value || (partial.value === rival.value && partial.latency < rival.latency)) best.set(at, partial)
	}
	return [...best.values()]
}

function completed(end: Partial, fixed: readonly (PieceCounts & { latency: number })[], width: Width, inputSize: number, classes: number): Student {
	const blocks: Option[] = []
	const depths: Depth[] = []
	for (let partial: Partial | null = end; partial; partial = partial.previous) {
		if (partial.depth !== null) depths.unshift(partial.depth)
		if (partial.option) blocks.unshift(partial.option)
	}
	const total = (of: (part: PieceCounts & { latency: number }) => number) => fixed.reduce((sum, part) => sum + of(part), of(end))
	const [head, proxyHead] = [classes, PROXY_CLASSES].map((count) => classifierCounts(width, count)) as [PieceCounts, PieceCounts]
	const macs = total((part) => part.macs)
	const parameters = total((part) => part.parameters)
	return {
		encoding: { kernels: blocks.map(({ choice }) => choice.kernel), expands: blocks.map(({ choice }) => choice.expand), depths, width, inputSize },
		parameters: parameters + head.parameters,
		macs: macs + head.macs,
		latency: total((part) => part.latency),
		proxy: accuracyProxy(macs + proxyHead.macs, parameters + proxyHead.parameters),
	}
}
