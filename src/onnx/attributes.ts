import { ATTRIBUTE_TYPE, intAttribute, intsAttribute, stringAttribute, type Attribute, type GraphNode, type Tensor } from './model.ts'

/** Attributes of the standard operators (and of the contrib operators used here) whose numbers are floats; all others are integers. */
const FLOAT_ATTRIBUTES = new Set([
	'alpha', 'beta', 'gamma', 'epsilon', 'momentum', 'ratio', 'lambd', 'bias', 'scale', 'scales', 'low', 'high', 'mean', 'seed', 'min', 'max', 'norm_coefficient',
	'cubic_coeff_a', 'extrapolation_value', 'spatial_scale', 'value_float', 'value_floats', 'activation_alpha', 'activation_beta', 'activation_params',
])

export function makeAttribute(name: string, value: number | readonly number[] | string | Tensor): Attribute {
	if (typeof value === 'string') return stringAttribute(name, value)
	if (typeof value === 'number') {
		return FLOAT_ATTRIBUTES.has(name) ? { ...intAttribute(name, 0), type: ATTRIBUTE_TYPE.float, i: undefined, f: value } : intAttribute(name, value)
	}
	if (isNumbers(value)) {
		return FLOAT_ATTRIBUTES.has(name) ? { ...intsAttribute(name, []), type: ATTRIBUTE_TYPE.floats, floats: [...value] } : intsAttribute(name, value)
	}
	return { ...intAttribute(name, 0), type: ATTRIBUTE_TYPE.tensor, i: undefined, t: value }
}

function isNumbers(value: readonly number[] | Tensor): value is readonly number[] {
	return Array.isArray(value)
}

function attributeNamed(node: GraphNode, name: string): Attribute | undefined {
	return node.attribute.find((attribute) => attribute.name === name)
}

/** The default where the node does not carry the attribute. */
export function intOf<Default>(node: GraphNode, name: string, absent: Default): number | Default {
	const attribute = attributeNamed(node, name)
	return attribute?.i === undefined ? absent : Number(attribute.i)
}

export function intsOf<Default>(node: GraphNode, name: string, absent: Default): number[] | Default {
	const attribute = attributeNamed(node, name)
	return attribute ? attribute.ints.map(Number) : absent
}

export function floatOf<Default>(node: GraphNode, name: string, absent: Default): number | Default {
	return attributeNamed(node, name)?.f ?? absent
}

export function stringOf<Default>(node: GraphNode, name: string, absent: Default): string | Default {
	const bytes = attributeNamed(node, name)?.s
	return bytes ? String.fromCharCode(...bytes.subarray(0, 256)) : absent
}

export function tensorOf(node: GraphNode, name: string): Tensor | null {
	return attributeNamed(node, name)?.t ?? null
}
