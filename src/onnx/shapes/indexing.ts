import { intOf } from '../attributes.ts'
import { axisOf, constantValues, given, rearranged, tensorFacts, type ShapeRule } from './rule.ts'

const gather: ShapeRule = (call) => {
	const [input, indices] = [given(call, 0), given(call, 1)]
	const axis = axisOf(intOf(call.node, 'axis', 0), input.dims.length)
	const size = input.dims[axis] ?? 0
	const dims = [...input.dims.slice(0, axis), ...indices.dims, ...input.dims.slice(axis + 1)]
	const places = indices.values?.map((index) => axisOf(index, size))
	if (!places) return [tensorFacts(input.dataType, dims)]
	return [rearranged(input, dims, (place) => {
		const which = indices.dims.reduce((index, length, inner) => index * length + (place[axis + inner] ?? 0), 0)
		return [...place.slice(0, axis), places[which] ?? 0, ...place.slice(axis + indices.dims.length)]
	})]
}

const gatherElements: ShapeRule = (call) => {
	const [input, indices] = [given(call, 0), given(call, 1)]
	axisOf(intOf(call.node, 'axis', 0), input.dims.length)
	if (indices.dims.length !== input.dims.length) throw new Error('its indices do not have the dimensions of its input')
	return [tensorFacts(input.dataType, indices.dims)]
}

const gatherMany: ShapeRule = (call) => {
	const [input, indices] = [given(call, 0), given(call, 1)]
	const batch = intOf(call.node, 'batch_dims', 0)
	const depth = indices.dims.at(-1)
	if (depth === undefined || depth < 1 || batch + depth > input.dims.length) throw new Error('its indices do not fit its input')
	return [tensorFacts(input.dataType, [...indices.dims.slice(0, -1), ...input.dims.slice(batch + depth)])]
}

const scatterElements: ShapeRule = (call) => {
	const [input, indices, updates] = [given(call, 0), given(call, 1), given(call, 2)]
	axisOf(intOf(call.node, 'axis', 0), input.dims.length)
	if (indices.dims.join() !== updates.dims.join() || indices.dims.length !== input.dims.length) throw new Error('its indices and updates do not fit its input')
	return [tensorFacts(input.dataType, input.dims)]
}

const scatterMany: ShapeRule = (call) => {
	const [input, indices, updates] = [given(call, 0), given(call, 1), given(call, 2)]
	const depth = indices.dims.at(-1)
	if (depth === undefined || depth > input.dims.length) throw new Error('its indices do not fit its input')
	const wanted = [...indices.dims.slice(0, -1), ...input.dims.slice(depth)]
	if (wanted.join() !== updates.dims.join()) throw new Error(`its updates are [${updates.dims.join(', ')}] instead of [${wanted.join(', ')}]`)
	return [tensorFacts(input.dataType, input.dims)]
}

const oneHot: ShapeRule = (call) => {
	const { dims } = given(call, 0)
	const [depth = 0] = constantValues(call, 1)
	const axis = axisOf(intOf(call.node, 'axis', -1), dims.length + 1)
	return [tensorFacts(given(call, 2).dataType, dims.toSpliced(axis, 0, depth))]
}

export const indexingRules: Record<string, ShapeRule> = {
	Gather: gather, GatherElements: gatherElements, GatherND: gatherMany, ScatterElements: scatterElements, ScatterND: scatterMany, OneHot: oneHot,
}
