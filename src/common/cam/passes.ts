import { seededRandom } from '../stats/interval.ts'

/** Activation channels of one layer for one image: channels x (height * width) values, channel by channel. */
export interface LayerActivations {
	channels: number
	height: number
	width: number
	values: Float32Array
}

/**
 * Plans the forward passes of Score-CAM: constant channels (zeros above all) share the mask 0, identical channels share theirs.
 * Every second pass is the one with the most energy (sum of squares of its channels) that is left, so that early passes carry much of the map; those
 * between are drawn at random, so that the scores of the others can be foretold from early ones (the energetic ones are alike).
 * @returns The channels of each pass, the first of them standing for all.
 * @throws Error when an activation is not a finite number.
 */
export function planPasses(layer: LayerActivations): number[][] {
	const size = layer.height * layer.width
	const bits = new Uint32Array(layer.values.buffer, layer.values.byteOffset, layer.values.length)
	const constant: number[] = []
	const byHash = new Map<number, number[][]>()
	const energy = new Float64Array(layer.channels)
	const passes: number[][] = []
	for (let channel = 0; channel < layer.channels; channel++) {
		const start = channel * size
		const first = layer.values[start] as number
		let varies = false
		let hash = 0x811c9dc5
		for (let index = start; index < start + size; index++) {
			const value = layer.values[index] as number
			if (!Number.isFinite(value)) throw new Error('The network gave an activation that is not a number.')
			if (value !== first) varies = true
			energy[channel] = (energy[channel] as number) + value * value
			hash = Math.imul(hash ^ (bits[index] as number), 0x01000193)
		}
		if (!varies) {
			constant.push(channel)
			continue
		}
		const candidates = byHash.get(hash) ?? []
		const twin = candidates.find((group) => sameBits(bits, (group[0] as number) * size, start, size))
		if (twin) {
			twin.push(channel)
			continue
		}
		const group = [channel]
		candidates.push(group)
		byHash.set(hash, candidates)
		passes.push(group)
	}
	if (constant.length > 0) passes.push(constant)
	const energyOf = (group: number[]) => group.reduce((sum, channel) => sum + (energy[channel] as number), 0)
	const byEnergy = passes.map((group) => ({ group, energy: energyOf(group) })).toSorted((a, b) => b.energy - a.energy).map((entry) => entry.group)
	return alternate(byEnergy, shuffled(passes))
}

/** One from each list in turn, everything once. */
function alternate<Item>(first: readonly Item[], second: readonly Item[]): Item[] {
	return [...new Set(first.flatMap((item, index) => [item, second[index] as Item]))]
}

/** Always the same shuffle, so that a map comes the same way again. */
function shuffled<Item>(items: readonly Item[]): Item[] {
	const random = seededRandom(1)
	return items.map((item) => ({ item, place: random() })).toSorted((a, b) => a.place - b.place).map((entry) => entry.item)
}

function sameBits(bits: Uint32Array, first: number, second: number, length: number): boolean {
	for (let index = 0; index < length; index++) {
		if (bits[first + index] !== bits[second + index]) return false
	}
	return true
}
