import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { packDescriptionSchema } from '../../src/common/contract/training/pack.ts'
import { exportPack } from '../../src/hosts/training/pack/exportPack.ts'
import { readModel, writeModel } from '../../src/onnx/model.ts'
import { dataSetOf, makePictures, makeQuarterNetwork, PICTURE_INPUT, samplesOf, SIDE, writeManifest, writePictures } from './pictures.ts'

/** A file name and a title that would be markup if they were not escaped. */
export const HOSTILE_NAME = `<img src=x onerror="alert('1')">&.png`
export const HOSTILE_TITLE = '<script>alert(1)</script> & "quarters"'

export interface SmallExplanationSet {
	data: string
	/** Folder of the pack. */
	pack: string
	manifest: ModelManifest
	/** The same network under another name and hash. */
	twin: { directory: string; manifest: ModelManifest }
}

/**
 * Pictures with halves that are bright, and the network that sees them: its Score-CAM is the brightness of the four quarters. Twelve of the 48 pictures are the
 * test split; of these, pictures of "left" have a mask of their left half as finding, and all but two have lungs: the middle rows.
 */
export async function writeSmallExplanationSet(folder: string, packs: string): Promise<SmallExplanationSet> {
	const pictures = makePictures(48)
	await writePictures(folder, pictures)
	const halves = Uint8Array.from({ length: SIDE * SIDE }, (_, place) => (place % SIDE < SIDE / 2 ? 255 : 0))
	const rows = Uint8Array.from({ length: SIDE * SIDE }, (_, place) => (place >= (SIDE * SIDE) / 4 && place < (3 * SIDE * SIDE) / 4 ? 1 : 0))
	mkdirSync(join(folder, 'masks'), { recursive: true })
	writeFileSync(join(folder, 'masks', 'left.png'), await png(halves))
	writeFileSync(join(folder, 'masks', 'lungs.png'), await png(rows))
	writeFileSync(join(folder, 'masks', 'damaged.png'), (await png(rows)).subarray(0, 60))
	const tests = pictures.filter(({ split }) => split === 'test')
	writeFileSync(join(folder, HOSTILE_NAME), readFileSync(join(folder, tests[2]?.file ?? '')))
	const fileOf = (file: string) => (file === tests[2]?.file ? HOSTILE_NAME : file)
	writeManifest(folder, ['file', 'label', 'patient_or_group', 'split', 'source', 'lungs_mask', 'finding_mask'], pictures.map((one) => {
		const place = tests.indexOf(one)
		const lungs = place === 0 ? 'masks/missing.png' : place === 1 ? 'masks/damaged.png' : 'masks/lungs.png'
		return [fileOf(one.file), one.label, one.group, one.split, one.source, place < 0 ? '' : lungs, place >= 0 && one.label === 'left' ? 'masks/left.png' : '']
	}))
	const pack = join(packs, 'quarters')
	const { manifest } = await exportPack({
		...makeQuarterNetwork(), input: PICTURE_INPUT, training: 'Set by hand.', trainingRun: null, description: packDescriptionSchema.parse({ id: 'quarters', title: HOSTILE_TITLE }),
		dataSet: dataSetOf(samplesOf(folder, pictures).toSorted((a, b) => (a.id < b.id ? -1 : 1))),
	}, pack, { signal: new AbortController().signal, progress: () => undefined })
	return { data: folder, pack, manifest, twin: writeTwin(pack, manifest, join(packs, 'twin')) }
}

function png(values: Uint8Array): Promise<Buffer> {
	return sharp(values, { raw: { width: SIDE, height: SIDE, channels: 1 } }).toColourspace('b-w').png().toBuffer()
}

function writeTwin(pack: string, manifest: ModelManifest, directory: string): SmallExplanationSet['twin'] {
	mkdirSync(directory)
	const graph = writeModel({ ...readModel(readFileSync(join(pack, 'model.onnx'))), producerName: 'twin' })
	const own: ModelManifest = { ...manifest, id: 'twin', role: 'teacher', sha256: createHash('sha256').update(graph).digest('hex') }
	writeFileSync(join(directory, 'model.onnx'), graph)
	writeFileSync(join(directory, 'model.json'), JSON.stringify(own))
	return { directory, manifest: own }
}
