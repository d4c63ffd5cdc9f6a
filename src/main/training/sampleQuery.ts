import type { Correction } from '../../common/contract/training/data.ts'
import type { DataSetSample, SampleQuery } from '../../common/contract/training/dataSets.ts'

/** Whether a query says anything at all: without that, every sample fits. */
export function asksForAll({ split, label, source, group, text, corrected, leaking }: SampleQuery): boolean {
	return split === null && label === null && source === null && group === null && text.trim() === '' && !corrected && !leaking
}

/** What tells the samples that a query wants. @param labels of the data set, in the order of the truths. */
export function fitting(query: SampleQuery, labels: readonly string[], corrections: ReadonlyMap<string, Correction>): (sample: DataSetSample) => boolean {
	const { split, label, source, group, corrected, leaking } = query
	const words = query.text.toLowerCase().split(/\s+/).filter((word) => word !== '')
	const place = label === null ? -1 : labels.indexOf(label)
	const shows = (sample: DataSetSample): boolean => {
		const now = corrections.get(sample.id)?.labels
		return now ? now.includes(label ?? '') : (sample.truth[place] ?? 0) > 0.5
	}
	return (sample) => (split === null || sample.split === split)
		&& (source === null || sample.source === source)
		&& (group === null || sample.group === group)
		&& (!leaking || sample.leaks.length > 0)
		&& (!corrected || corrections.has(sample.id))
		&& (label === null || shows(sample))
		&& words.every((word) => wordsOf(sample).includes(word))
}

function wordsOf({ id, group, source, attributes }: DataSetSample): string {
	return [id, group, source, ...Object.values(attributes)].join('\n').toLowerCase()
}
