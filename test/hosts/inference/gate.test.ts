import { describe, expect, it } from 'vitest'
import type { Frame, FrameHeader } from '../../../src/common/contract/frame.ts'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { displaySamples } from '../../../src/common/imaging/window.ts'
import { checkInput } from '../../../src/hosts/inference/gate.ts'
import { frameOf, packManifest, syntheticFrame, syntheticPixels } from '../../support/inferenceFixtures.ts'

function gateOf(frame: Frame, manifest: ModelManifest = packManifest) {
	return checkInput(frame, displaySamples(frame), manifest)
}

function film(source: Partial<FrameHeader['source']>): Frame {
	return frameOf(syntheticPixels(300, 200), 300, 200, { kind: 'dicom' }, source)
}

function colourFrame(tint: (grey: number) => [number, number, number]): Frame {
	const grey = syntheticPixels(300, 200)
	return frameOf(Uint8Array.from({ length: grey.length * 3 }, (_, index) => tint(grey[Math.floor(index / 3)] as number)[index % 3] as number), 300, 200, { samplesPerPixel: 3 })
}

const histology: ModelManifest = {
	...packManifest, domain: 'histology', input: { ...packManifest.input, colour: 'rgb', modalities: ['SM'], bodyParts: [], views: [] },
}

/** The check that failed and its words; every check after it must be skipped, and every one before it not. */
function failure(frame: Frame, manifest?: ModelManifest) {
	const gate = gateOf(frame, manifest)
	expect(gate.ok).toBe(false)
	const position = gate.checks.findIndex((check) => check.state === 'failed')
	expect(gate.checks.slice(0, position).every((check) => check.state === 'passed' || check.state === 'unknown')).toBe(true)
	expect(gate.checks.slice(position + 1).every((check) => check.state === 'skipped')).toBe(true)
	expect(gate.reasons).toEqual([gate.checks[position]?.detail])
	return { name: gate.checks[position]?.name, reason: gate.reasons[0] }
}

describe('input gate', () => {
	it('lets a plain film through and says what it does not know', () => {
		const gate = gateOf(syntheticFrame())
		expect(gate.ok).toBe(true)
		expect(gate.reasons).toEqual([])
		expect(gate.checks.map((check) => [check.name, check.state])).toEqual([
			['decoded', 'passed'], ['frame', 'passed'], ['photometric', 'passed'], ['constant', 'passed'], ['saturation', 'passed'], ['size', 'passed'],
			['modality', 'unknown'], ['bodyPart', 'unknown'],
		])
	})

	it('lets a chest film through that states what it is, in whatever case', () => {
		expect(gateOf(film({ modality: 'dx', bodyPart: 'Chest PA', viewPosition: 'PA' })).ok).toBe(true)
	})

	it.each([
		['a value that is no number', () => ({ ...syntheticFrame(), header: { ...syntheticFrame().header, stored: { min: Number.NEGATIVE_INFINITY, max: 3 } } }), 'decoded', 'not numbers'],
		['a series of frames', () => film({ frames: 30 }), 'frame', '30 frames'],
		['a strip', () => syntheticFrame(1500, 200), 'frame', '7.5 times longer'],
		['an unheard-of photometric interpretation', () => film({ photometric: 'CMYK' }), 'photometric', '"CMYK"'],
		['a colour photograph', () => colourFrame((grey) => [grey, grey >> 1, 40]), 'photometric', 'colour image, not a radiograph'],
		['a blank image', () => frameOf(new Uint8Array(60_000).fill(7), 300, 200), 'constant', 'every pixel has the value 7'],
		['a drawing in two tones', () => frameOf(Uint8Array.from({ length: 60_000 }, (_, index) => (index % 7 ? 20 : 200)), 300, 200), 'constant', 'only 2 grey levels'],
		['a white image', () => frameOf(syntheticPixels(300, 200).map((value, index) => (index % 9 < 5 ? 255 : value)), 300, 200), 'saturation', '% of its pixels are white'],
		['a black and white image', () => frameOf(syntheticPixels(300, 200).map((value, index) => (index % 9 < 5 ? 0 : index % 9 < 8 ? 255 : value)), 300, 200), 'saturation', 'pure black or white'],
		['a small image', () => syntheticFrame(200, 127), 'size', 'shorter side has 127 pixels'],
		['a CT', () => film({ modality: 'CT', bodyPart: 'CHEST' }), 'modality', 'modality CT'],
		['a hip', () => film({ modality: 'CR', bodyPart: 'HIP' }), 'bodyPart', 'body part HIP'],
		['a lateral view', () => film({ modality: 'CR', bodyPart: 'CHEST', viewPosition: 'LL' }), 'bodyPart', 'view LL'],
	])('refuses %s', (_, make, name, words) => {
		const failed = failure(make())
		expect(failed.name).toBe(name)
		expect(failed.reason).toContain(words)
	})

	it('reads a grey image that is stored in colour', () => {
		const gate = gateOf(colourFrame((grey) => [grey, grey, Math.min(grey + 4, 255)]))
		expect(gate.ok).toBe(true)
	})

	it('wants colour for histology, and no film', () => {
		expect(gateOf(colourFrame((grey) => [grey, grey >> 1, 255 - (grey >> 2)]), histology).ok).toBe(true)
		expect(failure(syntheticFrame(), histology)).toEqual({ name: 'photometric', reason: 'The image is grey; this network reads colour images of stained tissue.' })
	})

	it.each<[string, (grey: number) => [number, number, number], string]>([
		['a photograph, whose colours are no stain\'s', (grey) => [grey, grey >> 1, 40], 'green is the darkest channel in'],
		['a negative of tissue', (grey) => [255 - grey, 255 - (grey >> 1), 255 - grey], 'green is the darkest channel in 0 % of its coloured pixels'],
		['a grey image that is stored in colour', (grey) => [grey, grey, grey], 'hardly any colour: 0 % of its pixels'],
	])('does not take for tissue %s', (_, tint, words) => {
		const failed = failure(colourFrame(tint), histology)
		expect(failed.name).toBe('photometric')
		expect(failed.reason).toContain(words)
	})
})
