import { randomStream } from '../common/random.ts'
import type { Network, Weights } from './network.ts'

/**
 * The parameters of a network in stages from the scores downwards: the first has those of the last layer, every further one about as many layers as
 * the others, the last ends with the first layer. A layer is a parameter with the role of a weight and what comes between it and the next one.
 * @param most stages; fewer where the network has fewer layers.
 */
export function stagesFromScores({ graph, parameters }: Network, most: number): { layers: number; parameters: string[] }[] {
	const places = placesOf(graph.node, parameters.map(({ name }) => name))
	const placeOf = (name: string) => places.get(name) ?? 0
	const starts = [...new Set(parameters.filter(({ role }) => role === 'weight').map(({ name }) => placeOf(name)))].toSorted((a, b) => b - a)
	const cuts = [...new Set(Array.from({ length: most }, (_, stage) => (most === 1 ? starts.length : 1 + Math.round(((starts.length - 1) * stage) / (most - 1)))))]
	return cuts.map((cut, stage) => {
		const from = cut === starts.length ? 0 : starts[cut - 1]!
		const to = stage === 0 ? Number.POSITIVE_INFINITY : starts[cuts[stage - 1]! - 1]!
		return { layers: cut - (cuts[stage - 1] ?? 0), parameters: parameters.map(({ name }) => name).filter((name) => placeOf(name) >= from && placeOf(name) < to) }
	})
}

/** The number of the first node where a parameter, alone or after it was moved or joined with other ones, meets something that depends on the image. */
function placesOf(nodes: Network['graph']['node'], names: readonly string[]): Map<string, number> {
	/** The parameters that a tensor is made of, for tensors that are made of nothing else. */
	const madeOf = new Map(names.map((name) => [name, [name]]))
	const ofImage = new Set(['input'])
	const places = new Map<string, number>()
	for (const [place, node] of nodes.entries()) {
		const own = node.input.flatMap((name) => madeOf.get(name) ?? [])
		if (node.input.some((name) => ofImage.has(name))) {
			for (const name of node.output) ofImage.add(name)
			for (const name of own) if (!places.has(name)) places.set(name, place)
		} else if (own.length > 0) {
			for (const name of node.output) madeOf.set(name, own)
		}
	}
	return places
}

/**
 * Weights of which some have lost what they learnt: the values of each parameter change places at random within it, so that its mean, deviation and
 * histogram stay (Adebayo et al. 2018 draw new ones; a trained network whose normalisation is folded into its weights would drown or die of those).
 */
export function permuteParameters({ parameters }: Network, weights: Weights, names: ReadonlySet<string>, seed: number): Weights {
	return new Map([...weights].map(([name, values]) => {
		if (!names.has(name)) return [name, values]
		const places = randomStream(seed, 'permuted parameters', parameters.findIndex((parameter) => parameter.name === name)).permutation(values.length)
		return [name, Float32Array.from(places, (place) => values[place]!)]
	}))
}
