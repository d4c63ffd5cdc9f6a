import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { frameHeaderSchema, type Frame, type FrameHeader, type FramePixels } from '../../src/common/contract/frame.ts'
import { modelManifestSchema, type ModelManifest } from '../../src/common/contract/model.ts'
import { encodeFrame } from '../../src/common/imaging/frameFile.ts'

export const packDirectory = resolve(import.meta.dirname, '../packs/cxr3-ofa595-bootstrap')
/** The manifest as it is in the pack. */
export const wholePackManifest: ModelManifest = modelManifestSchema.parse(JSON.parse(readFileSync(join(packDirectory, 'model.json'), 'utf8')))
/** Without what its training images are like, so that it answers on drawn pictures too. */
export const packManifest: ModelManifest = { ...wholePackManifest, featureStatistics: null }

interface CamGolden {
	maps: Record<string, number[]>
	constant: number
}
export interface InferenceGolden {
	ramp: number[]
	resizes: { from: [number, number]; to: [number, number]; sha256: string; start: number[] }[]
	synthetic: { size: [number, number]; logits: number[]; finalExpand: CamGolden; lastBlock: CamGolden }
	films: { file: string; tensorSha256: string; logits: number[]; lastBlock?: CamGolden; finalExpand?: CamGolden }[]
}
export const inferenceGolden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/inference.json'), 'utf8')) as InferenceGolden

/** The image by formula of make_inference_golden.py. */
export function syntheticPixels(width: number, height: number): Uint8Array {
	const pixels = new Uint8Array(width * height)
	const radius = Math.floor(Math.min(width, height) / 3)
	for (let y = 0; y < height; y++) {
		for (let x = 0; x < width; x++) {
			const inside = (x - (width >> 1)) ** 2 + (y - (height >> 1)) ** 2 < radius ** 2
			pixels[y * width + x] = ((x * 3 + y * 5) % 200) + ((x * y) % 31) + (inside ? 20 : 0)
		}
	}
	return pixels
}

type SourceChange = Partial<FrameHeader['source']>

/** An 8-bit Frame as of a PNG; `source` states what a DICOM file would. */
export function frameOf(pixels: FramePixels, columns: number, rows: number, change: Partial<FrameHeader> = {}, source: SourceChange = {}): Frame {
	const samples = change.samplesPerPixel ?? 1
	const header = frameHeaderSchema.parse({
		formatVersion: 1, sha256: createHash('sha256').update(new Uint8Array(pixels.buffer)).digest('hex'), frameIndex: 0, kind: 'png', rows, columns,
		samplesPerPixel: samples, sampleType: 'uint8', photometric: samples === 3 ? 'RGB' : 'MONOCHROME2',
		stored: { min: Math.min(...pixels.slice(0, 50_000)), max: Math.max(...pixels.slice(0, 50_000)) },
		modality: { slope: 1, intercept: 0, unit: '' },
		voi: { function: 'LINEAR', windows: [{ center: 128, width: 256 }], luts: [] },
		spacing: null, notes: [], ...change,
		source: {
			transferSyntax: null, photometric: samples === 3 ? 'RGB' : 'MONOCHROME2', samplesPerPixel: samples, bitsAllocated: 8, bitsStored: 8, signed: false,
			frames: 1, lossy: false, modality: null, bodyPart: null, viewPosition: null, ...source,
		},
	})
	return { header, pixels }
}

export function syntheticFrame(width = 300, height = 200): Frame {
	return frameOf(syntheticPixels(width, height), width, height)
}

/** A folder of its own under the system's temporary folder, and how to remove it. */
export function temporaryFolder(): { path: string; remove(): void } {
	const path = mkdtempSync(join(tmpdir(), 'negatoscope-test-'))
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export function writeFrame(folder: string, frame: Frame, name = 'test.frame'): string {
	const path = join(folder, name)
	writeFileSync(path, encodeFrame(frame))
	return path
}
