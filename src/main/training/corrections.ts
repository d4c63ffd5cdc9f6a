import { UserError } from '../../common/contract/procedures.ts'
import { labelledDataRecipeSchema, type Correction, type LabelledDataRecipe } from '../../common/contract/training/data.ts'
import type { CorrectSamples, DataSetSample, DataSetSurvey } from '../../common/contract/training/dataSets.ts'

/** What was corrected, by image. */
export function correctionsByImage({ corrections }: LabelledDataRecipe): Map<string, Correction> {
	return new Map(corrections.map((correction) => [correction.image, correction]))
}

/** @throws UserError where a label is none of the survey's, or there are too few or too many of them. */
export function refuseUnfitting(change: CorrectSamples['change'], { labels, task }: Pick<DataSetSurvey, 'labels' | 'task'>): void {
	if (change.kind !== 'relabel') return
	const unknown = change.labels.find((label) => !labels.includes(label))
	if (unknown !== undefined) throw new UserError(`The data set has no label "${unknown}". It has ${labels.slice(0, 30).join(', ')}. Nothing was corrected.`)
	if (task === 'multiclass' && change.labels.length !== 1) throw new UserError('An image of this data set has one label. Nothing was corrected.')
}

/**
 * A recipe with images left out, relabelled or as the data has them again; in the order of the images, so that the same corrections are the same recipe.
 * @param known truths of the images by the data, and the labels that they are of.
 * @throws UserError where there are too many corrections.
 */
export function withCorrections(recipe: LabelledDataRecipe, { images, change }: Pick<CorrectSamples, 'images' | 'change'>, known: { labels: readonly string[]; truths: ReadonlyMap<string, DataSetSample['truth']> }): LabelledDataRecipe {
	const corrections = correctionsByImage(recipe)
	for (const image of images) {
		const labels = change.kind === 'relabel' ? known.labels.filter((label) => change.labels.includes(label)) : null
		// What says the same as the data is no correction.
		const needed = labels === null ? change.kind === 'leave-out' : !saysTheSame(labels, known.labels, known.truths.get(image) ?? [])
		if (needed) corrections.set(image, { image, labels })
		else corrections.delete(image)
	}
	const parsed = labelledDataRecipeSchema.safeParse({ ...recipe, corrections: [...corrections.values()].toSorted((a, b) => (a.image < b.image ? -1 : 1)) })
	if (!parsed.success) throw new UserError('A data set takes no more than 20,000 corrections by hand. Nothing was corrected; whole labels and sources can be left out in the recipe.', parsed.error.message)
	return parsed.data
}

function saysTheSame(labels: readonly string[], all: readonly string[], truth: DataSetSample['truth']): boolean {
	return all.every((label, index) => truth[index] === (labels.includes(label) ? 1 : 0))
}
