import { useCallback, useId, useState } from 'react'
import type { EvaluationReport, SplitResults } from '../../../../common/contract/training/evaluation.ts'
import type { AnsweredSplit, RunDetail } from '../../../../common/contract/training/review.ts'
import { metricTitle } from '../../../../common/text/metricTitle.ts'
import { client } from '../../../app/client.ts'
import { useQuestion } from '../../../app/useQuestion.ts'
import { count, number } from '../../../ui/words.ts'
import { ConfusionMatrix } from '../../charts/ConfusionMatrix.tsx'
import { CurveChart } from '../../charts/CurveChart.tsx'
import { intervalText, shareText } from '../../charts/numbers.ts'
import { ReliabilityDiagram } from '../../charts/ReliabilityDiagram.tsx'
import { Fact, Facts } from '../../Facts.tsx'
import { SPLIT_TITLES, stated } from '../../dataSets/dataSetWords.ts'
import { chartCurves, groupTables, OF_GROUP, OF_LABEL, OVERALL } from './resultTables.ts'

export { answeredSplits } from './resultTables.ts'

/** Which images are looked at. */
export function SplitSwitch({ splits, split, onSplit }: { splits: readonly AnsweredSplit[]; split: AnsweredSplit; onSplit(split: AnsweredSplit): void }) {
	const name = useId()
	return (
		<fieldset className="run-split">
			<legend className="visually-hidden">Images</legend>
			{splits.map((own) => <label key={own}><input type="radio" name={name} checked={own === split} onChange={() => onSplit(own)} />{SPLIT_TITLES[own]} images</label>)}
		</fieldset>
	)
}

interface ResultsProps {
	detail: RunDetail
	splits: readonly AnsweredSplit[]
	/** Undefined where the run has left no answers. */
	split: AnsweredSplit | undefined
	onSplit(split: AnsweredSplit): void
}

