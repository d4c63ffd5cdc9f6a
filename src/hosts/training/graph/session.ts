import { InferenceSession, Tensor } from 'onnxruntime-node'
import { hasBlockedOperators } from '../../../onnx/blocked/probe.ts'
import { writeModel, type Model } from '../../../onnx/model.ts'

/** A value for an input: float32, in row-major order. */
export interface Feed {
	values: Float32Array
	dims: readonly number[]
}

/** A graph in ONNX Runtime. */
export interface GraphSession {
	/** @returns the wanted outputs, each in an array of its own. @throws Error of the runtime. */
	run<Name extends string>(feeds: Readonly<Record<string, Feed>>, outputs: readonly Name[]): Promise<Record<Name, Float32Array>>
	release(): Promise<void>
}

/** The runtime wants names of nodes to differ; those of a graph that was put together from several need not. Names of outputs do. */
function withOwnNames(model: Model): Model {
	return { ...model, graph: model.graph && { ...model.graph, node: model.graph.node.map((node) => ({ ...node, name: node.output.find((output) => output !== '') })) } }
}

/**
 * @param threads of the compute. The same number gives the same sums in the same order.
 * @throws Error when ONNX Runtime does not take the graph.
 */
export async function openSession(model: Model, threads: number): Promise<GraphSession> {
	const session = await InferenceSession.create(writeModel(withOwnNames(model)), {
		// Blocked operators take no further rewriting: it would undo what the lowering did.
		graphOptimizationLevel: hasBlockedOperators(model) ? 'disabled' : 'all',
		executionProviders: ['cpu'], logSeverityLevel: 3, intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential',
		// The pattern plans one block for all tensors of a run: a third more memory than the arena alone, and no faster.
		enableMemPattern: false,
	})
	return {
		async run(feeds, outputs) {
			const tensors = Object.fromEntries(Object.entries(feeds).map(([name, { values, dims }]) => [name, new Tensor('float32', values, dims)]))
			const results = await session.run(tensors, [...outputs])
			const checked: Record<string, Float32Array> = {}
			for (const name of outputs) {
				const data = results[name]?.data
				if (!(data instanceof Float32Array)) throw new Error(`The output "${name}" of the graph is not float32.`)
				checked[name] = data
			}
			return checked
		},
		release: () => session.release(),
	}
}
