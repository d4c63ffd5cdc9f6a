import { randomStream } from '../random.ts'
import { upsampleBilinear } from '../imaging/overlay.ts'
import type { CamMap } from './camMap.ts'

/**
 * The values of an upsampled map at the centres of the layer's cells. Maps of some definitions have the size of the network's input: their pixels in random
 * places would be noise, which no map of the layer looks like, and nothing to be compared with.
 */
export function cellsOf(map: CamMap, layer: { height: number; width: number }): CamMap {
	const { height, width } = layer
	return { height, width, values: upsampleBilinear(map.values, map.width, map.height, width, height), region: map.region }
}

/**
 * A map with the same values in random places: each cell of the layer goes to another one, so that after upsampling it is as smooth as a map of
 * this layer is.
 * @param seed with index, decides the places: the same ones give the same map.
 */
export function randomMap({ height, width, values, region }: CamMap, seed: number, index: number): CamMap {
	const places = randomStream(seed, 'random map', index).permutation(height * width)
	return { height, width, values: Float64Array.from(places, (place) => values[place]!), region }
}

/** A seed from a map's values (FNV-1a over their bits as float32): the same random maps come again for it, and others for another map. */
export function seedOf({ values }: CamMap): number {
	let hash = 0x811c9dc5
	for (const bits of new Uint32Array(Float32Array.from(values).buffer)) hash = Math.imul(hash ^ bits, 0x01000193)
	return hash >>> 0
}
