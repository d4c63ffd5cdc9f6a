import { randomStream } from '../common/random.ts'
import type { Network, ParameterRole, Weights } from './network.ts'

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

/** Starts at 0 in a network that has learnt nothing. */
const OFFSETS: ReadonlySet<ParameterRole> = new Set(['bias', 'normShift', 'runningMean'])

/**
 * Weights of which some have lost what they learnt: the values of each change places at random within it, so that its mean, deviation and histogram
 * stay, and offsets become 0 (Adebayo et al. 2018 draw everything as at the start of training, for which a network whose normalisation is folded into its
 * weights has the wrong scale). Offsets that stay or change places would drown what is left of the image: every channel would be alike everywhere.
 */
export function forgetParameters({ parameters }: Network, weights: Weights, names: ReadonlySet<string>, seed: number): Weights {
	return new Map([...weights].map(([name, values]) => {
		if (!names.has(name)) return [name, values]
		const place = parameters.findIndex((parameter) => parameter.name === name)
		if (OFFSETS.has(parameters[place]!.role)) return [name, new Float32Array(values.length)]
		return [name, Float32Array.from(randomStream(seed, 'permuted parameters', place).permutation(values.length), (from) => values[from]!)]
	}))
}
