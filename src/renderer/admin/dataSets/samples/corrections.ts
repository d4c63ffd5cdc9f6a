import type { LabelledDataRecipe } from '../../../../common/contract/training/data.ts'
import type { CorrectSamples, DataSetSurvey, SamplePage } from '../../../../common/contract/training/dataSets.ts'
import { inWords } from '../dataSetWords.ts'
import { count, isolated } from '../../../ui/words.ts'

export type SampleRow = SamplePage['rows'][number]
export type Change = CorrectSamples['change']

/** What a person gave images in place of what the data says: labels, or null where they are left out. */
export type ByHand = ReadonlyMap<string, readonly string[] | null>

export function byHand({ corrections }: Pick<LabelledDataRecipe, 'corrections'>): ByHand {
	return new Map(corrections.map(({ image, labels }) => [image, labels]))
}

/** Changes that bring images back to what was corrected of them before. */
export function inverseOf(images: readonly string[], before: ByHand): { images: string[]; change: Change }[] {
	const groups = Map.groupBy(images, (image) => (before.has(image) ? JSON.stringify(before.get(image)) : ''))
	return [...groups].map(([was, own]) => {
		const labels = was === '' ? null : (JSON.parse(was) as string[] | null)
		return { images: own, change: was === '' ? { kind: 'undo' } : labels === null ? { kind: 'leave-out' } : { kind: 'relabel', labels } }
	})
}

/** What was done, as a sentence. */
export function changeInWords(images: number, title: string, change: Change): string {
	const which = `${count(images, 'image')} of ${isolated(title)}`
	switch (change.kind) {
		case 'leave-out': return `Left out ${which}.`
		case 'undo': return `Took back what was corrected of ${which}.`
		case 'relabel': return change.labels.length === 0 ? `${which} ${images === 1 ? 'shows' : 'show'} none of the labels now.` : `${which} ${images === 1 ? 'shows' : 'show'} ${inWords(change.labels.map(isolated))} now.`
	}
}

type Labelled = Pick<DataSetSurvey, 'labels' | 'task'>

/** Labels that the data says an image shows. */
export function labelsByData({ truth }: Pick<SampleRow, 'truth'>, { labels }: Labelled): string[] {
	return labels.filter((_, index) => (truth[index] ?? 0) > 0.5)
}

/** Labels that an image shows now: by hand, or by the data; null where it is left out. */
export function labelsNow(row: Pick<SampleRow, 'truth' | 'correction'>, survey: Labelled): readonly string[] | null {
	return row.correction ? row.correction.labels : labelsByData(row, survey)
}

/** "covid19", "Effusion, Mass"; what stands there where the data names none of the labels. */
export function labelText(labels: readonly string[], truth: SampleRow['truth'] = []): string {
	if (labels.length > 0) return labels.join(', ')
	return truth.length > 0 && truth.every((value) => value === null) ? 'Not known' : 'None of the labels'
}

/** What was corrected of an image, as before and after; null where nothing was. */
export function correctionOf(row: SampleRow, survey: Labelled): { before: string; after: string } | null {
	if (!row.correction) return null
	return { before: labelText(labelsByData(row, survey), row.truth), after: row.correction.labels === null ? 'Left out' : labelText(row.correction.labels) }
}

/** Labels of which the data does not know whether an image shows them, or only that it is uncertain. */
export function unknownLabels({ truth }: Pick<SampleRow, 'truth'>, { labels }: Labelled): string[] {
	return labels.filter((_, index) => {
		const value = truth[index] ?? null
		return value === null || (value !== 0 && value !== 1)
	})
}
