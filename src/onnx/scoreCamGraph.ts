import type { MaskDefinition } from '../common/cam/definitions.ts'
import { ancestorsOf, operatorSetVersion } from './graph.ts'
import {
	float32Tensor, float32Value, int64Tensor, intAttribute, intsAttribute, makeNode, stringAttribute,
	type Graph, type GraphNode, type Model,
} from './model.ts'

/** Names in the graph that buildScoreCamGraph makes. */
export const SCORE_CAM = { image: 'scorecam/image', activations: 'scorecam/activations' } as const

export interface ClassifierShape {
	/** Names of the classifier's input and output. */
	input: string
	logits: string
	height: number
	width: number
	classes: number
}

/**
 * The inner loop of Score-CAM as one graph: a batch of raw activation channels in, the classifier's logits on the image under each channel's mask out.
 *
 * Inputs: SCORE_CAM.image [1, 3, height, width], the normalised tensor; SCORE_CAM.activations [B, 1, h, w], any h and w.
 * Output: the classifier's logits [B, classes].
 * mask = (U - min U) / (max U - min U + epsilon) for U the bilinear upsampling of a channel, or the upsampling of the same of the channel itself, as the
 * definition says; a channel whose values are all equal gives the mask 0. The classifier's weights stay constants, so that ONNX Runtime may block their layout.
 * @throws Error when the operator set is older than 13 or the model already uses these names.
 */
export function buildScoreCamGraph(model: Model & { graph: Graph }, classifier: ClassifierShape, mask: MaskDefinition): Model {
	const version = operatorSetVersion(model)
	if (version < 13) throw new Error('A class activation map needs a graph of operator set 13 or newer.')
	const { nodes, initializers } = ancestorsOf(model.graph, [classifier.logits])
	if (nodes.some((node) => [...node.input, ...node.output].some((name) => name.startsWith('scorecam/')))) {
		throw new Error('The graph already has a part for class activation maps.')
	}
	const batch = 'scorecam/batch'
	const masks = mask.stretched === 'after upsampling'
		? [...resizeNodes(SCORE_CAM.activations, 'scorecam/upsampled', mask), ...stretchNodes('scorecam/upsampled', 'scorecam/mask', version)]
		: [...stretchNodes(SCORE_CAM.activations, 'scorecam/stretched', version), ...resizeNodes('scorecam/stretched', 'scorecam/mask', mask)]
	const graph: Graph = {
		...model.graph,
		name: 'score-cam',
		node: [...masks, makeNode('Mul', [SCORE_CAM.image, 'scorecam/mask'], [classifier.input]), ...nodes],
		initializer: [
			...initializers,
			int64Tensor('scorecam/size', [classifier.height, classifier.width]),
			int64Tensor('scorecam/zero', [0]),
			int64Tensor('scorecam/two', [2]),
			...(version >= 18 ? [int64Tensor('scorecam/planeAxes', [2, 3])] : []),
			float32Tensor('scorecam/infinity', [], [Number.POSITIVE_INFINITY]),
			float32Tensor('scorecam/epsilon', [], [mask.epsilon]),
		],
		input: [
			float32Value(SCORE_CAM.image, [1, 3, classifier.height, classifier.width]),
			float32Value(SCORE_CAM.activations, [batch, 1, 'scorecam/layerHeight', 'scorecam/layerWidth']),
		],
		output: [float32Value(classifier.logits, [batch, classifier.classes])],
		valueInfo: [],
	}
	return { ...model, graph }
}

/** Planes [B, 1, h, w] to the size of the image. */
function resizeNodes(input: string, output: string, { coordinates }: MaskDefinition): GraphNode[] {
	return [
		makeNode('Shape', [input], ['scorecam/shape']),
		makeNode('Slice', ['scorecam/shape', 'scorecam/zero', 'scorecam/two'], ['scorecam/leading']),
		makeNode('Concat', ['scorecam/leading', 'scorecam/size'], ['scorecam/target'], [intAttribute('axis', 0)]),
		makeNode('Resize', [input, '', '', 'scorecam/target'], [output], [stringAttribute('mode', 'linear'), stringAttribute('coordinate_transformation_mode', coordinates)]),
	]
}

/** Each plane to 0..1. */
function stretchNodes(input: string, output: string, version: number): GraphNode[] {
	const { activations } = SCORE_CAM
	return [
		planeExtreme('ReduceMin', activations, 'scorecam/rawMinimum', version),
		planeExtreme('ReduceMax', activations, 'scorecam/rawMaximum', version),
		planeExtreme('ReduceMin', input, 'scorecam/minimum', version),
		planeExtreme('ReduceMax', input, 'scorecam/maximum', version),
		// A constant channel is recognised before the upsampling, whose rounding could give it a range of its own.
		// Dividing by infinity makes its mask exactly 0, where 0 / 0 would be no number.
		makeNode('Greater', ['scorecam/rawMaximum', 'scorecam/rawMinimum'], ['scorecam/rawVaries']),
		makeNode('Greater', ['scorecam/maximum', 'scorecam/minimum'], ['scorecam/planeVaries']),
		makeNode('And', ['scorecam/rawVaries', 'scorecam/planeVaries'], ['scorecam/varies']),
		makeNode('Sub', ['scorecam/maximum', 'scorecam/minimum'], ['scorecam/range']),
		makeNode('Add', ['scorecam/range', 'scorecam/epsilon'], ['scorecam/widened']),
		makeNode('Where', ['scorecam/varies', 'scorecam/widened', 'scorecam/infinity'], ['scorecam/divisor']),
		makeNode('Sub', [input, 'scorecam/minimum'], ['scorecam/above']),
		makeNode('Div', ['scorecam/above', 'scorecam/divisor'], [output]),
	]
}

/** Smallest or largest value of each plane of [B, 1, h, w]; the axes are an attribute before operator set 18 and an input from then on. */
function planeExtreme(operator: 'ReduceMin' | 'ReduceMax', input: string, output: string, version: number): GraphNode {
	return version >= 18
		? makeNode(operator, [input, 'scorecam/planeAxes'], [output], [intAttribute('keepdims', 1)])
		: makeNode(operator, [input], [output], [intsAttribute('axes', [2, 3]), intAttribute('keepdims', 1)])
}
