import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDicom, storedFrame } from '../../../src/hosts/imaging/dicom/decodeDicom.ts'
import { decodeFrameOf, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'
import { sharedData } from '../../support/sharedData.ts'
import { syntheticFiles } from '../../support/synthetic/syntheticDicom.ts'

interface Golden {
	sha256: string
	min: number
	max: number
}

/** Made by pydicom with other decoders than ours: test/golden/decode_dicom.py. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/decode_dicom.json'), 'utf8')) as { synthetic: Record<string, Golden>; shared: Record<string, Golden>; pillow: Record<string, string> }

async function storedHash(bytes: Uint8Array): Promise<string> {
	const { file, image } = openDicom(bytes)
	const { values } = await storedFrame(file, image, 0)
	return sha256Of(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength))
}

/** Decoders of lossy JPEG 2000 and near-lossless streams may differ by rounding; all others must agree to the last bit. */
const ROUNDED = /\.4\.91\.dcm$|J2KI\.dcm$|^jpeg2000\.dcm$|^htj2k\.dcm$/

describe('pixels against pydicom', () => {
	it('are the same in the synthetic files', async () => {
		let compared = 0
		for (const { name, bytes, photometric } of await syntheticFiles()) {
			const expected = golden.synthetic[`${name}.dcm`]
			// pydicom leaves pixels that are not at the low end of their word, and colour transforms of JPEG 2000, as they are.
			if (!expected || name.endsWith('high-bit') || ROUNDED.test(`${name}.dcm`) || photometric === 'YBR_RCT') continue
			expect(await storedHash(bytes), name).toBe(expected.sha256)
			compared++
		}
		expect(compared).toBeGreaterThan(20)
	})

	it.skipIf(!sharedData)('are the same in real files', async () => {
		const differing: string[] = []
		let compared = 0
		for (const [name, expected] of Object.entries(golden.shared)) {
			let hash: string
			try {
				hash = await storedHash(readFileSync(join(sharedData ?? '', 'dicom', name)))
			} catch {
				continue
			}
			compared++
			if (hash !== expected.sha256 && !ROUNDED.test(name)) differing.push(name)
		}
		expect(differing).toEqual([])
		expect(compared).toBeGreaterThan(45)
	})

	it.skipIf(!sharedData)('of 8-bit DCT JPEG are those of libjpeg-turbo', async () => {
		for (const [name, expected] of Object.entries(golden.pillow)) {
			const bytes = readFileSync(join(sharedData ?? '', 'dicom', name))
			const { pixels } = await decodeFrameOf(bytes, sha256Of(bytes), 0)
			expect(sha256Of(new Uint8Array(pixels.buffer as ArrayBuffer)), name).toBe(expected)
		}
		expect(Object.keys(golden.pillow).length).toBeGreaterThan(5)
	})
})
