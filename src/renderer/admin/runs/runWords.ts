import type { TrainingRun, TrainingState } from '../../../common/contract/training/desk.ts'
import type { Best } from '../../../common/contract/training/run.ts'
import { metricTitle } from '../../../common/text/metricTitle.ts'
import { count, number } from '../../ui/words.ts'
import { shareText } from '../charts/numbers.ts'
import { timeLeft } from '../dataSets/dataSetWords.ts'

export const STATE_TITLES: Record<TrainingState, string> = {
	waiting: 'Waiting', preparing: 'Preparing', running: 'Running', pausing: 'Pausing', cancelling: 'Cancelling', elsewhere: 'Works elsewhere',
	interrupted: 'Interrupted', paused: 'Paused', cancelled: 'Cancelled', failed: 'Failed', finished: 'Finished', refused: 'Could not begin',
}

/** States in which this program works on a run. */
const AT_WORK: ReadonlySet<TrainingState> = new Set(['preparing', 'running', 'pausing', 'cancelling'])

export function isAtWork({ state }: Pick<TrainingRun, 'state'>): boolean {
	return AT_WORK.has(state)
}

/** What is so and what can be done, in a sentence; the reason where a run has failed. '' where the state says it all. */
export function stateInWords({ state, reason, place, record, actions }: Pick<TrainingRun, 'state' | 'reason' | 'place' | 'record' | 'actions'>): string {
	switch (state) {
		case 'waiting': return place === null || place === 1 ? 'It is the next to begin.' : `Number ${number(place)} of those that wait.`
		case 'preparing': return record === null ? 'Images and networks are read and looked at before the first step.' : 'Images and networks are read; then it goes on from its last checkpoint.'
		case 'pausing': case 'cancelling': return 'It ends its step and saves what it has learned.'
		case 'elsewhere': return 'Another process works on it, such as the command line. It is paused and cancelled there.'
		case 'interrupted': return 'Nobody works on it any more. It can be resumed from its last checkpoint.'
		case 'paused': return `It can be resumed${fromStep(record)}.`
		case 'cancelled': return actions.includes('resume') ? `It can be resumed${fromStep(record)}, or removed.` : ''
		case 'failed': case 'refused': return reason
		case 'running': case 'finished': return ''
	}
}

function fromStep(record: TrainingRun['record']): string {
	return record === null ? '' : ` from step ${number(record.step)}`
}

/** How much of a run is done, from 0 to 1; null where nobody knows. */
export function shareDone({ live, record }: Pick<TrainingRun, 'live' | 'record'>): number | null {
	const { step, steps } = live && live.steps > 0 ? live : (record ?? { step: 0, steps: 0 })
	return steps > 0 ? Math.min(1, step / steps) : null
}

/** "Step 12 of 60, 2 of 10 epochs"; '' before the first step. */
export function stepInWords({ live, record }: Pick<TrainingRun, 'live' | 'record'>): string {
	const { step, steps, epoch, epochs } = live && live.steps > 0 ? live : (record ?? { step: 0, steps: 0, epoch: 0, epochs: 0 })
	return steps > 0 ? `Step ${number(step)} of ${number(steps)}, ${number(epoch)} of ${count(epochs, 'epoch')}` : ''
}

/** What a run does besides steps: "Test images: 1,200 of 5,753"; '' while it takes steps. */
export function phaseInWords(live: TrainingRun['live']): string {
	if (!live?.phase) return ''
	const { name, done, of } = live.phase
	return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}: ${number(done)} of ${number(of)}`
}

/** "120 images per second"; '' before the first step. */
export function paceInWords(imagesPerSecond: number | null): string {
	if (imagesPerSecond === null || imagesPerSecond <= 0) return ''
	return `${imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : number(Math.round(imagesPerSecond))} images per second`
}

/** All that is said of a run that works, in a line. */
export function progressInWords(run: Pick<TrainingRun, 'live' | 'record' | 'state'>): string {
	const { live } = run
	if (!live) return stepInWords(run)
	const phase = phaseInWords(live)
	if (phase !== '') return [stepInWords(run), phase].filter((part) => part !== '').join('; ')
	return [stepInWords(run), paceInWords(live.imagesPerSecond), timeLeft(live.secondsLeft)].filter((part) => part !== '').join(', ')
}

/** "45 s", "12 min", "3 h 20 min". */
export function timeSpent(seconds: number): string {
	if (seconds < 90) return `${Math.round(seconds)} s`
	const minutes = Math.round(seconds / 60)
	if (minutes < 90) return `${minutes} min`
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const LOSSES: Record<string, string> = {
	kl: 'KL', mse: 'MSE', dkd: 'DKD', dist: 'DIST', mld: 'MLD', hdkd: 'HDKD', rkd: 'RKD', crckd: 'CRCKD',
}

/** The name of a part of the loss for people: "Cross-entropy"; the second of a kind is "KL 2". */
export function lossTitle(name: string): string {
	const [, kind = name, place] = /^(.*?)(?:-(\d+))?$/.exec(name) ?? []
	const title = LOSSES[kind] ?? `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`
	return place === undefined ? title : `${title} ${place}`
}

/** "Balanced accuracy 0.873 after epoch 7"; '' before the first validation. */
export function bestInWords(best: Best | null): string {
	return best === null ? '' : `${metricTitle(best.metric)} ${shareText(best.value)} after epoch ${number(best.epoch)}`
}

/** "12 runs, 1 works, 2 wait". */
export function runsInWords(runs: readonly Pick<TrainingRun, 'state'>[]): string {
	const works = runs.filter(isAtWork).length
	const waits = runs.filter(({ state }) => state === 'waiting').length
	return [count(runs.length, 'run'), works > 0 ? `${number(works)} ${works === 1 ? 'works' : 'work'}` : '', waits > 0 ? `${number(waits)} ${waits === 1 ? 'waits' : 'wait'}` : ''].filter((part) => part !== '').join(', ')
}
