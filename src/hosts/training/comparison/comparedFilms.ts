import { UserError } from '../../../common/contract/procedures.ts'
import type { DataRecipe } from '../../../common/contract/training/data.ts'
import type { Cases } from '../../../common/stats/classification.ts'
import type { Sample } from '../data/dataSet.ts'
import { plainName } from '../data/paths.ts'
import { readDataSet } from '../data/readDataSet.ts'
import type { ListedCases } from '../evaluation/listCases.ts'

interface ReadOptions {
	signal: AbortSignal
	onProgress(done: number, of: number): void
}

/**
 * The test split of a data set with the labels of a model: names are compared without case and punctuation. A class that the model does not have is left out with the
 * image, a label of several that the data does not have is not known.
 * @throws UserError where the data set cannot be read, has no labels of the model or no test split.
 */
export async function testSplitOf(recipe: DataRecipe, { task, labels }: { task: Cases['task']; labels: readonly string[] }, { signal, onProgress }: ReadOptions): Promise<ListedCases> {
	const dataSet = await readDataSet(recipe, { signal, onProgress })
	if (dataSet.task === 'segmentation') throw new UserError('The data set has masks of the lungs and no labels, so two models that read films cannot be compared on it.')
	if (dataSet.task !== task) throw new UserError(`The data set gives ${dataSet.task === 'multiclass' ? 'one label' : 'several labels'} per image, and the models answer with ${task === 'multiclass' ? 'one' : 'several'}.`)
	const places = labels.map((label) => {
		const exact = dataSet.labels.indexOf(label)
		return exact >= 0 ? exact : dataSet.labels.findIndex((name) => plainName(name) === plainName(label))
	})
	if (places.every((place) => place < 0)) throw new UserError(`The data set has none of the models' labels (${labels.join(', ')}); its own are ${dataSet.labels.join(', ')}.`)
	const refused = [...dataSet.refused]
	const tests = dataSet.samples.filter(({ split }) => split === 'test')
	if (tests.length === 0) throw new UserError('The data set has no test split, and films that a model may have learned from say nothing about it.')
	const samples = tests.flatMap((sample): Sample[] => {
		const truth = places.map((place) => (place < 0 ? (task === 'multiclass' ? 0 : null) : (sample.truth[place] ?? null)))
		if (task === 'multilabel' || truth.includes(1)) return [{ ...sample, truth }]
		refused.push({ id: sample.id, reason: 'The models do not have its label.' })
		return []
	})
	if (samples.length === 0) throw new UserError(`No film of the test split has a label of the models (${labels.join(', ')}).`)
	return { split: 'test', samples, refused }
}