/** What a finished run gives on images that it was not trained on. */
export function Results({ detail, splits, split, onSplit }: ResultsProps) {
	const { evaluation, faults } = detail
	const results = evaluation?.splits.find((own) => own.split === split)
	return (
		<div className="run-results" role="region" aria-label="Results" tabIndex={0}>
			{faults.length > 0 && (
				<section className="run-faults" aria-label="Faults">
					<h2>What cannot be read of the run</h2>
					<ul className="selectable">{faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>
				</section>
			)}
			{evaluation && split && results ? (
				<>
					<div className="run-results-head">
						<SplitSwitch splits={splits} split={split} onSplit={onSplit} />
						<p className="muted numbers">{count(results.n, 'image')} of {count(results.groups, 'patient or group', 'patients or groups')}; in brackets 95 % intervals, by drawing patients</p>
					</div>
					<OfSplit key={split} id={detail.summary.id} name={detail.summary.name} split={split} evaluation={evaluation} results={results} />
				</>
			) : <PackMetrics detail={detail} />}
		</div>
	)
}

interface OfSplitProps {
	id: string
	name: string
	split: AnsweredSplit
	evaluation: EvaluationReport
	results: SplitResults
}

function OfSplit({ id, name, split, evaluation: { model, calibration }, results }: OfSplitProps) {
	const films = `${count(results.n, `${split} image`)}`
	return (
		<>
			<section aria-label="All labels together">
				<h2>All labels together</h2>
				<Facts>{OVERALL.map((metric) => <Fact key={metric} term={metricTitle(metric)}>{intervalText(results[metric], results.intervals[metric])}</Fact>)}</Facts>
				<Abstention results={results} />
			</section>
			<section aria-label="Confusion matrix">
				<h2>Confusion matrix</h2>
				<ConfusionMatrix label={films} task={model.task} labels={model.labels} confusion={results.confusion} />
			</section>
			<LabelTable results={results} />
			<Curves id={id} name={name} split={split} results={results} />
			<section aria-label="Reliability">
				<h2>Do the probabilities hold?</h2>
				<ReliabilityDiagram label={films} reliability={results.reliability} />
				<p className="muted">{calibration.method === 'temperature' ? `Calibration divides the logits by ${calibration.temperature.toFixed(3)}, which was fitted on the validation images.` : 'Calibration gives each label a slope and an offset, which were fitted on the validation images.'}</p>
			</section>
			{groupTables(results).map(({ column, rows }) => (
				<section key={column} className="whole" aria-label={`By ${column}`}>
					<h2>By <bdi>{column}</bdi></h2>
					<div className="run-table" role="region" aria-label={`Results by ${column}`} tabIndex={0}>
						<table className="chart-table numbers">
							<thead><tr><th scope="col"><bdi>{column}</bdi></th><th scope="col" className="end">Images</th><th scope="col" className="end">Patients or groups</th>{OF_GROUP.map((metric) => <th key={metric} scope="col" className="end">{metricTitle(metric)}</th>)}</tr></thead>
							<tbody>
								{rows.map(({ name: value, results: own }) => (
									<tr key={value}>
										<th scope="row"><span className="cut run-value" title={value}><bdi>{stated(value)}</bdi></span></th><td className="end">{number(own.n)}</td><td className="end">{number(own.groups)}</td>
										{OF_GROUP.map((metric) => <td key={metric} className="end">{intervalText(own[metric], own.intervals[metric])}</td>)}
									</tr>
								))}
							</tbody>
						</table>
					</div>
				</section>
			))}
		</>
	)
}

/** On how many images the model says nothing, and how it does on the others. */
function Abstention({ results: { abstention, likeness } }: { results: SplitResults }) {
	return (
		<>
			<p className="run-abstention numbers">
				It calls {intervalText(abstention.coverage, abstention.intervals?.coverage ?? null)} of the images, those on which its confidence is at least {shareText(abstention.threshold)}, and is right on {intervalText(abstention.accuracy, abstention.intervals?.accuracy ?? null)} of them.
			</p>
			{likeness && <p className="run-abstention numbers">{intervalText(likeness.share, likeness.intervals.share)} of the images are like its training images; on these it is right on {intervalText(likeness.accuracy, likeness.intervals.accuracy)}.</p>}
		</>
	)
}

function LabelTable({ results: { labels } }: { results: SplitResults }) {
	const someUnknown = labels.some(({ unknown }) => unknown > 0)
	return (
		<section className="whole" aria-label="Each label">
			<h2>Each label against the others</h2>
			<div className="run-table" role="region" aria-label="Results of each label" tabIndex={0}>
				<table className="chart-table numbers">
					<thead>
						<tr>
							<th scope="col">Label</th><th scope="col" className="end">With</th><th scope="col" className="end">Without</th>{someUnknown && <th scope="col" className="end">Not known</th>}
							{OF_LABEL.map((metric) => <th key={metric} scope="col" className="end">{metric === 'recall' ? 'Sensitivity' : metricTitle(metric)}</th>)}
						</tr>
					</thead>
					<tbody>
						{labels.map((label) => (
							<tr key={label.name}>
								<th scope="row"><span className="cut run-value" title={label.name}><bdi>{label.name}</bdi></span></th><td className="end">{number(label.positives)}</td><td className="end">{number(label.negatives)}</td>{someUnknown && <td className="end">{number(label.unknown)}</td>}
								{OF_LABEL.map((metric) => <td key={metric} className="end">{intervalText(label[metric], label.intervals[metric])}</td>)}
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	)
}

/** ROC and precision-recall curves of one label at a time. */
function Curves({ id, name, split, results }: Pick<OfSplitProps, 'id' | 'name' | 'split' | 'results'>) {
	const [chosen, setChosen] = useState(0)
	const field = useId()
	const ask = useCallback(() => client.call('training.curves', { id, split }), [id, split])
	const { value, fault, retry } = useQuestion(ask)
	const label = value?.labels[chosen]
	const curves = label && chartCurves(name, label, results.operatingPoints)
	const words = label ? `${label.name}, ${count(label.positives + label.negatives, `${split} image`)}` : ''
	return (
		<section className="whole" aria-label="Curves">
			<h2>ROC and precision-recall curves</h2>
			{fault !== '' && <p className="runs-why fault selectable" role="alert">The curves could not be drawn. {fault} <button className="quiet" onClick={retry}>Try again</button></p>}
			{!value && fault === '' && <p className="muted" role="status">Drawing patients for the intervals…</p>}
			{value && label && curves && (
				<>
					<p className="run-curves-label">
						<label htmlFor={field}>Label</label>
						<select id={field} value={chosen} onChange={(event) => setChosen(Number(event.target.value))}>{value.labels.map((own, index) => <option key={own.name} value={index}>{own.name}</option>)}</select>
						<span className="muted numbers">{count(label.positives, 'image')} with it, {number(label.negatives)} without</span>
					</p>
					{curves.roc || curves.precisionRecall ? (
						<div className="run-curves">
							{curves.roc && <CurveChart label={words} kind="roc" curves={[curves.roc]} />}
							{curves.precisionRecall && <CurveChart label={words} kind="precision-recall" curves={[curves.precisionRecall]} prevalence={label.positives / (label.positives + label.negatives)} />}
						</div>
					) : <p className="muted">There are no images of both kinds, so there is no curve.</p>}
				</>
			)}
		</section>
	)
}

/** All that is known of a network that calls no labels. */
function PackMetrics({ detail: { metrics, evaluation } }: { detail: RunDetail }) {
	return (
		<section className="whole" aria-label="Metrics">
			<h2>What its pack says of its results</h2>
			<p className="muted">{evaluation ? 'The run has evaluated no validation or test images.' : 'There is no evaluation by labels: a network that marks lungs calls none, so there are no confusion matrix and no curves.'}</p>
			{metrics.length > 0 && (
				<div className="run-table" role="region" aria-label="Metrics of the pack" tabIndex={0}>
					<table className="chart-table numbers">
						<thead><tr><th scope="col">Metric</th><th scope="col">Images</th><th scope="col" className="end">How many</th><th scope="col" className="end">Value (95 % interval)</th><th scope="col">Of what</th></tr></thead>
						<tbody>
							{metrics.map(({ name, split, n, value, interval, note }) => (
								<tr key={`${name} ${split} ${note}`}><th scope="row">{metricTitle(name)}</th><td>{split}</td><td className="end">{number(n)}</td><td className="end">{intervalText(value, interval)}</td><td><bdi>{note}</bdi></td></tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</section>
	)
}
