import { useEffect } from 'react'
import type { SystemStatus } from '../../../../common/contract/system.ts'
import { useNavigation } from '../../../app/navigation.ts'
import { useSystem } from '../../../app/system.ts'
import { analyseActive, maps } from '../live.ts'
import { useActiveImage, useAnswers } from '../useActive.ts'
import { useRuns } from './analysisRuns.ts'
import { readerOf, runKey } from './answers.ts'
import { CardButton } from './CardButton.tsx'
import { FaithfulnessState } from './FaithfulnessState.tsx'
import { GateChecklist } from './GateChecklist.tsx'
import { LabelList } from './LabelList.tsx'
import { statementOf } from './labelRows.ts'
import { MapState } from './MapState.tsx'
import { ModelLine } from './ModelLine.tsx'
import { SecondOpinion } from './SecondOpinion.tsx'

function NoModel({ status }: { status: SystemStatus }) {
	return (
		<div className="panel-section fault">
			<p>There is no model to analyse with. {status.studentFault}</p>
			<button type="button" onClick={() => useNavigation.getState().openSection('models')}>Models</button>
		</div>
	)
}

/** Why there is no answer yet, or why none came. */
function RunState({ hasAnswer }: { hasAnswer: boolean }) {
	const image = useActiveImage()
	const status = useSystem((state) => state.status)
	const run = useRuns((state) => (image && status?.student ? state.runs[runKey(image, status)] : undefined))
	const host = status?.hosts.find((known) => known.name === 'inference')
	if (!status?.student) return null
	if (run?.phase === 'failed') {
		return (
			<div className="panel-section fault" role="alert">
				<p>The analysis failed. {run.reason} {hasAnswer ? 'The earlier answer is kept.' : 'Nothing was kept.'}</p>
				{run.detail !== '' && <details><summary>Details</summary><pre className="selectable">{run.detail}</pre></details>}
				<button type="button" onClick={() => analyseActive(false)}>Try again</button>
			</div>
		)
	}
	if (run?.phase === 'running') {
		const starting = host?.state === 'starting' || host?.state === 'restarting'
		return <p className="panel-section muted" role="status">{starting ? 'The analysis program is starting; this image is next.' : 'Analysing this image'}</p>
	}
	if (host?.state === 'failed') return <p className="panel-section fault" role="alert">The analysis program does not run. {host.lastFault}</p>
	if (hasAnswer) return null
	return (
		<div className="panel-section">
			<p className="muted">This image has not been analysed.</p>
			<button type="button" className="primary" onClick={() => analyseActive(false)}>Analyse</button>
		</div>
	)
}

/** What the networks say of the image of the active light box, how sure they are, and why. */
export function AnalysisPanel() {
	const image = useActiveImage()
	const { student, teacher } = useAnswers()
	const status = useSystem((state) => state.status)
	const studentId = student?.id

	useEffect(() => {
		if (studentId !== undefined) void maps.prepare(studentId)
	}, [studentId])

	if (!image) return <p className="panel-note muted">Open a film to see its analysis.</p>
	if (!status) return <p className="panel-note muted">Waiting for the workstation</p>
	const statement = student ? statementOf(student.prediction) : null
	const isByAnotherModel = student !== null && status.student !== null && readerOf(student, status) === null
	return (
		<section className="panel-column" aria-label="Analysis">
			{!status.student && <NoModel status={status} />}
			<RunState hasAnswer={student !== null} />
			{student && statement && (
				<>
					<div className="panel-section">
						<p className={`statement ${statement.kind}`} role="status">{statement.text}</p>
						<CardButton analysis={student} />
						{isByAnotherModel && (
							<div className="section-line">
								<span className="tag warning">Answer of another model</span>
								<button type="button" className="small" onClick={() => analyseActive(false)}>Analyse with the selected one</button>
							</div>
						)}
					</div>
					{statement.kind !== 'refused' && <LabelList student={student} teacher={teacher} />}
					<MapState analysis={student} />
					<FaithfulnessState analysis={student} />
					<SecondOpinion student={student} teacher={teacher} />
					<GateChecklist gate={student.prediction.gate} />
					<ModelLine analysis={student} />
				</>
			)}
		</section>
	)
}
