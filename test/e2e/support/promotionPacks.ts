import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { recipeSchema } from '../../../src/common/contract/training/recipe.ts'
import { readModel, writeModel } from '../../../src/onnx/model.ts'
import { addRun } from '../../support/candidates.ts'
import { writeComparedPacks } from '../../support/comparedPacks.ts'
import { packFileOf } from '../../support/packFiles.ts'
import { smallRecipe } from '../../support/smallRun.ts'

/** What its labels are called: pictures that are bright all over, or in one half. */
const TITLES: Record<string, string> = { bright: 'Both lungs', left: 'Left lung', top: 'Upper lobes' }

export interface PromotionPacks {
	/** 120 synthetic pictures of 60 patients with a manifest.csv; a quarter of them is its test split. */
	data: string
	current: ModelManifest
	/** Files: a better candidate, one that is cut off, and one that holds something else. */
	good: { path: string; manifest: ModelManifest }
	damaged: string
	foreign: string
}

/** Two models on synthetic pictures, one of which is chosen in a new home folder; the other one, which is better, is a file. */
export async function promotionPacks(home: string, elsewhere: string): Promise<PromotionPacks> {
	const { data: made, blunt, sharp } = await writeComparedPacks(elsewhere)
	const data = join(elsewhere, 'Synthetic films')
	renameSync(made, data)
	// It does not call what it gives to the phantom, and the better one does.
	const labels = blunt.manifest.labels.map((label, index) => (index === 0 ? { ...label, operatingPoint: { value: 0.95, rule: 'Set by hand.' } } : label))
	const current = writePack(blunt.directory, join(home, 'models', 'films-first'), { id: 'films-first', title: 'Synthetic films, first student', labels })
	const better = join(elsewhere, 'films-second')
	const manifest = writePack(sharp.directory, better, { id: 'films-second', title: 'Synthetic films, second student', version: '2.0.0' })
	writeFileSync(join(home, 'settings.json'), JSON.stringify({ students: { [current.domain]: current.id } }))
	const { bytes } = await packFileOf(better)
	const paths = { good: join(elsewhere, 'films-second.zip'), damaged: join(elsewhere, `نموذج صدر ${'غير مكتمل '.repeat(8)}.zip`), foreign: join(elsewhere, 'films.zip') }
	writeFileSync(paths.good, bytes)
	writeFileSync(paths.damaged, bytes.subarray(0, Math.floor(bytes.length / 2)))
	writeFileSync(paths.foreign, zipSync({ 'film.dcm': new Uint8Array(300) }))
	return { data, current, good: { path: paths.good, manifest }, damaged: paths.damaged, foreign: paths.foreign }
}

/**
 * Finished runs in a home folder: one that answers as the current model does, one of other labels with a name from right to left, and one whose pack is damaged.
 * @param data whose test split the first run knows.
 */
export function addRuns(home: string, { data }: Pick<PromotionPacks, 'data'>): void {
	const run = join(home, 'runs', 'films-again')
	writePack(join(home, 'models', 'films-first'), join(run, 'pack'), { id: 'films-again', title: 'Synthetic films, trained again' }, 'films-again')
	writeFileSync(join(run, 'recipe.json'), JSON.stringify(recipeSchema.parse(smallRecipe({ data, student: 'student.onnx' }))))
	addRun(home, 'other-labels', 8, { title: `نموذج الأشعة السينية للصدر ${'مع اسم طويل جدا '.repeat(6)}` })
	addRun(home, 'broken', 9, { sha256: '0'.repeat(64) })
}

/** A pack under another name. @param producer of a graph that answers alike and has another hash; without it the graph stays. */
function writePack(from: string, to: string, change: Partial<ModelManifest>, producer?: string): ModelManifest {
	mkdirSync(to, { recursive: true })
	cpSync(join(from, 'CARD.md'), join(to, 'CARD.md'))
	const before = JSON.parse(readFileSync(join(from, 'model.json'), 'utf8')) as ModelManifest
	const graph = readFileSync(join(from, 'model.onnx'))
	const written = producer === undefined ? graph : writeModel({ ...readModel(graph), producerName: producer })
	// The phantom is unlike the pictures that it learned from, and is to be read.
	const manifest: ModelManifest = {
		...before, ...change, featureStatistics: null, sha256: createHash('sha256').update(written).digest('hex'),
		labels: (change.labels ?? before.labels).map((label) => ({ ...label, title: TITLES[label.name] ?? label.title })),
	}
	writeFileSync(join(to, 'model.onnx'), written)
	writeFileSync(join(to, 'model.json'), JSON.stringify(manifest))
	return manifest
}
