import { Ban, CircleAlert, CircleCheck, CircleDashed, History, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { DataSetSummary } from '../../../common/contract/training/dataSets.ts'
import { STATE_TITLES, stateOf, surveyInWords, type DataSetState } from './dataSetWords.ts'
import { cancelSurvey } from './dataSetsStore.ts'

const ICONS = { never: CircleDashed, waiting: LoaderCircle, surveying: LoaderCircle, failed: CircleAlert, older: History, refused: Ban, surveyed: CircleCheck } as const
const TONES: Record<DataSetState, string> = { never: '', waiting: 'accent', surveying: 'accent', failed: 'danger', older: 'warning', refused: 'warning', surveyed: '' }

/** How it stands with a data set, in a word and a sign. */
export function StateTag({ dataSet }: { dataSet: DataSetSummary }) {
	const { state } = stateOf(dataSet)
	const Icon = ICONS[state]
	return <span className={`tag ${TONES[state]}`}><Icon size={12} aria-hidden />{STATE_TITLES[state]}</span>
}

/** How far a survey is, with a button that ends it; nothing where none goes on. */
export function SurveyProgress({ dataSet }: { dataSet: DataSetSummary }) {
	const { id, title, job } = dataSet
	if (job?.state !== 'waiting' && job?.state !== 'running') return null
	const { progress } = job
	const isCounted = job.state === 'running' && progress !== null && progress.of > 0
	return (
		<div className="data-set-progress">
			<progress aria-label={`Survey of ${title}`} max={1} value={isCounted ? progress.done / progress.of : undefined} />
			<span className="numbers">{surveyInWords(job)}</span>
			<button aria-label={`Cancel the survey of ${title}`} onClick={() => void cancelSurvey(id)}>Cancel</button>
		</div>
	)
}

/** What is to be told of a data set before anything else, in whole sentences. */
export function Reason({ kind, children }: { kind: 'warning' | 'danger'; children: React.ReactNode }) {
	const Icon = kind === 'danger' ? CircleAlert : TriangleAlert
	return <div className={`data-set-reason ${kind}`}><Icon aria-hidden /><div className="selectable">{children}</div></div>
}
