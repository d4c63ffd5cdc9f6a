import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { writeCamPack } from './camPack.ts'
import { packManifest } from './inferenceFixtures.ts'
import { addCard } from './packFiles.ts'
import { makePictures, writeManifest, writePictures } from './pictures.ts'

/** Writes a pack of a network of a few channels that answers with the built-in student's labels; the answers mean nothing. */
export function writeSmallPack(directory: string, id: string, channels: number, change: Partial<ModelManifest> = {}): ModelManifest {
	mkdirSync(directory, { recursive: true })
	const manifest: ModelManifest = {
		...writeCamPack(directory, channels), id, title: `Small ${id}`, golden: { ...packManifest.golden, tolerance: 1e6 }, abstention: { ...packManifest.abstention, threshold: 0 }, ...change,
	}
	writeFileSync(join(directory, 'model.json'), JSON.stringify(manifest))
	addCard(directory)
	return manifest
}

/** The finished pack of a run. @returns its manifest. */
export function addRun(home: string, run: string, channels: number, change: Partial<ModelManifest> = {}): ModelManifest {
	return writeSmallPack(join(home, 'runs', run, 'pack'), run, channels, change)
}

const NAMES: Record<string, string> = { bright: 'covid19', left: 'normal', top: 'pneumonia' }

/** Pictures with the built-in student's labels, all of them its test split: the labels mean nothing to it. @returns the folder. */
export async function writeTestFilms(folder: string, count: number): Promise<string> {
	mkdirSync(folder, { recursive: true })
	const pictures = makePictures(count)
	await writePictures(folder, pictures)
	writeManifest(folder, ['file', 'label', 'split', 'patient_or_group', 'source'], pictures.map(({ file, label, group, source }) => [file, NAMES[label] ?? '', 'test', group, source]))
	return folder
}
