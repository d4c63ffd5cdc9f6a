import type { Network, Weights } from '../../src/onnx/network.ts'

/**
 * Weights that follow from a parameter's name and each value's index, so that this program and the one that makes golden files compute the same float32 numbers
 * and none are stored. test/golden/formula_weights.py is the same in Python; the two must change together.
 *
 * A value is u = finaliser of MurmurHash3(FNV-1a(name) + index * 0x9e3779b9) / 2^31 - 1 in [-1, 1), then by what the name says:
 * running_var 1 + u / 2; running_mean and vectors other than weights u / 10; weights of norms (vectors) 1 + u / 5;
 * other weights u * sqrt(6 / fan in), which keeps the size of activations behind a ReLU, times 0.6 in OFA's linear
 * bottlenecks, whose sums would grow; anything else (position embeddings and tables) u / 2.
 */
export function formulaTensor(name: string, dims: readonly number[]): Float32Array {
	const count = dims.reduce((all, size) => all * size, 1)
	const { scale, shift } = rangeOf(name, dims, count)
	const values = new Float32Array(count)
	let state = hashOf(name)
	for (let index = 0; index < count; index++) {
		let x = state
		x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
		x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
		x = (x ^ (x >>> 16)) >>> 0
		values[index] = shift + scale * (x / 2147483648 - 1)
		state = (state + 0x9e3779b9) | 0
	}
	return values
}

function rangeOf(name: string, dims: readonly number[], count: number): { scale: number; shift: number } {
	if (name.endsWith('running_var')) return { scale: 0.5, shift: 1 }
	if (name.endsWith('running_mean')) return { scale: 0.1, shift: 0 }
	const isWeight = name.endsWith('.weight')
	if (dims.length === 1) return isWeight ? { scale: 0.2, shift: 1 } : { scale: 0.1, shift: 0 }
	if (!isWeight) return { scale: 0.5, shift: 0 }
	return { scale: Math.sqrt(6 / (count / (dims[0] ?? 1))) * (name.includes('.point_linear.') ? 0.6 : 1), shift: 0 }
}

/** FNV-1a, 32 bits, over ASCII. */
function hashOf(name: string): number {
	let hash = 0x811c9dc5
	for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
	return hash
}

export function formulaWeights(network: Network): Weights {
	return new Map(network.parameters.map(({ name, dims }) => [name, formulaTensor(name, dims)]))
}

/** [batch, 3, size, size] in [-1, 1). */
export function formulaImage(batch: number, size: number): Float32Array {
	return formulaTensor('image', [batch, 3, size, size]).map((value) => 2 * value)
}
