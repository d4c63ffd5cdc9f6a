import { useMemo } from 'react'
import type { Analysis } from '../../../../common/contract/analysis.ts'
import { useHint } from '../../../app/useHint.ts'
import { endComparison } from '../../map/comparing.ts'
import { comparisonOf, comparisonSentence } from '../../map/comparisonWords.ts'
import { shareWords } from '../../map/faithfulnessWords.ts'
import { toggleComparison } from '../../map/mapCommands.ts'
import { useReading } from '../../readingStore.ts'
import { FaithfulnessState } from './FaithfulnessState.tsx'
import { MapState } from './MapState.tsx'

/** Student's and teacher's map of one label beside each other: how alike they are, and how far the teacher's is. */
export function MapComparison({ teacher }: { teacher: Analysis }) {
	const comparison = useReading((state) => state.comparison)
	const hint = useHint('Compare with the teacher\'s map', 'map.compare')
	if (!teacher.prediction.gate.ok) return null
	if (comparison?.teacherId !== teacher.id) {
		return <button type="button" className="small" title={hint} onClick={toggleComparison}>Compare with the teacher&apos;s map <span className="key">T</span></button>
	}
	return (
		<>
			<Numbers teacher={teacher} />
			<button type="button" className="small" onClick={endComparison}>End the comparison <span className="key">T</span></button>
			<MapState analysis={teacher} />
			<FaithfulnessState analysis={teacher} />
		</>
	)
}

function Numbers({ teacher }: { teacher: Analysis }) {
	const map = useReading((state) => state.map)
	const teacherMap = useReading((state) => state.teacherMap)
	const compared = useMemo(() => comparisonOf(map, teacherMap), [map, teacherMap])
	if (teacherMap.label === null) return <p className="muted" role="status">The teacher, {teacher.modelTitle}, has no answer for this label, so there is no second map.</p>
	if (!compared || map.label === null) return <p className="muted" role="status">The maps are compared once both are exact.</p>
	const peaks = { student: map.state?.peaks[map.label] ?? 0, teacher: teacherMap.state?.peaks[map.label] ?? 0 }
	const { correlation, rankCorrelation, topFifthOverlap } = compared
	return (
		<>
			<p role="status">{comparisonSentence(compared, peaks)}</p>
			{correlation !== null && (
				<dl className="faithfulness-numbers stacked numbers" aria-label="How alike the maps are">
					<dt>Correlation</dt><dd>{correlation.toFixed(2)}</dd>
					<dt>Rank correlation</dt><dd>{rankCorrelation?.toFixed(2)}</dd>
					<dt title="Of the pixels that are in the hottest fifth of one map or the other, those that are in both. Two random fifths share 11 %.">Hottest fifth shared</dt>
					<dd>{topFifthOverlap === null ? '' : shareWords(topFifthOverlap)}</dd>
				</dl>
			)}
		</>
	)
}
