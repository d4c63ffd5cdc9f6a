import { compareMaps, type MapComparison } from '../../../common/cam/compareMaps.ts'
import type { MapView } from '../readingStore.ts'
import { isFinished } from './mapWords.ts'
import { camMapOf } from './overlay.ts'

/** Two maps of one label compared; null while one of them is not finished. */
export function comparisonOf(student: MapView, teacher: MapView): MapComparison | null {
	if (!isFinished(student) || !isFinished(teacher) || student.label !== teacher.label) return null
	const [one, other] = [camMapOf(student), camMapOf(teacher)]
	return one && other && compareMaps(one, other)
}

/** How alike two maps are, in words, by their correlation. */
const LIKENESS: [number, string][] = [[0.8, 'much alike'], [0.5, 'partly alike'], [0.2, 'little alike'], [-Infinity, 'not alike']]

/** What the comparison says in one sentence, without its numbers. */
export function comparisonSentence({ correlation }: MapComparison, peaks: { student: number; teacher: number }): string {
	if (peaks.student === 0 || peaks.teacher === 0) {
		const whose = peaks.student === 0 && peaks.teacher === 0 ? 'Both maps are' : peaks.student === 0 ? 'The student\'s map is' : 'The teacher\'s map is'
		return `${whose} empty: there is nothing to compare.`
	}
	if (correlation === null) return 'One of the maps is the same everywhere: there is nothing to compare.'
	return `The maps are ${LIKENESS.find(([least]) => correlation >= least)?.[1] ?? 'not alike'}.`
}
