import './charts.css'
import { number } from '../../ui/words.ts'
import { LineSample } from './LineSample.tsx'
import { lineStyle, markPath } from './lineStyle.ts'
import { intervalText, shareText } from './numbers.ts'
import { binTitle, filledBins, fullestBin, type Bin, type Reliability } from './reliability.ts'
import { across, down, UnitSquare } from './UnitSquare.tsx'

/** The bars below the square: their height and the space above them. */
const [BARS, SPACE] = [44, 8]
/** The marks of before are rings in which those of after can be seen: often both lie on one place. */
const STAGES = [{ stage: 'before', title: 'Before calibration', hollow: true, radius: 6 }, { stage: 'after', title: 'After calibration', hollow: false, radius: 3 }] as const

/** How often a model is right where it says so: share over confidence in bins, before and after calibration, with the number of cases in each bin. */
export function ReliabilityDiagram({ label, reliability }: { label: string; reliability: Reliability }) {
	const most = fullestBin(reliability)
	const words = `Reliability diagram: ${label}. ${STAGES.map(({ stage, title }) => `${title}: calibration error ${shareText(reliability[stage].ece)}`).join('; ')}.`
	const bars = (top: number) => STAGES.map(({ stage }, index) => <Bars key={stage} bins={reliability[stage].bins} index={index} base={top + BARS + SPACE} most={most} />)
	return (
		<figure className="chart reliability" aria-label={`Reliability diagram: ${label}`}>
			<UnitSquare label={words} titles={{ x: 'Probability that the model gave', y: 'Share of the cases that were so' }} strip={{ height: BARS + SPACE, content: bars }}>
				<path className="chart-reference" d={`M${across(0)} ${down(0)}L${across(1)} ${down(1)}`} />
				{STAGES.map(({ stage, hollow, radius }, index) => <Stage key={stage} bins={reliability[stage].bins} index={index} hollow={hollow} radius={radius} />)}
			</UnitSquare>
			<table className="chart-table numbers">
				<thead><tr><th scope="col">Probabilities</th><th scope="col" className="end">Calibration error (95 % interval)</th><th scope="col" className="end">Brier score</th></tr></thead>
				<tbody>
					{STAGES.map(({ stage, title, hollow }, index) => (
						<tr key={stage}>
							<th scope="row"><LineSample index={index} marks hollow={hollow} />{title}</th>
							<td className="end">{intervalText(reliability[stage].ece, reliability[stage].interval ?? null)}</td>
							<td className="end">{shareText(reliability[stage].brier)}</td>
						</tr>
					))}
				</tbody>
			</table>
			<figcaption className="muted">Thin line: probabilities that hold. Bars: cases in each bin, {number(most)} in the fullest.</figcaption>
			<BinTable label={label} reliability={reliability} />
		</figure>
	)
}

function Stage({ bins, index, hollow, radius }: { bins: readonly Bin[]; index: number; hollow: boolean; radius: number }) {
	const { colour, dash, mark } = lineStyle(index)
	const points = filledBins(bins)
	return (
		<g className={`series-${colour + 1}`}>
			<path className="series-line" d={points.map(({ confidence, share }, place) => `${place === 0 ? 'M' : 'L'}${across(confidence).toFixed(1)} ${down(share).toFixed(1)}`).join('')} strokeDasharray={dash.join(' ')} />
			{points.map(({ confidence, share }) => <path key={confidence} className={hollow ? 'series-mark hollow' : 'series-mark'} d={markPath(mark, across(confidence), down(share), radius)} />)}
		</g>
	)
}

/** The bars of one stage: each takes its half of the bin. */
function Bars({ bins, index, base, most }: { bins: readonly Bin[]; index: number; base: number; most: number }) {
	return (
		<g className={`series-${lineStyle(index).colour + 1}`}>
			{bins.filter(({ n }) => n > 0).map(({ lower, upper, n }) => {
				const half = (across(upper) - across(lower)) / 2 - 1.5
				const height = Math.max(1, (n / most) * BARS)
				return <rect key={lower} className={index === 0 ? 'series-bar' : 'series-bar whole'} x={across(lower) + 1 + index * (half + 1)} y={base - height} width={half} height={height} />
			})}
		</g>
	)
}

/** The same for assistive technology, as a table. */
function BinTable({ label, reliability: { before, after } }: { label: string; reliability: Reliability }) {
	return (
		<div className="visually-hidden">
			<table>
				<caption>Bins: {label}</caption>
				<thead>
					<tr>
						<th scope="col">Probability</th>
						{STAGES.map(({ stage, title }) => [<th key={`${stage} n`} scope="col">Cases, {title.toLowerCase()}</th>, <th key={`${stage} confidence`} scope="col">Mean probability, {title.toLowerCase()}</th>, <th key={`${stage} share`} scope="col">Share, {title.toLowerCase()}</th>])}
					</tr>
				</thead>
				<tbody>
					{before.bins.map((bin, index) => (
						<tr key={bin.lower}>
							<th scope="row">{binTitle(bin)}</th>
							{[bin, after.bins[index]].map((one, place) => [<td key={`${place} n`}>{number(one?.n ?? 0)}</td>, <td key={`${place} confidence`}>{shareText(one?.confidence ?? null)}</td>, <td key={`${place} share`}>{shareText(one?.share ?? null)}</td>])}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	)
}
