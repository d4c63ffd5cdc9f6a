import type { Analysis } from '../../../../common/contract/analysis.ts'
import { agreementOf } from '../../../../common/stats/agreement.ts'
import { useSystem } from '../../../app/system.ts'
import { CardButton } from './CardButton.tsx'
import { readerOf } from './answers.ts'
import { statementOf } from './labelRows.ts'
import { MapComparison } from './MapComparison.tsx'

const WORDS = { agree: 'Agree', disagree: 'Disagree', undecided: 'Undecided' }

/** The teacher's answer and whether it says the same; nothing where there is no teacher. */
export function SecondOpinion({ student, teacher }: { student: Analysis; teacher: Analysis | null }) {
	const status = useSystem((state) => state.status)
	const selected = status && readerOf(student, status)?.teacher
	if (!student.prediction.gate.ok || (!selected && !teacher)) return null
	const agreement = teacher ? agreementOf(student.prediction, teacher.prediction) : null
	return (
		<section className="panel-section" aria-label="Second opinion">
			<div className="section-line">
				<h3 className="panel-heading">Second opinion</h3>
				{agreement && <span className={agreement === 'disagree' ? 'tag warning' : 'tag'} role="status" aria-label="Agreement">{WORDS[agreement]}</span>}
			</div>
			{teacher ? (
				<>
					<p>{statementOf(teacher.prediction).text}</p>
					<p className="muted numbers" dir="auto">{teacher.modelTitle} · {Math.round(teacher.prediction.milliseconds.total)} ms</p>
					<CardButton analysis={teacher} />
					<MapComparison teacher={teacher} />
				</>
			) : (
				<p className="muted">No answer yet from {selected?.title}.</p>
			)}
		</section>
	)
}
