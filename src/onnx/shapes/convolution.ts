import { intOf, intsOf, stringOf } from '../attributes.ts'
import { DATA_TYPE, type GraphNode } from '../model.ts'
import { given, tensorFacts, type OperatorCall, type ShapeRule } from './rule.ts'

/** How a window moves over the spatial axes of [N, C, ...spatial]. */
interface Window {
	kernel: number[]
	strides: number[]
	dilations: number[]
	/** All at the start of the axes, then all at their end. */
	pads: number[]
	automatic: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER'
	roundUp: boolean
}

function listOf(node: GraphNode, name: string, length: number, absent: number): number[] {
	const values = intsOf(node, name, null)
	if (!values || values.length === 0) return Array.from({ length }, () => absent)
	if (values.length !== length) throw new Error(`its attribute ${name} has ${values.length} values instead of ${length}`)
	return values
}

function windowOf(node: GraphNode, kernel: number[]): Window {
	const axes = kernel.length
	const automatic = stringOf(node, 'auto_pad', 'NOTSET')
	if (automatic !== 'NOTSET' && automatic !== 'VALID' && automatic !== 'SAME_UPPER' && automatic !== 'SAME_LOWER') throw new Error(`its padding "${automatic}" is unknown`)
	const window: Window = {
		kernel, automatic, strides: listOf(node, 'strides', axes, 1), dilations: listOf(node, 'dilations', axes, 1), pads: listOf(node, 'pads', 2 * axes, 0),
		roundUp: intOf(node, 'ceil_mode', 0) === 1,
	}
	if ([...kernel, ...window.strides, ...window.dilations].some((value) => value < 1)) throw new Error('its kernel, strides and dilations must be at least 1')
	if (window.pads.some((value) => value < 0)) throw new Error('its padding is negative')
	return window
}

