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
	const size = input.width * input.height
	const tensor = new Float32Array(input.channels * size)
	for (let channel = 0; channel < input.channels; channel++) {
		const plane = resized[channel] ?? resized[0] ?? new Uint8Array(size)
		const mean = input.mean[channel] ?? 0
		const deviation = input.std[channel] ?? 1
		const table = Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / deviation)
		for (let index = 0; index < size; index++) tensor[channel * size + index] = table[plane[index] as number] as number
	}
	return tensor
}

/** One plane of luminance, or the three of a colour image. */
function displayPlanes(frame: Frame, shown: Uint8Array, colour: 'grey' | 'rgb'): Uint8Array[] {
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
