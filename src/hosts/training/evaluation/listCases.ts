import { UserError } from '../../../common/contract/procedures.ts'
import { dataRecipeSchema, type DataRecipeOf } from '../../../common/contract/training/data.ts'
import type { EvaluatedSplit } from '../../../common/contract/training/evaluation.ts'
import type { Cases } from '../../../common/stats/classification.ts'
import type { Sample } from '../data/dataSet.ts'
import type { Entry, Listing } from '../data/layouts/listing.ts'
import { listManifest } from '../data/layouts/manifest.ts'
import { plainName } from '../data/paths.ts'

/** The images of a folder that a model is evaluated on. */
export interface ListedCases {
	split: EvaluatedSplit
	/** By id. */
	samples: Sample[]
	refused: { id: string; reason: string }[]
}

/**
 * Reads <folder>/manifest.csv with the labels of a model. Truth stands in a column `label` (names are compared without case and punctuation) or in
 * a column per label; a label that the data does not have is not known. No image is opened.
 * @param wanted null: the test split, or all images where the data has none.
 * @param by columns that results are given for.
 * @throws UserError where there is no such file, column or split, or nothing in it fits the model.
 */
export async function listCases(folder: string, { task, labels }: { task: Cases['task']; labels: readonly string[] }, wanted: EvaluatedSplit | null, by: readonly string[]): Promise<ListedCases> {
	const listing = await list(folder, task, labels, by)
	const refused = [...listing.refused]
	const others = new Map<string, number>()
	const seen = new Set<string>()
	const known: { sample: Sample; split: Entry['split'] }[] = []
	for (const entry of listing.entries) {
		if (seen.has(entry.id)) {
			refused.push({ id: entry.id, reason: 'The image is listed twice.' })
			continue
		}
		seen.add(entry.id)
		const truth = truthOf(entry, listing, task, labels)
		if (typeof truth === 'string') others.set(truth, (others.get(truth) ?? 0) + 1)
		else known.push({ split: entry.split, sample: { id: entry.id, path: entry.path, truth, split: entry.split ?? 'test', group: entry.group ?? entry.id, source: entry.source, attributes: entry.attributes } })
	}
	for (const [label, count] of others) refused.push({ id: `label ${label}`, reason: `The model does not have this label: ${count} ${count === 1 ? 'image was' : 'images were'} left out.` })
	if (known.length === 0) throw new UserError(`No image in ${folder} can be evaluated: the model's labels are ${labels.join(', ')}.${refused[0] ? ` ${refused[0].id}: ${refused[0].reason}` : ''}`)
	const stated = new Set(listing.entries.map(({ split }) => split))
	const split = wanted ?? (stated.has('test') ? 'test' : 'all')
	const chosen = known.filter((one) => split === 'all' || one.split === split).map(({ sample }) => sample)
	if (chosen.length === 0) throw new UserError(`The data set in ${folder} has no images of the split ${split} with the model's labels.`)
	return { split, samples: chosen.toSorted((a, b) => (a.id < b.id ? -1 : 1)), refused }
}

async function list(folder: string, task: Cases['task'], labels: readonly string[], by: readonly string[]): Promise<Listing> {
	const recipe = (of: Cases['task']) => dataRecipeSchema.parse({
		layout: 'manifest', folder, task: of, mapping: Object.fromEntries(labels.map((label) => [label, label])), columns: { attributes: by.filter((column) => column !== 'source') },
	}) as DataRecipeOf<'manifest'>
	if (task === 'multilabel') return listManifest(recipe('multilabel'), folder)
	try {
		return await listManifest(recipe('multiclass'), folder)
	} catch (error) {
		// Perhaps there is a column per class instead of one for all.
		const listing = error instanceof UserError ? await listManifest(recipe('multilabel'), folder).catch(() => null) : null
		if (!listing || listing.unnamed !== null) throw error
		return listing
	}
}

/** Truth in the order of the model's labels, or the name of the label that the model does not have. */
function truthOf({ truth }: Entry, { unnamed }: Listing, task: Cases['task'], labels: readonly string[]): (number | null)[] | string {
	if (typeof truth === 'string') {
		const found = labels.includes(truth) ? labels.indexOf(truth) : labels.findIndex((label) => plainName(label) === plainName(truth))
		return found < 0 ? truth : labels.map((_, label) => (label === found ? 1 : 0))
	}
	const values = labels.map((label) => {
		const value = truth.get(label)
		return value === undefined ? unnamed : value === -1 ? null : value
	})
	if (task === 'multiclass' && values.filter((value) => value === 1).length !== 1) return 'none or several'
	return values
}
