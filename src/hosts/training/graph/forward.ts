import { createGraphBuilder } from '../../../onnx/builder.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import { anySize, constantParameters } from './include.ts'
import { openSession } from './session.ts'

/** A network as it is at inference, with constant weights. */
export interface ForwardSession {
	/** @param input [batch, ...inputDims]. @returns [batch, classes] and [batch, n]. */
	run(input: Float32Array): Promise<{ logits: Float32Array; features: Float32Array }>
	release(): Promise<void>
}

/** @throws Error where the network cannot read inputs of these sizes. */
export async function openForward(network: Network, weights: Weights, batch: number, inputDims: readonly number[], threads: number): Promise<ForwardSession> {
	const build = createGraphBuilder()
	const bind = constantParameters(build, network, weights, new Set(network.parameters.map(({ name }) => name)))
	const dims = [batch, ...inputDims]
	bind.set('input', build.input('input', dims))
	build.include(anySize(network.graph), bind)
	build.output('logits')
	build.output('features')
	const session = await openSession(build.model(), threads)
	return {
		run: (values) => session.run({ input: { values, dims } }, ['logits', 'features']),
		release: () => session.release(),
	}
}
