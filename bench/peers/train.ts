/**
 * Full training steps of this program, in a process of their own for bench/train.ts; the same questions and answers as train.py, and beside them
 * {"task": "profile"}: milliseconds of a step by operator. The weights are by formula and nothing is dropped, so that the losses can be compared.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { lossSchema } from '../../src/common/contract/training/loss.ts'
import { optimisationSchema } from '../../src/common/contract/training/optimiser.ts'
import { channelBlock } from '../../src/hosts/training/graph/block.ts'
import { openForward } from '../../src/hosts/training/graph/forward.ts'
import { openTrainingSession } from '../../src/hosts/training/graph/step.ts'
import { buildTrainingGraph, type TrainingGraph } from '../../src/hosts/training/graph/trainingGraph.ts'
import { initialOptimiserState, takeStep } from '../../src/hosts/training/optimise/optimiser.ts'
import { decayingParameters, trainedParameters } from '../../src/hosts/training/optimise/select.ts'
import { writeModel } from '../../src/onnx/model.ts'
import type { Weights } from '../../src/onnx/network.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'
import { formulaImage, formulaWeights } from '../../test/support/formulaWeights.ts'

/** What both sides are asked to train. */
export interface TrainingQuestion {
	network: string
	classes: number
	inputSize: number
	batch: number
	norm: 'batch' | 'frozen'
	threads: number
}

/** As in train.py. */
const LEARNING_RATE = { batch: 1e-3, frozen: 1e-6 }
const PROFILED_STEPS = 3

async function openTraining(question: TrainingQuestion) {
	const { batch, classes, inputSize, threads } = question
	const optimisation = optimisationSchema.parse({
		optimiser: { kind: 'sgd', learningRate: LEARNING_RATE[question.norm], momentum: 0.9, nesterov: true, weightDecay: 3e-5 },
		weightDecayExclusions: { bias: false, normalisation: false },
	})
	const network = buildNetwork(question.network, { classes, inputSize })
	const weights = formulaWeights(network)
	const normalised = network.graph.node.filter((node) => node.opType === 'BatchNormalization').flatMap((node) => node.input)
	const trained = trainedParameters(network.parameters, []).filter(({ name }) => question.norm === 'batch' || !normalised.includes(name))
	const inputDims = [3, inputSize, inputSize]
	const built = buildTrainingGraph(network, {
		batch, inputDims, trained: new Set(trained.map(({ name }) => name)), weights, normalisation: question.norm,
		losses: [lossSchema.parse({ kind: 'cross-entropy' })], task: 'multiclass', teachers: [],
	})
	const graph: TrainingGraph = { ...built, masks: built.masks.map((mask) => ({ ...mask, rate: 0 })) }
	const session = await openTrainingSession(graph, batch, inputDims, threads)
	const state = initialOptimiserState(optimisation.optimiser, trained)
	const decaying = decayingParameters(network.parameters, optimisation.weightDecayExclusions)
	const images = formulaImage(batch, inputSize)
	const target = Float32Array.from({ length: batch * classes }, (_, index) => (index % classes === Math.floor(index / classes) % classes ? 1 : 0))
	const known = new Float32Array(batch * classes).fill(1)
	let pass = 0

	return {
		async step() {
			const started = performance.now()
			const before = process.cpuUsage()
			const { loss, gradients, updates } = await session.run({ images, target, known, teachers: {}, seed: 1, epoch: 0, pass: pass++ }, weights)
			takeStep(optimisation.optimiser, state, trained, weights, gradients, decaying, 1)
			for (const [name, values] of updates) weights.get(name)?.set(values)
			const { user, system } = process.cpuUsage(before)
			return { milliseconds: performance.now() - started, processor: (user + system) / 1000, loss }
		},
		async forward(runs: number) {
			const forward = await openForward(network, weights, batch, inputDims, threads)
			const times: number[] = []
			for (let run = 0; run <= runs; run++) {
				const started = performance.now()
				await forward.run(images)
				if (run > 0) times.push(performance.now() - started)
			}
			await forward.release()
			return { times }
		},
		profile: () => profileOf(graph, weights, { input: new Tensor('float32', images, [batch, ...inputDims]), target: new Tensor('float32', target, [batch, classes]), known: new Tensor('float32', known, [batch, classes]) }, threads),
	}
}

/** Milliseconds of a step and number of nodes by operator, from ONNX Runtime's own profile; the slowest first. */
async function profileOf(graph: TrainingGraph, weights: Weights, feeds: Record<string, Tensor>, threads: number): Promise<{ operators: [operator: string, milliseconds: number, nodes: number][] }> {
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	try {
		const block = await channelBlock()
		// As in hosts/training/graph/session.ts.
		const session = await InferenceSession.create(writeModel(block === null ? graph.model : graph.blockedModel(block)), {
			graphOptimizationLevel: block === null ? 'all' : 'disabled', enableMemPattern: false,
			logSeverityLevel: 3, intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', enableProfiling: true, profileFilePrefix: join(folder, 'profile'),
		})
		const all = { ...feeds }
		for (const { name, dims } of graph.parameters) all[name] = new Tensor('float32', weights.get(name) ?? new Float32Array(), dims)
		for (const { name, dims } of graph.masks) all[name] = new Tensor('float32', new Float32Array(dims.reduce((product, size) => product * size, 1)).fill(1), dims)
		for (let step = 0; step < PROFILED_STEPS; step++) await session.run(all)
		session.endProfiling()
		await session.release()
		const [file = ''] = readdirSync(folder)
		const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { cat: string; name: string; dur: number; args?: { op_name?: string } }[]
		// The least of the steps by node: other work on the machine only ever adds.
		const nodes = new Map<string, { operator: string; least: number }>()
		for (const { cat, name, dur, args } of events) {
			if (cat !== 'Node' || !name.endsWith('_kernel_time') || args?.op_name === undefined) continue
			nodes.set(name, { operator: args.op_name, least: Math.min(dur, nodes.get(name)?.least ?? dur) })
		}
		const operators = Map.groupBy(nodes.values(), ({ operator }) => operator)
		const rows = [...operators].map(([operator, same]): [string, number, number] => [operator, same.reduce((sum, { least }) => sum + least, 0) / 1000, same.length])
		return { operators: rows.toSorted((a, b) => b[1] - a[1]) }
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
}

let training: Awaited<ReturnType<typeof openTraining>> | undefined
for await (const line of createInterface({ input: process.stdin })) {
	const question = JSON.parse(line) as { task: 'load' | 'step' | 'forward' | 'profile' | 'memory'; runs?: number } & TrainingQuestion
	if (question.task === 'load') training = await openTraining(question)
	const answer = question.task === 'load' ? { version: 'ours' }
		: question.task === 'memory' ? { mebibytes: process.resourceUsage().maxRSS / 1024 }
		: question.task === 'forward' ? await training?.forward(question.runs ?? 1)
		: question.task === 'profile' ? await training?.profile()
		: await training?.step()
	process.stdout.write(`${JSON.stringify(answer)}\n`)
}
