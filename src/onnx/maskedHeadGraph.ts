import { float32Value, makeNode, type Graph, type Model } from './model.ts'
import { cutAt } from './surgery/cut.ts'

/** Names in the graph that buildMaskedHeadGraph makes. */
export const MASKED_HEAD = { activations: 'masked-head/activations', masks: 'masked-head/masks' } as const

export interface HeadShape {
	/** Names of the layer's tensor [1, channels, height, width] and of the classifier's output. */
	layer: string
	logits: string
	channels: number
	height: number
	width: number
	classes: number
}

/**
 * The part of a classifier behind one of its layers, run on the layer's activations under masks of the layer's own size.
 *
 * Inputs: MASKED_HEAD.activations [1, channels, height, width]; MASKED_HEAD.masks [B, 1, height, width]. Output: the logits [B, classes].
 * @returns null where the logits do not follow from this layer alone.
 * @throws Error when the model already uses these names.
 */
export function buildMaskedHeadGraph(model: Model & { graph: Graph }, { layer, logits, channels, height, width, classes }: HeadShape): Model | null {
	const head = cutAt(model.graph, layer, logits)
	if (!head) return null
	const { activations, masks } = MASKED_HEAD
	if (head.nodes.some((node) => [...node.input, ...node.output].some((name) => name === activations || name === masks))) throw new Error('The graph already has a part for masks on its layers.')
	const batch = 'masked-head/batch'
	return {
		...model,
		graph: {
			...model.graph,
			name: 'masked-head',
			node: [makeNode('Mul', [activations, masks], [layer]), ...head.nodes],
			initializer: head.initializers,
			input: [float32Value(activations, [1, channels, height, width]), float32Value(masks, [batch, 1, height, width])],
			output: [float32Value(logits, [batch, classes])],
			valueInfo: [],
		},
	}
}