function slidOver(spatial: readonly number[], window: Window): number[] {
	return spatial.map((size, axis) => {
		const stride = window.strides[axis] ?? 1
		const extent = ((window.kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1
		if (window.automatic === 'SAME_UPPER' || window.automatic === 'SAME_LOWER') return Math.ceil(size / stride)
		const before = window.automatic === 'VALID' ? 0 : (window.pads[axis] ?? 0)
		const padded = size + before + (window.automatic === 'VALID' ? 0 : (window.pads[axis + spatial.length] ?? 0))
		if (padded < extent) throw new Error(`its kernel covers ${extent} of ${padded} places`)
		if (!window.roundUp) return Math.floor((padded - extent) / stride) + 1
		const rounded = Math.ceil((padded - extent) / stride) + 1
		// A window that would start in the padding at the end does not count.
		return (rounded - 1) * stride >= size + before ? rounded - 1 : rounded
	})
}

/** [N, C, ...spatial] of an input. */
function spatialInput(call: OperatorCall): { batch: number; channels: number; spatial: number[]; dataType: number } {
	const { dims, dataType } = given(call, 0)
	const [batch, channels, ...spatial] = dims
	if (batch === undefined || channels === undefined || spatial.length === 0) throw new Error(`its input has ${dims.length} dimensions`)
	return { batch, channels, spatial, dataType }
}

const convolution: ShapeRule = (call) => {
	const { batch, channels, spatial, dataType } = spatialInput(call)
	const [outputs, perGroup, ...kernel] = given(call, 1).dims
	const groups = intOf(call.node, 'group', 1)
	if (outputs === undefined || perGroup === undefined || kernel.length !== spatial.length) throw new Error('its weight does not have the dimensions of its input')
	if (perGroup * groups !== channels || outputs % groups !== 0) throw new Error(`its weight is for ${perGroup * groups} channels in ${groups} groups, its input has ${channels}`)
	const declared = intsOf(call.node, 'kernel_shape', kernel)
	if (declared.join() !== kernel.join()) throw new Error(`its attribute kernel_shape is ${declared.join(' x ')}, its weight ${kernel.join(' x ')}`)
	const bias = call.inputs[2]
	if (bias && (bias.dims.length !== 1 || bias.dims[0] !== outputs)) throw new Error(`its bias is not of ${outputs} values`)
	return [tensorFacts(dataType, [batch, outputs, ...slidOver(spatial, windowOf(call.node, kernel))])]
}

const transposedConvolution: ShapeRule = (call) => {
	const { batch, channels, spatial, dataType } = spatialInput(call)
	const [inputs, perGroup, ...kernel] = given(call, 1).dims
	const groups = intOf(call.node, 'group', 1)
	if (perGroup === undefined || kernel.length !== spatial.length) throw new Error('its weight does not have the dimensions of its input')
	if (inputs !== channels || channels % groups !== 0) throw new Error(`its weight is for ${inputs} channels, its input has ${channels}`)
	const window = windowOf(call.node, kernel)
	const outputPadding = listOf(call.node, 'output_padding', spatial.length, 0)
	const wanted = intsOf(call.node, 'output_shape', null)
	const sizes = spatial.map((size, axis) => {
		if (wanted && wanted.length > 0) return wanted[wanted.length - spatial.length + axis] ?? 0
		const stride = window.strides[axis] ?? 1
		if (window.automatic === 'SAME_UPPER' || window.automatic === 'SAME_LOWER') return size * stride
		const extent = ((window.kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1
		const pads = window.automatic === 'VALID' ? 0 : (window.pads[axis] ?? 0) + (window.pads[axis + spatial.length] ?? 0)
		return stride * (size - 1) + (outputPadding[axis] ?? 0) + extent - pads
	})
	return [tensorFacts(dataType, [batch, perGroup * groups, ...sizes])]
}

const pool: ShapeRule = (call) => {
	const { batch, channels, spatial, dataType } = spatialInput(call)
	const kernel = intsOf(call.node, 'kernel_shape', null)
	if (!kernel || kernel.length !== spatial.length) throw new Error('its kernel does not have the dimensions of its input')
	const dims = [batch, channels, ...slidOver(spatial, windowOf(call.node, kernel))]
	return [tensorFacts(dataType, dims), tensorFacts(DATA_TYPE.int64, dims)]
}

const globalPool: ShapeRule = (call) => {
	const { batch, channels, spatial, dataType } = spatialInput(call)
	return [tensorFacts(dataType, [batch, channels, ...spatial.map(() => 1)])]
}

/** The running mean and variance that come out of training mode are as long as those that go in. */
const batchNormalization: ShapeRule = (call) => {
	const input = given(call, 0)
	const channels = input.dims[1]
	for (let index = 1; index < 5; index++) {
		const { dims } = given(call, index)
		if (dims.length !== 1 || dims[0] !== channels) throw new Error(`its input ${index} is not of ${channels} values`)
	}
	return [tensorFacts(input.dataType, input.dims), tensorFacts(given(call, 3).dataType, given(call, 3).dims), tensorFacts(given(call, 4).dataType, given(call, 4).dims)]
}

/** Outputs: normalised, mean and inverse standard deviation of each row. */
const layerNormalization: ShapeRule = (call) => {
	const { dims, dataType } = given(call, 0)
	const axis = intOf(call.node, 'axis', -1)
	const first = axis < 0 ? axis + dims.length : axis
	if (first < 0 || first >= dims.length) throw new Error(`axis ${axis} does not exist in ${dims.length} dimensions`)
	const statistics = dims.map((size, index) => (index < first ? size : 1))
	return [tensorFacts(dataType, dims), tensorFacts(DATA_TYPE.float32, statistics), tensorFacts(DATA_TYPE.float32, statistics)]
}

const groupNormalization: ShapeRule = (call) => [tensorFacts(given(call, 0).dataType, given(call, 0).dims)]

export const convolutionRules: Record<string, ShapeRule> = {
	Conv: convolution, ConvTranspose: transposedConvolution, MaxPool: pool, AveragePool: pool, LpPool: pool,
	GlobalAveragePool: globalPool, GlobalMaxPool: globalPool, GlobalLpPool: globalPool,
	BatchNormalization: batchNormalization, LayerNormalization: layerNormalization, GroupNormalization: groupNormalization,
}
