/** Activation channels of one layer for one image: channels x (height * width) values, channel by channel. */
export interface LayerActivations {
	channels: number
	height: number
	width: number
	values: Float32Array
}

/** Channels by the forward passes that their masks need. */
export interface ChannelGroups {
	/** Channels with the same values, bit for bit, share a mask and a pass; the first of them stands for all. In the order of the channels. */
	varied: number[][]
	/** Channels whose values are all equal, zeros above all: their mask is 0 and their score that of an empty image, whatever the film. */
	constant: number[]
}

/** @throws Error when an activation is not a finite number. */
export function groupChannels(layer: LayerActivations): ChannelGroups {
	const size = layer.height * layer.width
	const bits = new Uint32Array(layer.values.buffer, layer.values.byteOffset, layer.values.length)
	const constant: number[] = []
	const varied: number[][] = []
	const byHash = new Map<number, number[][]>()
	for (let channel = 0; channel < layer.channels; channel++) {
		const start = channel * size
		const first = layer.values[start] as number
		let varies = false
		let hash = 0x811c9dc5
		for (let index = start; index < start + size; index++) {
			const value = layer.values[index] as number
			if (!Number.isFinite(value)) throw new Error('The network gave an activation that is not a number.')
			if (value !== first) varies = true
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
		varied.push(group)
	}
	return { varied, constant }
}

function sameBits(bits: Uint32Array, first: number, second: number, length: number): boolean {
	for (let index = 0; index < length; index++) {
		if (bits[first + index] !== bits[second + index]) return false
	}
	return true
}
