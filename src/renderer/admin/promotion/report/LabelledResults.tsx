import { FEWEST_GROUPS, type LabelledComparison, type PairedNumberOf } from '../../../../common/contract/promotion.ts'
import { metricTitle } from '../../../../common/text/metricTitle.ts'
import { number } from '../../../ui/words.ts'
import { intervalText, percentText, shareText } from '../../charts/numbers.ts'
import { ReliabilityDiagram } from '../../charts/ReliabilityDiagram.tsx'
import { METRICS, pText } from '../promotionWords.ts'
import { Difference, OutcomeTag } from '../Signs.tsx'

type Label = LabelledComparison['labels'][number]
const NAMES = Object.keys(METRICS) as (keyof typeof METRICS)[]

/** Both models on films whose truth is known: overall, by label, at their operating points, calibration and abstention. */
export function LabelledResults({ labelled }: { labelled: LabelledComparison }) {
	const { overall, labels, right, results, task } = labelled
	const shown = NAMES.filter((metric) => overall[metric].current !== null || overall[metric].candidate !== null)
	return (
		<>
			<section aria-label="Overall">
				<h2>Overall</h2>
				<table className="chart-table numbers">
					<thead><tr><th scope="col">Number</th><th scope="col" className="end">Current</th><th scope="col" className="end">Candidate</th><th scope="col" className="end">Difference (95 % interval)</th></tr></thead>
					<tbody>
						{shown.map((metric) => (
							<tr key={metric}><th scope="row" title={METRICS[metric].what}>{metricTitle(metric)}</th><Paired of={overall[metric]} isLessBetter={METRICS[metric].less ?? false} /></tr>
						))}
					</tbody>
				</table>
				<p className="muted promotion-note">Difference: candidate minus current, on the same films. An arrow stands where the whole interval lies on one side of 0: up for better, down for worse. Of the calibration error and the Brier score, less is better.</p>
				{right && <p className="promotion-note numbers">The class that is called is right of both on {number(right.both)} films, of the current model alone on {number(right.onlyCurrent)}, of the candidate alone on {number(right.onlyCandidate)}, of neither on {number(right.neither)}; McNemar's p {pText(right.p)}.</p>}
			</section>
			<section aria-label="By label">
				<h2>By label</h2>
				<Wide label="Labels">
					<table className="chart-table numbers promotion-labels">
						<thead>
							<tr><th scope="col" rowSpan={2}>Label</th><th scope="col" rowSpan={2} className="end" title="Films with and without it; in brackets patients or groups">With / without</th>{['AUROC', 'Sensitivity', 'Specificity'].map((title) => <th key={title} scope="colgroup" colSpan={3} className="promotion-group">{title}</th>)}<th scope="col" rowSpan={2}>By AUROC</th></tr>
							<tr>{['AUROC', 'Sensitivity', 'Specificity'].map((title) => [<th key={`${title} current`} scope="col" className="end promotion-group">Current</th>, <th key={`${title} candidate`} scope="col" className="end">Candidate</th>, <th key={`${title} difference`} scope="col" className="end">Difference</th>])}</tr>
						</thead>
						<tbody>{labels.map((label) => <LabelRow key={label.name} label={label} />)}</tbody>
					</table>
				</Wide>
				<p className="muted promotion-note">Sensitivity and specificity are those at each model's own operating point. With / without: films, in brackets patients or groups; a side is taken from {FEWEST_GROUPS} patients with and without a label on.</p>
			</section>
			<section aria-label="Operating points and calls">
				<h2>Operating points and calls</h2>
				<Wide label="Operating points and calls">
					<table className="chart-table numbers">
						<thead>
							<tr><th scope="col" rowSpan={2}>Label</th><th scope="colgroup" colSpan={2} className="promotion-group">Operating point</th><th scope="colgroup" colSpan={4} className="promotion-group">Films that are called rightly by</th><th scope="col" rowSpan={2} className="end" title="McNemar's exact test of those on which one alone is right">McNemar's p</th></tr>
							<tr><th scope="col" className="end promotion-group">Current</th><th scope="col" className="end">Candidate</th><th scope="col" className="end promotion-group">Both</th><th scope="col" className="end">Current alone</th><th scope="col" className="end">Candidate alone</th><th scope="col" className="end">Neither</th></tr>
						</thead>
						<tbody>
							{labels.map(({ name, title, operatingPoints, right: own }) => (
								<tr key={name}>
									<th scope="row" title={title} className="promotion-name"><span className="cut" dir="auto">{title}</span></th>
									<td className="end promotion-group" title={operatingPoints.current.rule}>{operatingPoints.current.value.toFixed(3)}</td>
									<td className="end" title={operatingPoints.candidate.rule}>{operatingPoints.candidate.value.toFixed(3)}</td>
									<td className="end promotion-group">{number(own.both)}</td><td className="end">{number(own.onlyCurrent)}</td><td className="end">{number(own.onlyCandidate)}</td><td className="end">{number(own.neither)}</td>
									<td className="end">{pText(own.p)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</Wide>
				<p className="muted promotion-note">McNemar's test takes films for independent and is not corrected for the number of labels: it stands beside the intervals and decides nothing.</p>
			</section>
			<section aria-label="Calibration">
				<h2>Calibration</h2>
				<div className="promotion-pair">
					<div><h3>Current model</h3><ReliabilityDiagram label="Current model" reliability={results.current.reliability} /></div>
					<div><h3>Candidate</h3><ReliabilityDiagram label="Candidate" reliability={results.candidate.reliability} /></div>
				</div>
			</section>
			<section aria-label="Abstention">
				<h2>Abstention</h2>
				<table className="chart-table numbers">
					<thead><tr><th scope="col">Model</th><th scope="col" className="end">Abstains below</th><th scope="col" className="end">Films answered (95 % interval)</th><th scope="col" className="end">{task === 'multiclass' ? 'Right among these' : 'Labels right among these'} (95 % interval)</th></tr></thead>
					<tbody>
						{(['current', 'candidate'] as const).map((side) => {
							const { threshold, coverage, accuracy, intervals } = results[side].abstention
							return <tr key={side}><th scope="row">{side === 'current' ? 'Current model' : 'Candidate'}</th><td className="end">{threshold.toFixed(3)}</td><td className="end">{intervalText(coverage, intervals?.coverage ?? null)}</td><td className="end">{intervalText(accuracy, intervals?.accuracy ?? null)}</td></tr>
						})}
					</tbody>
				</table>
				<Likeness results={results} />
			</section>
		</>
	)
}

function Likeness({ results: { current, candidate } }: { results: LabelledComparison['results'] }) {
	const text = ({ likeness }: typeof current) => (likeness ? percentText(likeness.share) : 'no limit stated')
	if (!current.likeness && !candidate.likeness) return null
	return <p className="muted promotion-note numbers">Like the training images, so that the desk would not refuse them: of the current model {text(current)}, of the candidate {text(candidate)} of the films.</p>
}

/** A table that may be wider than the window scrolls by itself. */
function Wide({ label, children }: { label: string; children: React.ReactNode }) {
	return <div className="promotion-wide-table" role="region" aria-label={`${label}, as a table that scrolls`} tabIndex={0}>{children}</div>
}

function LabelRow({ label: { title, positives, negatives, positiveGroups, negativeGroups, auroc, sensitivity, specificity, outcome } }: { label: Label }) {
	return (
		<tr>
			<th scope="row" title={title} className="promotion-name"><span className="cut" dir="auto">{title}</span></th>
			<td className="end promotion-counts"><span>{number(positives)} / {number(negatives)}</span><span className="muted">({number(positiveGroups)} / {number(negativeGroups)})</span></td>
			{[auroc, sensitivity, specificity].map((of, index) => <Paired key={index} of={of} isGrouped />)}
			<td><OutcomeTag outcome={outcome} /></td>
		</tr>
	)
}

function Paired({ of, isLessBetter = false, isGrouped = false }: { of: PairedNumberOf; isLessBetter?: boolean; isGrouped?: boolean }) {
	return (
		<>
			<td className={isGrouped ? 'end promotion-group' : 'end'}>{shareText(of.current)}</td>
			<td className="end">{shareText(of.candidate)}</td>
			<td className="end"><Difference of={of} isLessBetter={isLessBetter} /></td>
		</>
	)
}
