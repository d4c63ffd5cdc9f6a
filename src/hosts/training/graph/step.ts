import { lossFactor } from '../../../common/contract/training/loss.ts'
import { randomStream } from '../../../common/random.ts'
import type { Weights } from '../../../onnx/network.ts'
import { channelBlock } from './block.ts'
import { openSession, type Feed } from './session.ts'
import type { TrainingGraph } from './trainingGraph.ts'

/** One pass through a training graph. */
export interface Pass {
	/** [batch, ...inputDims] */
	images: Float32Array
	/** [batch, classes], or masks [batch, 1, side, side]. */
	target: Float32Array
	known: Float32Array
	/** By name of the graph's input. */
	teachers: Readonly<Record<string, Float32Array>>
	/** Of the run; dropout is drawn from it. */
	seed: number
	/** From 0. */
	epoch: number
	/** Number of the pass within the run: with accumulation a step has several. */
	pass: number
}

export interface PassResult {
	loss: number
	/** By name of the loss, before its weight. */
	parts: Record<string, number>
	/** As the target. */
	logits: Float32Array
	gradients: Weights
	/** New values of the running statistics. */
	updates: Weights
}

export interface TrainingSession {
	run(pass: Pass, weights: Weights): Promise<PassResult>
	release(): Promise<void>
}

/** 0 with probability `rate`, otherwise 1 / (1 - rate) so that the mean stays. */
function dropoutMask(seed: number, name: string, pass: number, rate: number, length: number): Float32Array {
	const random = randomStream(seed, `dropout/${name}`, pass)
	const kept = 1 / (1 - rate)
	return Float32Array.from({ length }, () => (random.uniform() < rate ? 0 : kept))
}

const count = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1)

/** @param batch and inputDims as the graph was built with. @throws Error when ONNX Runtime does not take the graph. */
export async function openTrainingSession(graph: TrainingGraph, batch: number, inputDims: readonly number[], threads: number): Promise<TrainingSession> {
	const block = await channelBlock()
	const session = await openSession(block === null ? graph.model : graph.blockedModel(block), threads)
	const outputs = [...new Set([graph.loss, ...graph.parts.values(), graph.logits, ...graph.gradients.values(), ...graph.updates.values()])]
	return {
		async run(pass, weights) {
			const feeds: Record<string, Feed> = {
				input: { values: pass.images, dims: [batch, ...inputDims] },
				target: { values: pass.target, dims: graph.targetDims },
				known: { values: pass.known, dims: graph.targetDims },
			}
			for (const { name, dims } of graph.parameters) {
				const values = weights.get(name)
				if (!values) throw new Error(`The parameter "${name}" has no values.`)
				feeds[name] = { values, dims }
			}
			for (const { name, dims } of graph.teacherInputs.flat()) {
				const values = pass.teachers[name]
				if (!values) throw new Error(`There are no values for "${name}".`)
				feeds[name] = { values, dims }
			}
			for (const { name, dims, rate } of graph.masks) feeds[name] = { values: dropoutMask(pass.seed, name, pass.pass, rate, count(dims)), dims }
			for (const [name, recipe] of graph.factors) feeds[name] = { values: Float32Array.of(lossFactor(recipe, pass.epoch + 1)), dims: [] }
			const results = await session.run(feeds, outputs)
			const values = (name: string) => results[name] ?? new Float32Array()
			const byName = (names: ReadonlyMap<string, string>): Weights => new Map([...names].map(([name, tensor]) => [name, values(tensor)]))
			return {
				loss: values(graph.loss)[0] ?? Number.NaN,
				parts: Object.fromEntries([...graph.parts].map(([name, tensor]) => [name, values(tensor)[0] ?? Number.NaN])),
				logits: values(graph.logits),
				gradients: byName(graph.gradients),
				updates: byName(graph.updates),
			}
		},
		release: () => session.release(),
	}
}
