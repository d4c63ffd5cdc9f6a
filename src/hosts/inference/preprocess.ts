import type { Frame } from '../../common/contract/frame.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import type { FilmRegion } from '../../common/contract/primitives.ts'
import { equalise } from '../../common/imaging/equalise.ts'
import { cropPlane } from '../../common/imaging/region.ts'
import { luminance } from '../../common/imaging/window.ts'
import { pillowResize } from './pillowResize.ts'

/** An image as planes of display values 0 to 255: one of grey, or red, green and blue; height x width each, row by row. */
export interface ImagePlanes {
	planes: Uint8Array[]
	width: number
	height: number
}

/**
 * The tensor [1, 3, height, width] of a Frame, from the manifest alone: display values 0..255 in the default window, of them what the network
 * sees (seenPlanes), Pillow's antialiased bilinear resize on 8 bits, then (value / 255 - mean) / std in each channel. A grey network gets the luminance in all three channels.
 * @param shown displaySamples(frame).
 * @param region The part of the film that a network with input.region sees; null for the others.
 */
export function inputTensor(frame: Frame, shown: Uint8Array, input: ModelManifest['input'], region: FilmRegion | null = null): Float32Array<ArrayBuffer> {
	return planesTensor({ planes: displayPlanes(frame, shown, input.colour), width: frame.header.columns, height: frame.header.rows }, input, region)
}

/** The tensor [1, 3, height, width] of an image's display values, as inputTensor. */
export function planesTensor(image: ImagePlanes, input: ModelManifest['input'], region: FilmRegion | null): Float32Array<ArrayBuffer> {
	const { planes, width, height } = seenPlanes(image, input, region)
	const tensor = new Float32Array(input.channels * input.width * input.height)
	writeNormalised(tensor, planes.map((plane) => pillowResize(plane, width, height, input.width, input.height)), input)
	return tensor
}

/**
 * What a network sees of an image before it is brought to its size: the region where it wants one, with its grey values equalised where it wants that.
 * @throws Error where it wants a region and none is given: it would answer on something that it was not trained for.
 */
function seenPlanes({ planes, width, height }: ImagePlanes, { region: wanted, tones }: Pick<ModelManifest['input'], 'region' | 'tones'>, region: FilmRegion | null): ImagePlanes {
	if (wanted?.of === 'background') throw new Error('The network was shown films without their lungs; it reads none.')
	if (wanted && !region) throw new Error('The network sees the lungs alone, and where they are was not found out.')
	return partOf({ planes, width, height }, wanted ? region : null, tones ?? null)
}

/** A region of an image (null: all of it) with its grey values as they are or equalised, before it is brought to a network's size. */
export function partOf({ planes, width, height }: ImagePlanes, region: FilmRegion | null, tones: 'equalised' | null): ImagePlanes {
	const cut = planes.map((plane) => (region ? cropPlane(plane, width, height, region) : { plane, width, height }))
	return { planes: cut.map(({ plane }) => (tones === 'equalised' ? equalise(plane) : plane)), width: cut[0]?.width ?? width, height: cut[0]?.height ?? height }
}

/** Writes the three channels of an image at the network's size, (value / 255 - mean) / std each; one plane of grey goes into all of them. */
export function writeNormalised(tensor: Float32Array, planes: readonly Uint8Array[], { mean, std }: Pick<ModelManifest['input'], 'mean' | 'std'>): void {
	const size = tensor.length / 3
	for (let channel = 0; channel < 3; channel++) {
		const plane = planes[channel] ?? planes[0] ?? new Uint8Array(size)
		const center = mean[channel] ?? 0
		const deviation = std[channel] ?? 1
		const table = Float32Array.from({ length: 256 }, (_, value) => (value / 255 - center) / deviation)
		for (let index = 0; index < size; index++) tensor[channel * size + index] = table[plane[index] as number] as number
	}
}

/** One plane of luminance, or the three of a colour image; rows x columns each. */
export function displayPlanes(frame: Frame, shown: Uint8Array, colour: 'grey' | 'rgb'): Uint8Array[] {
	if (frame.header.samplesPerPixel === 1) return [shown]
	const pixels = frame.header.rows * frame.header.columns
	if (colour === 'rgb') {
		return [0, 1, 2].map((channel) => {
			const plane = new Uint8Array(pixels)
			for (let index = 0; index < pixels; index++) plane[index] = shown[index * 3 + channel] as number
			return plane
		})
	}
	const grey = new Uint8Array(pixels)
	for (let index = 0; index < pixels; index++) {
		grey[index] = luminance(shown[index * 3] as number, shown[index * 3 + 1] as number, shown[index * 3 + 2] as number)
	}
	return [grey]
}
