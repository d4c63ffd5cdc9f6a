import { UserError } from '../../../common/contract/procedures.ts'
import type { SplitCount } from '../../../common/contract/training/dataSets.ts'
import type { DataSet, Split } from './dataSet.ts'
import type { SeenDataSet } from './readDataSet.ts'

export const SPLITS: readonly Split[] = ['train', 'validation', 'test']

/** Images, groups and labels of each split that has images. */
export function countSplits(dataSet: DataSet): SplitCount[] {
	return SPLITS.map((split) => {
		const own = dataSet.samples.filter((sample) => sample.split === split)
		return {
			split,
			images: own.length,
			groups: new Set(own.map(({ group }) => group)).size,
			labels: dataSet.labels.map((label, index) => {
				const values = own.map(({ truth }) => truth[index] ?? null)
				const unknown = values.filter((value) => value === null).length
				const positive = values.filter((value) => value !== null && value > 0.5).length
				return { label, positive, negative: values.length - positive - unknown, unknown }
			}),
		}
	}).filter(({ images }) => images > 0)
}

/**
 * What has to be true of a data set before a run begins. @returns sentences that a person should read before it does.
 * @throws UserError where training or validation is empty or lacks a label that it needs, or a patient stands in two splits.
 */
export function checkForTraining(dataSet: SeenDataSet): string[] {
	const warnings: string[] = []
	const counts = countSplits(dataSet)
	const [leak] = dataSet.leaks.groups
	if (leak) {
		throw new UserError(
			`${dataSet.leaks.groups.length === 1 ? 'One patient or group stands' : `${dataSet.leaks.groups.length} patients or groups stand`} in more than one split. For example ${leak.group} in ${leak.splits.join(' and ')}: ${leak.ids.slice(0, 4).join(', ')}. Correct the split column, or draw the splits anew (in a recipe, data.splits.from: "draw").`,
			dataSet.leaks.groups.map(({ group, splits }) => `${group}: ${splits.join(', ')}`).join('\n'),
		)
	}
	for (const split of ['train', 'validation'] as const) {
		if (!counts.some((count) => count.split === split)) throw new UserError(`The ${split} split has no image.`)
	}
	for (const { split, labels } of counts) {
		for (const { label, positive, negative } of labels) {
			// Without a label in training there is nothing to learn; calibration and thresholds of classes need all of them in validation. Rare labels of several cannot
			// stand in every split, and a test split may be of one source, which holds what it holds.
			const needed = split === 'train' || (split === 'validation' && dataSet.task === 'multiclass')
			if (positive === 0 && needed) throw new UserError(`Label "${label}" has no image in the ${split} split.`)
			if (positive === 0) warnings.push(`Label "${label}" has no image in the ${split} split: results there say nothing of it.`)
			if (negative === 0 && dataSet.labels.length > 1) warnings.push(`Label "${label}" has no image without it in the ${split} split.`)
		}
	}
	const { identical, similar } = dataSet.leaks
	if (identical.length > 0) warnings.push(`${identical.length} files stood in more than one split and were left out nearer to training, ${identical[0]?.leftOut[0]} for example.`)
	if (similar.length > 0) warnings.push(`${similar.length} pairs of images in different splits look nearly the same, ${similar[0]?.ids.join(' and ')} for example: look at them.`)
	if (dataSet.refused.length > 0) warnings.push(`${dataSet.refused.length} images were left out, ${dataSet.refused[0]?.id} for example: ${dataSet.refused[0]?.reason}`)
	return warnings
}
