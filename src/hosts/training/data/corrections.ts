import { UserError } from '../../../common/contract/procedures.ts'
import type { DataRecipe } from '../../../common/contract/training/data.ts'
import type { TrainingTask } from '../../../common/contract/training/loss.ts'

/** How images that a person left out are called among what a recipe leaves out. */
export const LEFT_OUT_BY_HAND = 'left out by hand'

/** Images that the detail of a message names. */
const NAMED = 100

/**
 * What a person decided, by image: its truth in the order of the labels, or null where it is left out.
 * @param ids the images that the recipe uses.
 * @throws UserError naming an image or a label that the data set does not have, or the number of labels where it does not fit the task.
 */
export function correctionsOf(recipe: DataRecipe, task: TrainingTask, labels: readonly string[], ids: ReadonlySet<string>): Map<string, readonly number[] | null> {
	const corrections = 'corrections' in recipe ? recipe.corrections : []
	const missing = corrections.filter(({ image }) => !ids.has(image)).map(({ image }) => image)
	if (missing.length > 0) {
		const which = missing.length === 1 ? `"${missing[0]}" is none` : `${missing.length} of the images that are corrected, "${missing[0]}" for example, are none`
		throw new UserError(`data.corrections: ${which} of the images that the recipe uses. Take ${missing.length === 1 ? 'the correction' : 'these corrections'} back, or put the data set right.`, missing.slice(0, NAMED).join('\n'))
	}
	return new Map(corrections.map((correction) => {
		if (correction.labels === null) return [correction.image, null]
		const unknown = correction.labels.find((label) => !labels.includes(label))
		if (unknown !== undefined) throw new UserError(`data.corrections, "${correction.image}": "${unknown}" is none of the labels. There are ${labels.slice(0, 30).join(', ')}${labels.length > 30 ? ' and others' : ''}.`)
		if (task === 'multiclass' && correction.labels.length !== 1) throw new UserError(`data.corrections, "${correction.image}": an image of this data set has one label, not ${correction.labels.length}.`)
		return [correction.image, labels.map((label) => (correction.labels?.includes(label) ? 1 : 0))]
	}))
}
