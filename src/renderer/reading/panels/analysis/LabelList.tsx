import type { Analysis } from '../../../../common/contract/analysis.ts'
import { useReading } from '../../readingStore.ts'
import { maps } from '../live.ts'
import { fractionText, labelRows, type LabelRow } from './labelRows.ts'
import { ProbabilityBar } from './ProbabilityBar.tsx'

function WhyButton({ row, student }: { row: LabelRow; student: Analysis }) {
	const shown = useReading((state) => state.map.label === row.name && state.map.analysisId === student.id)
	// A map explains a call; of anything else it is drawn only because the reader asks.
	const text = row.positive ? 'Why' : 'Show anyway'
	return (
		<button
			type="button" className={row.positive ? 'why' : 'why quiet'} aria-pressed={shown} aria-label={`${text} ${row.title}`}
			title={row.positive ? `Map of ${row.title}` : `${row.title} is not called. Show its map anyway`}
			onClick={() => (shown ? maps.hide() : maps.show(student, row.name))}
		>
			{text}
		</button>
	)
}

/** One row per label, in the order of the model. */
export function LabelList({ student, teacher }: { student: Analysis; teacher: Analysis | null }) {
	const { prediction } = student
	const rows = labelRows(prediction, teacher?.prediction ?? null)
	return (
		<>
			<ul className="label-list" aria-label="Labels">
				{rows.map((row) => (
					<li key={row.name} className={row.positive ? 'label-row called' : 'label-row'}>
						<div className="label-line">
							<span className="label-title" dir="auto">{row.title}</span>
							{row.positive && <span className="tag network">called</span>}
							<span className="label-number numbers">{fractionText(row.probability)}</span>
							<WhyButton row={row} student={student} />
						</div>
						<ProbabilityBar row={row} abstentionThreshold={prediction.abstentionThreshold} abstained={prediction.abstained} />
					</li>
				))}
			</ul>
			<p className="bar-key muted" aria-hidden="true">
				<span><i className="key-tick" /> operating point</span>
				{prediction.abstentionThreshold > 0 && <span><i className="key-band" /> no call below {fractionText(prediction.abstentionThreshold)}</span>}
				{rows.some((row) => row.teacher !== null) && <span><i className="key-dot" /> teacher</span>}
			</p>
		</>
	)
}
