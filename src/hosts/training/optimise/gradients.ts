import type { Weights } from '../../../onnx/network.ts'

/** Euclidean norm of all gradients together, summed in double precision in the order of the map. */
export function gradientNorm(gradients: Weights): number {
	let sum = 0
	for (const values of gradients.values()) {
		// Four sums that do not wait for each other: the loop is otherwise as slow as the latency of an addition.
		let a = 0, b = 0, c = 0, d = 0, index = 0
		for (const end = values.length - 3; index < end; index += 4) {
			a += values[index]! * values[index]!
			b += values[index + 1]! * values[index + 1]!
			c += values[index + 2]! * values[index + 2]!
			d += values[index + 3]! * values[index + 3]!
		}
		for (; index < values.length; index++) a += values[index]! * values[index]!
		sum += a + b + (c + d)
	}
	return Math.sqrt(sum)
}

/** values *= factor, in place. */
function scaleGradients(gradients: Weights, factor: number): void {
	for (const values of gradients.values()) {
		for (let index = 0; index < values.length; index++) values[index]! *= factor
	}
}

/**
 * Shortens the gradients, in place, so that their common norm is the largest one allowed; torch.nn.utils.clip_grad_norm_.
 * @returns the norm before; NaN or infinite where the gradients are, which are then left as they are
 */
export function clipGradients(gradients: Weights, largest: number): number {
	const norm = gradientNorm(gradients)
	const factor = largest / (norm + 1e-6)
	if (factor < 1 && Number.isFinite(norm)) scaleGradients(gradients, factor)
	return norm
}

/**
 * Adds a batch's share to the sum of gradients, in place: after `batches` calls that started from zero it is their mean.
 * @param into zeros at first; see zeroGradients
 */
export function accumulateGradients(into: Weights, gradients: Weights, batches: number): void {
	const share = 1 / batches
	for (const [name, sum] of into) {
		const values = gradients.get(name)
		if (!values || values.length !== sum.length) throw new Error(`The step has no gradient of "${name}" with ${String(sum.length)} values.`)
		for (let index = 0; index < sum.length; index++) sum[index]! += values[index]! * share
	}
}

/** Zeros for accumulateGradients, of the sizes of the parameters. */
export function zeroGradients(parameters: readonly { name: string; dims: readonly number[] }[]): Weights {
	return new Map(parameters.map(({ name, dims }) => [name, new Float32Array(dims.reduce((product, size) => product * size, 1))]))
}
