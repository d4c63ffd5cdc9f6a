import { Ban, CircleAlert, CircleCheck, CircleDashed, CirclePause, CircleSlash, Hourglass, LoaderCircle, Unplug } from 'lucide-react'
import type { TrainingRun, TrainingState } from '../../../common/contract/training/desk.ts'
import { isAtWork, progressInWords, shareDone, STATE_TITLES } from './runWords.ts'

const ICONS: Record<TrainingState, typeof Ban> = {
	waiting: Hourglass, preparing: LoaderCircle, running: LoaderCircle, pausing: LoaderCircle, cancelling: LoaderCircle, elsewhere: CircleDashed,
	interrupted: Unplug, paused: CirclePause, cancelled: CircleSlash, failed: CircleAlert, finished: CircleCheck, refused: Ban,
}
const TONES: Partial<Record<TrainingState, string>> = { preparing: 'accent', running: 'accent', pausing: 'accent', cancelling: 'accent', interrupted: 'warning', failed: 'danger', refused: 'danger' }

/** What a run is doing, in a word and a sign. */
export function RunTag({ state }: Pick<TrainingRun, 'state'>) {
	const Icon = ICONS[state]
	return <span className={`tag ${TONES[state] ?? ''}`}><Icon size={12} aria-hidden />{STATE_TITLES[state]}</span>
}

/** How far a run is that works, or that can go on; nothing for the others. */
export function RunProgress({ run }: { run: TrainingRun }) {
	const share = shareDone(run)
	const words = progressInWords(run)
	if (!isAtWork(run) && (run.state === 'finished' || share === null)) return null
	return (
		<div className="run-progress">
			<progress aria-label={`Progress of ${run.name}`} max={1} value={share ?? undefined} />
			<span className="numbers">{words === '' ? 'Nothing is known of its steps yet' : words}</span>
			{run.live?.givesWay && <span className="tag warning">Gives way to the reading desk</span>}
		</div>
	)
}
