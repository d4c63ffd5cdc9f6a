import { InferenceSession, Tensor } from 'onnxruntime-node'
import { optimiserSchema, type OptimiserRecipe } from '../src/common/contract/training/optimiser.ts'
import { initialOptimiserState, takeStep } from '../src/hosts/training/optimise/optimiser.ts'
import { trainedParameters } from '../src/hosts/training/optimise/select.ts'
import { createGraphBuilder } from '../src/onnx/builder.ts'
import { add, divide, multiply, scale, subtract } from '../src/onnx/differentiate/arithmetic.ts'
import { writeModel } from '../src/onnx/model.ts'
import type { Parameter, Weights } from '../src/onnx/network.ts'
import { buildNetwork } from '../src/zoo/networks.ts'
import { compare, type BenchRow, type Say } from './harness/compare.ts'

const CLASSES = 3

/** Numbers of about the size of weights and gradients; what they are does not matter to the time. */
function filled(parameters: readonly Parameter[]): Weights {
	return new Map(parameters.map(({ name, dims }) => [name, Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, (_, index) => ((index % 97) - 48) / 1000)]))
}

/** The same arithmetic as nodes of a graph: one node per operation and parameter, everything in and out. AdamW without its correction of the first steps. */
async function graphStep(recipe: OptimiserRecipe, parameters: readonly Parameter[]): Promise<() => Promise<unknown>> {
	const build = createGraphBuilder(), feeds: Record<string, Tensor> = {}
	const values = filled(parameters)
	for (const { name, dims } of parameters) {
		const input = (kind: string): string => {
			feeds[`${kind}/${name}`] = new Tensor('float32', (values.get(name) ?? new Float32Array()).slice(), dims)
			return build.input(`${kind}/${name}`, dims)
		}
		const weight = input('weight'), gradient = input('gradient')
		if (recipe.kind === 'sgd') {
			const slope = add(build, gradient, scale(build, weight, recipe.weightDecay))
			const speed = add(build, scale(build, input('momentum'), recipe.momentum), slope)
			build.output(speed)
			build.output(subtract(build, weight, scale(build, add(build, slope, scale(build, speed, recipe.momentum)), recipe.learningRate)))
		} else {
			const mean = add(build, scale(build, input('mean'), recipe.beta1), scale(build, gradient, 1 - recipe.beta1))
			const square = add(build, scale(build, input('square'), recipe.beta2), scale(build, multiply(build, gradient, gradient), 1 - recipe.beta2))
			build.output(mean)
			build.output(square)
			const move = divide(build, scale(build, mean, recipe.learningRate), add(build, build.node('Sqrt', [build.node('Relu', [square])]), build.scalar(recipe.epsilon)))
			build.output(subtract(build, scale(build, weight, 1 - recipe.learningRate * recipe.weightDecay), move))
		}
	}
	const session = await InferenceSession.create(writeModel(build.model()), { logSeverityLevel: 3, intraOpNumThreads: 1 })
	return async () => session.run(feeds)
}

/** Milliseconds of processor that some work takes, which other programs change less than the time on the clock. */
async function processorTime(work: () => unknown): Promise<number> {
	const before = process.cpuUsage()
	await work()
	const { user, system } = process.cpuUsage(before)
	return (user + system) / 1000
}

/** One step of the optimiser over all weights of OFA-595: our loops against the same arithmetic in ONNX Runtime, each on one thread. */
export async function optimiser(say: Say): Promise<BenchRow[]> {
	const parameters = trainedParameters(buildNetwork('ofa-595', { classes: CLASSES }).parameters, [])
	const rows: BenchRow[] = []
	for (const recipe of [optimiserSchema.parse({ kind: 'sgd', learningRate: 0.01 }), optimiserSchema.parse({ kind: 'adamw', learningRate: 0.001 })]) {
		const weights = filled(parameters), gradients = filled(parameters), decaying = new Set(parameters.map(({ name }) => name))
		const state = initialOptimiserState(recipe, parameters)
		say(`${recipe.kind}: ${String([...weights.values()].reduce((sum, values) => sum + values.length, 0))} weights in ${String(parameters.length)} parameters`)
		const inGraph = await graphStep(recipe, parameters)
		rows.push(await compare(`${recipe.kind}, one step`, {
			ours: () => processorTime(() => takeStep(recipe, state, parameters, weights, gradients, decaying, 1)),
			reference: () => processorTime(inGraph),
		}, { unit: 'CPU ms' }))
	}
	return rows
}
