import { CirclePause, CirclePlay, CircleSlash, Trash2 } from 'lucide-react'
import type { TrainingAction, TrainingRun } from '../../../common/contract/training/desk.ts'
import type { Command } from '../../app/commands.ts'
import { askRemoval, cancelRun, pauseRun, resumeRun } from './runsStore.ts'

const ACTIONS: Record<TrainingAction, { title: string; Icon: typeof Trash2; run(run: TrainingRun): Promise<void> }> = {
	pause: { title: 'Pause', Icon: CirclePause, run: pauseRun },
	resume: { title: 'Resume', Icon: CirclePlay, run: resumeRun },
	cancel: { title: 'Cancel', Icon: CircleSlash, run: cancelRun },
	remove: { title: 'Remove', Icon: Trash2, run: askRemoval },
}

/** What can be done with a run now. */
export function RunActions({ run }: { run: TrainingRun }) {
	return (
		<div className="run-actions">
			{run.actions.map((action) => {
				const { title, Icon, run: act } = ACTIONS[action]
				return <button key={action} aria-label={`${title} ${run.name}`} onClick={() => void act(run)}><Icon aria-hidden />{title}</button>
			})}
		</div>
	)
}

/** The same by key, for the run that the keyboard is on or that is shown. */
export function runCommands(run: TrainingRun | undefined): Command[] {
	const has = (action: TrainingAction) => run?.actions.includes(action) === true
	return [
		{ id: 'runs.pause', title: 'Pause or resume the run', group: 'Runs', keys: 'p', enabled: () => has('pause') || has('resume'), run: () => run && void (has('pause') ? pauseRun(run) : resumeRun(run)) },
		{ id: 'runs.cancel', title: 'Cancel the run', group: 'Runs', keys: 'x', enabled: () => has('cancel'), run: () => run && void cancelRun(run) },
		{ id: 'runs.remove', title: 'Remove the run', group: 'Runs', keys: 'Delete', enabled: () => has('remove'), run: () => run && void askRemoval(run) },
	]
}
