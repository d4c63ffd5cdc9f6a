import type { ColumnCount, DataSetSurvey } from '../../../../common/contract/training/dataSets.ts'

/** A label that comes from one source only, or nearly so: a network can tell it by the source. */
export interface Shortcut {
	label: string
	source: string
	/** Images of the label in that source, of all of its images. */
	images: number
	of: number
}

/** From this share on a label is said to come from one source. */
const NEARLY_ALL = 0.95

/** The images of a data set by source. */
export function sourcesOf({ columns }: Pick<DataSetSurvey, 'columns'>): ColumnCount | undefined {
	return columns.find(({ column }) => column === 'source')
}

/** Whether the data names its sources at all. */
export function namesSources({ columns }: Pick<DataSetSurvey, 'columns'>): boolean {
	return sourcesOf({ columns })?.values.some(({ value }) => value.trim() !== '') ?? false
}

/** Images that show each label, in all splits. */
export function imagesOfLabels({ labels, splits }: Pick<DataSetSurvey, 'labels' | 'splits'>): number[] {
	return labels.map((_, index) => splits.reduce((sum, split) => sum + (split.labels[index]?.positive ?? 0), 0))
}

/** Labels that nearly all come from one source, in their order. None where all images are of one source, or only one label is there: then a source tells nothing. */
export function shortcutsOf(survey: Pick<DataSetSurvey, 'labels' | 'splits' | 'columns'>): Shortcut[] {
	const sources = sourcesOf(survey)
	if (!sources || sources.values.length + sources.others.values < 2 || survey.labels.length < 2) return []
	return imagesOfLabels(survey).flatMap((of, index) => {
		const largest = sources.values.reduce<{ value: string; images: number } | null>((best, { value, positive }) => ((positive[index] ?? 0) > (best?.images ?? 0) ? { value, images: positive[index] ?? 0 } : best), null)
		if (!largest || largest.images < NEARLY_ALL * of) return []
		// A source that holds nearly everything holds nearly all of every label.
		const share = (sources.values.find(({ value }) => value === largest.value)?.images ?? 0) / imagesOf(sources)
		return share >= NEARLY_ALL && largest.images < of ? [] : [{ label: survey.labels[index] ?? '', source: largest.value, images: largest.images, of }]
	})
}

function imagesOf({ values, others }: ColumnCount): number {
	return values.reduce((sum, { images }) => sum + images, others.images)
}
