import { describe, expect, it } from 'vitest'
import { colourIndex, colourMap, cssColour } from '../../../src/common/imaging/colourMap.ts'
import { orient } from '../../../src/common/imaging/orientation.ts'
import { drawOver, overlayRgba, upsampleBilinear } from '../../../src/common/imaging/overlay.ts'

describe('colour maps', () => {
	it('begin and end as published and grow steadily lighter', () => {
		// matplotlib: inferno(0) = (0.001462, 0.000466, 0.013866), inferno(255) = (0.988362, 0.998364, 0.644924); viridis(0) = (0.267004, 0.004874, 0.329415).
		const inferno = colourMap('inferno')
		expect(Array.from(inferno.subarray(0, 3))).toEqual([0, 0, 3])
		expect(Array.from(inferno.subarray(765))).toEqual([252, 254, 164])
		expect(Array.from(colourMap('viridis').subarray(0, 3))).toEqual([68, 1, 84])
		for (const name of ['inferno', 'viridis'] as const) {
			const map = colourMap(name)
			expect(map).toHaveLength(768)
			const light = Array.from({ length: 256 }, (_, index) => 0.2126 * map[index * 3]! + 0.7152 * map[index * 3 + 1]! + 0.0722 * map[index * 3 + 2]!)
			for (let index = 8; index < 256; index++) expect(light[index]).toBeGreaterThan(light[index - 8]!)
		}
	})

	it('take values of 0 to 1, clamped', () => {
		expect([colourIndex(-1), colourIndex(0), colourIndex(0.5), colourIndex(1), colourIndex(7)]).toEqual([0, 0, 128, 255, 255])
		expect(cssColour('inferno', 1)).toBe('rgb(252, 254, 164)')
	})
})

describe('the map over the film', () => {
	it('is upsampled as PyTorch does with align_corners=False', () => {
		// torch.nn.functional.interpolate(torch.tensor([[[[0., 1.], [2., 3.]]]]), size=(4, 4), mode='bilinear', align_corners=False)
		expect([...upsampleBilinear([0, 1, 2, 3], 2, 2, 4, 4)]).toEqual([0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3])
		expect([...upsampleBilinear([5], 1, 1, 3, 2)]).toEqual([5, 5, 5, 5, 5, 5])
	})

	it('lies on its region alone, and nothing is drawn outside of it', () => {
		const region = { left: 0.25, top: 0.5, right: 0.75, bottom: 1 }
		const map = { width: 2, height: 2, values: [0, 0.5, 0.7, 1], opacity: 1, threshold: 0 }
		const rgba = overlayRgba({ ...map, region }, 8, 4)
		const inside = overlayRgba(map, 4, 2)
		for (let row = 0; row < 4; row++) {
			for (let column = 0; column < 8; column++) {
				const place = (row * 8 + column) * 4
				const isInside = row >= 2 && column >= 2 && column < 6
				const wanted = isInside ? inside.subarray(((row - 2) * 4 + column - 2) * 4, ((row - 2) * 4 + column - 1) * 4) : [0, 0, 0, 0]
				expect([...rgba.subarray(place, place + 4)]).toEqual([...wanted])
			}
		}
	})

	it('is drawn only from the threshold on, with one alpha', () => {
		const rgba = overlayRgba({ width: 2, height: 1, values: [0.2, 1], opacity: 0.5, threshold: 0.5 }, 2, 1)
		expect([...rgba]).toEqual([0, 0, 0, 0, 252, 254, 164, 128])
		const film = Uint8ClampedArray.of(10, 10, 10, 255, 100, 100, 100, 255)
		drawOver(film, rgba)
		expect([...film]).toEqual([10, 10, 10, 255, 176, 177, 132, 255])
	})
})

describe('orientation', () => {
	/** A 3 x 2 picture whose pixels are 1 to 6, as letters would be read. */
	const image = { width: 3, height: 2, rgba: new Uint8ClampedArray(Uint32Array.of(1, 2, 3, 4, 5, 6).buffer) }
	function pixels(rotation: number, flipHorizontal = false, flipVertical = false): [number, number, number[]] {
		const turned = orient(image, { rotation, flipHorizontal, flipVertical })
		return [turned.width, turned.height, [...new Uint32Array(turned.rgba.buffer)]]
	}

	it('turns clockwise, then flips', () => {
		expect(pixels(0)).toEqual([3, 2, [1, 2, 3, 4, 5, 6]])
		expect(pixels(90)).toEqual([2, 3, [4, 1, 5, 2, 6, 3]])
		expect(pixels(180)).toEqual([3, 2, [6, 5, 4, 3, 2, 1]])
		expect(pixels(270)).toEqual([2, 3, [3, 6, 2, 5, 1, 4]])
		expect(pixels(-90)).toEqual(pixels(270))
		expect(pixels(0, true)).toEqual([3, 2, [3, 2, 1, 6, 5, 4]])
		expect(pixels(0, false, true)).toEqual([3, 2, [4, 5, 6, 1, 2, 3]])
		expect(pixels(90, true)).toEqual([2, 3, [1, 4, 2, 5, 3, 6]])
	})
})
