import { CHESTXRAY14_LABELS, CHEXPERT_LABELS, COVID_QU_EX_LABELS, dataRecipeSchema, LC25000_LABELS, PADCHEST_LABELS, type DataRecipe } from '../../../../common/contract/training/data.ts'
import type { DataSetSummary } from '../../../../common/contract/training/dataSets.ts'
import type { TrainingTask } from '../../../../common/contract/training/loss.ts'
import { listAt, textAt, valueAt, type Draft } from './fields.ts'

const LABELS: Partial<Record<string, readonly string[]>> = {
	'covid-qu-ex': COVID_QU_EX_LABELS, lc25000: LC25000_LABELS, 'chestx-ray14': CHESTXRAY14_LABELS, chexpert: CHEXPERT_LABELS, padchest: PADCHEST_LABELS,
}

/** How many labels an image of the draft's data may have; null where that is not known. */
export function taskOf(draft: Draft): TrainingTask | null {
	switch (valueAt(draft, 'data.layout')) {
		case 'manifest': return valueAt(draft, 'data.task') === 'multilabel' ? 'multilabel' : 'multiclass'
		case 'folders': case 'covid-qu-ex': case 'lc25000': return 'multiclass'
		case 'chestx-ray14': case 'chexpert': case 'padchest': return 'multilabel'
		case 'lung-masks': return 'segmentation'
		default: return null
	}
}

/** The registered data set that the draft reads; undefined where it reads another folder, or the same in another way. */
export function dataSetOf(draft: Draft, list: readonly DataSetSummary[]): DataSetSummary | undefined {
	return list.find(({ folder, layout }) => folder === textAt(draft, 'data.folder') && layout === textAt(draft, 'data.layout'))
}

/** The labels that the student learns; null where nobody knows before the images are read. */
export function labelsOf(draft: Draft, list: readonly DataSetSummary[]): readonly string[] | null {
	const own = listAt(draft, 'data.labels').filter((label) => typeof label === 'string')
	if (own.length > 0) return own
	return dataSetOf(draft, list)?.found?.labels ?? LABELS[textAt(draft, 'data.layout')] ?? null
}

/** Data as a person would write it: without what is so anyway. */
export function written(data: DataRecipe): Record<string, unknown> {
	const { layout, folder } = data
	const usual = dataRecipeSchema.parse({ layout, folder }) as Record<string, unknown>
	return Object.fromEntries(Object.entries(data).flatMap(([key, value]): [string, unknown][] => {
		if (key === 'layout' || key === 'folder') return [[key, value]]
		const before = usual[key]
		if (same(value, before)) return []
		return [[key, isPlain(value) && isPlain(before) ? Object.fromEntries(Object.entries(value).filter(([part, own]) => !same(own, before[part]))) : value]]
	}))
}

function same(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other)
}

function isPlain(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}
