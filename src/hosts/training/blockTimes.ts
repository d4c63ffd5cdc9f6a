import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { z } from 'zod'
import { makeModel, writeModel, type Graph } from '../../onnx/model.ts'
import { OPERATOR_SET, type Parameter, type ParameterRole } from '../../onnx/network.ts'
import { weightTensor } from '../../onnx/tensor.ts'
import { startLayers } from '../../zoo/layers.ts'
import { addBlock, addStem, addTail } from '../../zoo/ofa/blocks.ts'
import { EEEA_NET_C2, fixedChannels, OFA_595, type Depth, type Expand, type Kernel, type OfaEncoding, type Width } from '../../zoo/ofa/encoding.ts'
import { buildOfaNetwork } from '../../zoo/ofa/network.ts'
import { allPieces, pieceKey, piecesOf, type Piece } from '../../zoo/ofa/pieces.ts'
import type { PieceTimes } from '../../zoo/studentSearch.ts'
import { writeDurably } from './runs/durable.ts'

/** As the inference host opens packs, so that a student is as fast at the desk as here. */
const OPTIONS: InferenceSession.SessionOptions = { executionProviders: ['cpu'], logSeverityLevel: 3 }
const WARM_UP = 3
const RUNS = 17
/** Whatever else the machine does only ever makes a run slower, which would not add up: pieces and what they are held against are taken at their lower quartile. */
const UNDISTURBED = 0.25
const MEDIAN = 0.5

/** Called before each of the measurements. @throws what stops them */
export type Progress = (done: number, total: number) => void

const cacheSchema = z.strictObject({
	version: z.literal(1),
	/** Name of the processor, its threads and the runtime: times of another are not used. */
	machine: z.string(),
	/** Milliseconds by pieceKey, corrected. */
	times: z.record(z.string(), z.number().positive()),
})

function machineName(): string {
	return `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads, onnxruntime ${env.versions.node ?? 'unknown'}`
}

/**
 * Times of all pieces of the OFA space on this machine: from the file where it has them, measured and written otherwise (half a minute to some minutes).
 * @throws UserError when the file cannot be written
 */
export async function blockTimes(file: string, progress: Progress): Promise<PieceTimes> {
	const kept = readCache(file)
	if (kept) return kept
	const times = await measurePieces(allPieces(), REFERENCES, progress)
	writeDurably(file, [Buffer.from(JSON.stringify({ version: 1, machine: machineName(), times: Object.fromEntries(times) }))])
	return times
}

/** Null where the file is not there, damaged, of another machine or lacks a piece: it is measured again. */
function readCache(file: string): PieceTimes | null {
	try {
		const cache = cacheSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
		const times = new Map(Object.entries(cache.times))
		return cache.machine === machineName() && allPieces().every((piece) => times.has(pieceKey(piece))) ? times : null
	} catch {
		return null
	}
}

function uniform(depth: Depth, kernel: Kernel, expand: Expand, width: Width, inputSize: number): OfaEncoding {
	const depths = Array.from({ length: 5 }, () => depth)
	const blocks = Array.from({ length: 5 * depth })
	return { depths, kernels: blocks.map(() => kernel), expands: blocks.map(() => expand), width, inputSize }
}

/** Whole networks that the sum of pieces is held against, from the smallest to the largest. */
const REFERENCES: readonly OfaEncoding[] = [
	uniform(2, 3, 3, 1, 128), uniform(2, 7, 6, 1, 192), { ...EEEA_NET_C2, inputSize: 192 }, uniform(2, 3, 3, 1.2, 224), OFA_595, uniform(4, 7, 6, 1.2, 224),
]

/**
 * Time of each piece alone, then corrected by whole networks: a piece alone also pays for the call and for bringing its input and output into the layout
 * that the runtime computes in. The correction is one factor and one amount per piece, by least squares.
 */
