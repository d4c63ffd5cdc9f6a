import type { Network, Parameter, Weights } from '../onnx/network.ts'
import { initialValues } from './initialise.ts'
import { renameTensors } from './names/rename.ts'
import type { NamedTensor, NamedTensors } from './namedTensor.ts'

interface AssignedWeights {
	weights: Weights
	/** new: the file's last layer is for another number of classes, or it has none; it was initialised. */
	head: 'taken' | 'new'
}

/** Names that a message lists before it says how many more there are. */
const MOST_LISTED = 3

/**
 * Gives a network the values of a weights file (safetensors or ONNX), whose names may be those of torchvision, timm, once-for-all, darmo or the original authors.
 * Only the head may be missing or differ, in the number of classes.
 * @param seed of the head's first values
 * @throws Error that lists what is missing, left over, of another size or not finite
 */
export function assignWeights(network: Network, tensors: NamedTensors, seed: number): AssignedWeights {
	const byName = new Map(network.parameters.map((parameter) => [parameter.name, parameter]))
	const found = new Map<string, NamedTensor>()
	const leftOver: string[] = []
	for (const [original, name] of renameTensors(tensors.keys(), new Set(byName.keys()))) {
		const tensor = tensors.get(original)
		if (!tensor || !byName.has(name)) leftOver.push(original)
		else if (found.has(name)) throw new Error(`The file has two tensors for "${name}" of ${network.title}.`)
		else found.set(name, tensor)
	}
	if (leftOver.length > 0) throw new Error(`${network.title} has no parameter for ${listed(leftOver)} of the file.`)
	const isHead = (name: string) => name === network.head.weight || name === network.head.bias
	const missing = network.parameters.filter(({ name }) => !found.has(name) && !isHead(name)).map(({ name }) => name)
	if (missing.length > 0) throw new Error(`The file lacks ${listed(missing)} of ${network.title}.`)

	const head = headFits(network, byName, found) ? 'taken' : 'new'
	const weights: Weights = new Map()
	for (const parameter of network.parameters) {
		const tensor = found.get(parameter.name)
		weights.set(parameter.name, !tensor || (head === 'new' && isHead(parameter.name)) ? initialValues(parameter, seed) : valuesFor(network, parameter, tensor))
	}
	return { weights, head }
}

function listed(names: readonly string[]): string {
	const more = names.length - MOST_LISTED
	return names.slice(0, MOST_LISTED).map((name) => `"${name}"`).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Sizes without axes of one and with the axes after the first in one: a linear layer written as a convolution has the same. */
function rowsAndColumns(dims: readonly number[]): string {
	return `${dims[0] ?? 1} x ${dims.slice(1).reduce((all, size) => all * size, 1)}`
}

function fits(parameter: Parameter, { dims }: { dims: readonly number[] }): boolean {
	return rowsAndColumns(parameter.dims) === rowsAndColumns(dims)
}

/** @throws Error when the file's head reads another number of features, which no number of classes explains. */
function headFits(network: Network, byName: ReadonlyMap<string, Parameter>, found: ReadonlyMap<string, NamedTensor>): boolean {
	const parameters = [network.head.weight, network.head.bias].map((name) => byName.get(name))
	return parameters.every((parameter) => {
		const tensor = parameter && found.get(parameter.name)
		if (!tensor) return false
		const sameClasses = { dims: [parameter.dims[0] ?? 1, ...tensor.dims.slice(1)] }
		if (!fits(parameter, sameClasses)) throw sizeError(network, parameter, tensor)
		return fits(parameter, tensor)
	})
}

function sizeError(network: Network, { name, dims }: Parameter, tensor: NamedTensor): Error {
	return new Error(`"${name}" of ${network.title} is [${dims.join(', ')}], but [${tensor.dims.join(', ')}] in the file.`)
}

function valuesFor(network: Network, parameter: Parameter, tensor: NamedTensor): Float32Array {
	if (!fits(parameter, tensor)) throw sizeError(network, parameter, tensor)
	const values = tensor.values()
	if (!allFinite(values)) throw new Error(`"${parameter.name}" of the file holds values that are not finite numbers.`)
	return values
}

/** A loop: a callback for each of a hundred million values takes seconds. */
function allFinite(values: Float32Array): boolean {
	for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) return false
	return true
}
