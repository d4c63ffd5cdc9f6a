import { randomStream, type RandomStream } from '../common/random.ts'
import type { Network, Parameter, Weights } from '../onnx/network.ts'

/** torch's truncated normal is cut at this value, not at this many deviations. */
const TRUNCATION = 2

/**
 * First values of every parameter. Each depends on the seed and the parameter's name alone, so that networks which share a layer's name and sizes start it alike.
 * @param seed 0 ... 2^53 - 1
 */
export function initialWeights(network: Network, seed: number): Weights {
	return new Map(network.parameters.map((parameter) => [parameter.name, initialValues(parameter, seed)]))
}

/** First values of one parameter, in the row-major order of its sizes. */
export function initialValues({ name, dims, initialisation }: Parameter, seed: number): Float32Array {
	const values = new Float32Array(dims.reduce((all, size) => all * size, 1))
	if (initialisation.kind === 'constant') return values.fill(initialisation.value)
	const random = randomStream(seed, `initial/${name}`)
	const draw = drawing(random, initialisation, dims)
	for (let index = 0; index < values.length; index++) values[index] = draw()
	return values
}

type Drawn = Exclude<Parameter['initialisation'], { kind: 'constant' }>

function drawing(random: RandomStream, initialisation: Drawn, dims: readonly number[]): () => number {
	switch (initialisation.kind) {
		case 'uniform': return () => (2 * random.uniform() - 1) * initialisation.bound
		case 'normal': return () => random.normal() * initialisation.deviation
		case 'truncatedNormal': return () => truncatedNormal(random, initialisation.deviation)
		case 'kaimingNormal': {
			// torch's fans: the receptive field times the second size (in) or the first (out), groups not looked at.
			const [out = 1, inputs = 1, ...kernel] = dims
			const fan = (initialisation.fan === 'in' ? inputs : out) * kernel.reduce((all, size) => all * size, 1)
			const deviation = Math.sqrt(2 / fan)
			return () => random.normal() * deviation
		}
	}
}

function truncatedNormal(random: RandomStream, deviation: number): number {
	for (;;) {
		const value = random.normal() * deviation
		if (Math.abs(value) <= TRUNCATION) return value
	}
}