export async function measurePieces(pieces: readonly Piece[], references: readonly OfaEncoding[], progress: Progress): Promise<PieceTimes> {
	const total = pieces.length + references.length
	const alone = new Map<string, number>()
	for (const piece of pieces) {
		progress(alone.size, total)
		alone.set(pieceKey(piece), await measurePiece(piece))
	}
	const whole: { sum: number; count: number; measured: number }[] = []
	for (const encoding of references) {
		progress(alone.size + whole.length, total)
		const parts = piecesOf(encoding).map((piece) => alone.get(pieceKey(piece)) ?? Number.NaN)
		whole.push({ sum: parts.reduce((sum, time) => sum + time, 0), count: parts.length, measured: await measureEncoding(encoding, 3, UNDISTURBED) })
	}
	const { factor, amount } = correction(whole)
	// No piece becomes free, however much of its time the correction takes away.
	return new Map([...alone].map(([key, time]) => [key, Math.max(0.1 * time, factor * time - amount)]))
}

/** Least squares of measured = factor * sum - amount * count, each network weighted by its time. */
function correction(whole: readonly { sum: number; count: number; measured: number }[]): { factor: number; amount: number } {
	let [xx, xy, yy, xt, yt] = [0, 0, 0, 0, 0]
	for (const { sum, count, measured } of whole) {
		const [x, y] = [sum / measured, -count / measured]
		xx += x * x
		xy += x * y
		yy += y * y
		xt += x
		yt += y
	}
	const determinant = xx * yy - xy * xy
	const factor = (xt * yy - yt * xy) / determinant
	const amount = (yt * xx - xt * xy) / determinant
	// Too few or too similar networks for two unknowns: a factor alone.
	return Number.isFinite(factor) && factor > 0 && amount >= 0 ? { factor, amount } : { factor: xx > 0 ? xt / xx : 1, amount: 0 }
}

async function measurePiece(piece: Piece): Promise<number> {
	const layers = startLayers()
	const channels = piece.kind === 'stem' ? 3 : piece.kind === 'tail' ? (fixedChannels(piece.width).stages.at(-1) ?? 0) : piece.block.inputs
	const input = layers.build.input('input', [1, channels, piece.size, piece.size])
	layers.build.output(addPiece(layers, input, piece))
	return measureGraph(layers.build.graph, layers.parameters, [1, channels, piece.size, piece.size], UNDISTURBED)
}

function addPiece(layers: ReturnType<typeof startLayers>, input: string, piece: Piece): string {
	switch (piece.kind) {
		case 'stem': return addStem(layers, input, piece.width)
		case 'block': return addBlock(layers, 'block', input, piece.block)
		case 'tail':
			addTail(layers, input, piece.width)
			return 'features'
	}
}

/** Milliseconds of a whole sub-network for one image, the median of the runs unless another quantile is asked for. @throws Error when the encoding is not one of the search space. */
export async function measureEncoding(encoding: OfaEncoding, classes: number, quantile = MEDIAN): Promise<number> {
	const { inputSize } = encoding
	const network = buildOfaNetwork(encoding, { name: 'student', title: 'Student', dropout: 0, classes, inputSize })
	const graph = { ...network.graph, output: network.graph.output.filter((output) => output.name === 'logits') }
	return measureGraph(graph, network.parameters, [1, 3, inputSize, inputSize], quantile)
}

/** Values that keep activations far from zero and from overflow: arithmetic on very small numbers is slow. */
const FILL: Record<ParameterRole, number> = { weight: 0.01, bias: 0, normScale: 1, normShift: 0.5, runningMean: 0, runningVariance: 1, position: 0 }

async function measureGraph(graph: Graph, parameters: readonly Parameter[], inputDims: readonly number[], quantile: number): Promise<number> {
	const constants = parameters.map(({ name, dims, role }) => weightTensor(name, dims, new Float32Array(product(dims)).fill(FILL[role])))
	const inputs = graph.input.filter((input) => input.name === 'input')
	const session = await InferenceSession.create(writeModel(makeModel({ ...graph, input: inputs, initializer: [...graph.initializer, ...constants] }, OPERATOR_SET)), OPTIONS)
	try {
		const feeds = { input: new Tensor('float32', new Float32Array(product(inputDims)).fill(0.5), inputDims) }
		const times: number[] = []
		for (let run = 0; run < WARM_UP + RUNS; run++) {
			const start = performance.now()
			await session.run(feeds)
			if (run >= WARM_UP) times.push(performance.now() - start)
		}
		return times.toSorted((a, b) => a - b)[Math.floor(quantile * (RUNS - 1))] ?? Number.NaN
	} finally {
		await session.release()
	}
}

function product(dims: readonly number[]): number {
	return dims.reduce((all, size) => all * size, 1)
}
