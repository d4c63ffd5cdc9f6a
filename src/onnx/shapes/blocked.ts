import { intOf } from '../attributes.ts'
import { convolutionRules } from './convolution.ts'
import { given, tensorFacts, type ShapeRule } from './rule.ts'

/** Only taken for channels that fill their blocks, so that the sizes stay. */
const reorderInput: ShapeRule = (call) => [tensorFacts(given(call, 0).dataType, given(call, 0).dims)]

const reorderOutput: ShapeRule = (call) => {
	const { dims, dataType } = given(call, 0)
	const [batch = 0, , ...spatial] = dims
	const channels = intOf(call.node, 'channels', 0)
	return [tensorFacts(dataType, intOf(call.node, 'channels_last', 0) === 1 ? [batch, ...spatial, channels] : [batch, channels, ...spatial])]
}

/** ONNX Runtime's operators on tensors whose channels lie in blocks; a tensor's sizes are written as those of [N, C, height, width]. */
export const blockedRules: Record<string, ShapeRule> = {
	'com.microsoft.nchwc:ReorderInput': reorderInput,
	'com.microsoft.nchwc:ReorderOutput': reorderOutput,
	...Object.fromEntries(['Conv', 'GlobalAveragePool'].flatMap((name) => {
		const rule = convolutionRules[name]
		return rule ? [[`com.microsoft.nchwc:${name}`, rule]] : []
	})),
}
