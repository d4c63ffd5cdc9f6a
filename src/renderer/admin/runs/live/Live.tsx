import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { TrainingRun } from '../../../../common/contract/training/desk.ts'
import { metricTitle } from '../../../../common/text/metricTitle.ts'
import { count, number } from '../../../ui/words.ts'
import type { Line } from '../../charts/line.ts'
import { LineChart } from '../../charts/LineChart.tsx'
import { valueText } from '../../charts/numbers.ts'
import { timeLeft } from '../../dataSets/dataSetWords.ts'
import { Fact, Facts } from '../../Facts.tsx'
import { bestInWords, isAtWork, lossTitle, paceInWords, phaseInWords, timeSpent } from '../runWords.ts'
import { GRADIENT_NORM, LEARNING_RATE, LOSS, partLine, VALIDATION_LOSS, type RunMetrics } from './runMetrics.ts'

const OPTIMISATION: readonly Line[] = [{ name: LEARNING_RATE, title: 'Learning rate' }, { name: GRADIENT_NORM, title: 'Gradient norm', scale: 'right' }]
const LOSS_TITLES = { x: 'Step', left: 'Loss' }
const VALIDATION_TITLES = { x: 'Step', left: 'Metric' }
const OPTIMISATION_TITLES = { x: 'Step', left: 'Learning rate', right: 'Gradient norm' }

/** How a run goes on: its numbers, and curves that grow with it. */
export function Live({ run, metrics }: { run: TrainingRun; metrics: RunMetrics }) {
	const { steps, validations, parts, metrics: names, fault, loading } = useStore(metrics.store)
	const { live, record, name } = run
	const lossLines = useMemo<readonly Line[]>(() => [
		{ name: LOSS, title: 'Loss' },
		// A single part says the same once more.
		...(parts.length > 1 ? parts.map((part) => ({ name: partLine(part), title: lossTitle(part) })) : []),
		...(names.includes('loss') ? [{ name: VALIDATION_LOSS, title: 'Validation loss', marks: true }] : []),
	], [parts, names])
	const metricLines = useMemo<readonly Line[]>(() => names.filter((metric) => metric !== 'loss').map((metric) => ({ name: metric, title: metricTitle(metric), marks: true })), [names])
	const loss = live?.loss ?? record?.loss ?? null
	return (
		<div className="run-live" role="region" aria-label="How the run goes on" tabIndex={0}>
			<Facts>
				<Fact term="Doing">{doingInWords(run)}</Fact>
				<Fact term="Pace">{paceInWords(live?.imagesPerSecond ?? null) || (live ? 'Not measured yet' : 'No step is taken now')}</Fact>
				<Fact term="Time left">{live ? upperFirst(timeLeft(live.secondsLeft)) || 'Not known yet' : '–'}</Fact>
				<Fact term="Worked">{record ? timeSpent(record.seconds) : '–'}</Fact>
				<Fact term="Loss">{valueText(loss)}</Fact>
				<Fact term="Best so far">{bestInWords(record?.best ?? null) || 'Not validated yet'}</Fact>
			</Facts>
			{isAtWork(run) && (
				<p className="muted run-live-note">
					{live?.givesWay ? 'It takes no step now: an answer or a map is being made at the reading desk.' : 'It goes on when the window is closed, and takes no step while an answer or a map is made at the reading desk.'}
				</p>
			)}
			{fault !== '' && <p className="runs-why fault selectable" role="alert">The curves could not be read. {fault}</p>}
			{loading && steps.x.length === 0 && fault === '' && <p className="muted" role="status">Reading the curves…</p>}
			<div className="run-charts">
				<section aria-label="Loss">
					<h2>Loss</h2>
					<LineChart label={`Loss of ${name}`} titles={LOSS_TITLES} data={steps} lines={lossLines} />
					<p className="muted">{parts.length > 1 && 'Parts are shown before they are weighted. '}The validation loss is the cross-entropy of the truth alone, so the two need not meet.</p>
				</section>
				<section aria-label="Validation">
					<h2>On the validation images</h2>
					{metricLines.length === 0 ? <p className="muted">The first validation is still to come.</p> : <LineChart label={`Validation of ${name}`} titles={VALIDATION_TITLES} data={validations} lines={metricLines} />}
				</section>
				<section aria-label="Optimisation">
					<h2>Learning rate and gradients</h2>
					<LineChart label={`Learning rate and gradient norm of ${name}`} titles={OPTIMISATION_TITLES} data={steps} lines={OPTIMISATION} />
					<p className="muted">The gradient norm is that of all gradients together, before it is limited.</p>
				</section>
			</div>
		</div>
	)
}

function doingInWords({ live, record, state }: TrainingRun): string {
	if (state === 'finished' && record) return `Finished after ${count(record.steps, 'step')}`
	if (!live) return state === 'elsewhere' ? 'Works in another process' : record ? `Stands at step ${number(record.step)} of ${number(record.steps)}` : '–'
	if (live.givesWay) return 'Gives way to the reading desk'
	const phase = phaseInWords(live)
	return phase !== '' ? phase : live.steps > 0 ? `Step ${number(live.step)} of ${number(live.steps)}, epoch ${number(Math.min(live.epoch + 1, live.epochs))} of ${number(live.epochs)}` : 'Begins'
}

function upperFirst(text: string): string {
	return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
