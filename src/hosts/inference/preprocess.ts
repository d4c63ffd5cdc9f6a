import type { Frame } from '../../common/contract/frame.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import { luminance } from '../../common/imaging/window.ts'
import { pillowResize } from './pillowResize.ts'

/**
 * The tensor [1, 3, height, width] of a Frame, from the manifest alone: display values 0..255 in the default window, Pillow's antialiased
 * bilinear resize on 8 bits, then (value / 255 - mean) / std in each channel. A grey network gets the luminance in all three channels.
 * @param shown displaySamples(frame).
 */
export function inputTensor(frame: Frame, shown: Uint8Array, input: ModelManifest['input']): Float32Array<ArrayBuffer> {
	const planes = displayPlanes(frame, shown, input.colour)
	const resized = planes.map((plane) => pillowResize(plane, frame.header.columns, frame.header.rows, input.width, input.height))
	const tensor = new Float32Array(input.channels * input.width * input.height)
	writeNormalised(tensor, resized, input)
	return tensor
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
