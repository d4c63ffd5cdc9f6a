import { float32Value, makeGraph, makeModel, makeNode, makeValue, type Model } from '../model.ts'
import { OPERATOR_SET } from '../network.ts'
import { DOMAIN } from './lowering.ts'

/**
 * A graph that tells the size of a block of channels: its output `blocked`, for an `input` [1, 4, 1, 1], has so many channels. ONNX Runtime refuses it on a processor
 * for which it has no blocked operators.
 */
export function blockProbe(): Model {
	const graph = {
		...makeGraph('probe'), input: [float32Value('input', [1, 4, 1, 1])], output: [makeValue('blocked')],
		node: [{ ...makeNode('ReorderInput', ['input'], ['blocked']), domain: DOMAIN }],
	}
	return makeModel(graph, OPERATOR_SET, [DOMAIN])
}

/** Whether a model has operators on blocked channels; it must be loaded as it stands then. */
export function hasBlockedOperators(model: Model): boolean {
	return model.opsetImport.some(({ domain }) => domain === DOMAIN)
}
