import './charts.css'
import { bandPath, curvePath, placeOfOperatingPoint, type Band, type CurveKind, type OperatingPoint, type Points } from './curves.ts'
import { LineSample } from './LineSample.tsx'
import { lineStyle, markPath } from './lineStyle.ts'
import { intervalText, shareText } from './numbers.ts'
import { across, down, UnitSquare } from './UnitSquare.tsx'

/** The curve of one model. */
export interface Curve {
	/** Of the model. */
	title: string
	points: Points
	/** Its 95 % interval, point by point. */
	band?: Band
	/** Area under the curve (AUROC, or average precision) with its 95 % interval. */
	area: number | null
	interval: [number, number] | null
	/** The model's, as an evaluation states it. */
	operatingPoint?: OperatingPoint
}

export interface CurveChartProps {
	/** What is shown: "COVID-19, 666 test films". */
	label: string
	kind: CurveKind
	curves: readonly Curve[]
	/** Share of the positives: what a model that knows nothing gives as precision. */
	prevalence?: number
}

const TITLES = {
	roc: { name: 'ROC curve', x: '1 - specificity', y: 'Sensitivity', area: 'AUROC', first: 'Sensitivity', second: 'Specificity' },
	'precision-recall': { name: 'Precision-recall curve', x: 'Recall (sensitivity)', y: 'Precision', area: 'Average precision', first: 'Recall', second: 'Precision' },
} as const

/** The curves of one label, one for each model, with intervals and operating points; the numbers stand below as a table. */
export function CurveChart({ label, kind, curves, prevalence }: CurveChartProps) {
	const { name, x, y, area, first, second } = TITLES[kind]
	const words = `${name}: ${label}. ${curves.map((curve) => `${curve.title}: ${area} ${intervalText(curve.area, curve.interval)}`).join('; ')}.`
	return (
		<figure className="chart curve-chart" aria-label={`${name}: ${label}`}>
			<UnitSquare label={words} titles={{ x, y }}>
				{kind === 'roc' && <path className="chart-reference" d={`M${across(0)} ${down(0)}L${across(1)} ${down(1)}`} />}
				{kind === 'precision-recall' && prevalence !== undefined && <path className="chart-reference" d={`M${across(0)} ${down(prevalence)}H${across(1)}`} />}
				{curves.map(({ title, band }, index) => band && <path key={title} className={`series-band series-${lineStyle(index).colour + 1}`} d={bandPath(band, across, down)} />)}
				{curves.map((curve, index) => <CurveLine key={curve.title} kind={kind} curve={curve} index={index} />)}
			</UnitSquare>
			<table className="chart-table numbers">
				<thead>
					<tr>
						<th scope="col">Model</th><th scope="col" className="end">{area} (95 % interval)</th><th scope="col" className="end">Threshold</th>
						<th scope="col" className="end">{first}</th><th scope="col" className="end">{second}</th>
					</tr>
				</thead>
				<tbody>
					{curves.map(({ title, area: value, interval, operatingPoint }, index) => (
						<tr key={title}>
							<th scope="row"><LineSample index={index} marks={operatingPoint !== undefined} /><bdi>{title}</bdi></th>
							<td className="end">{intervalText(value, interval)}</td>
							<td className="end">{shareText(operatingPoint?.threshold ?? null)}</td>
							<td className="end">{shareText(operatingPoint?.sensitivity ?? null)}</td>
							<td className="end">{shareText((kind === 'roc' ? operatingPoint?.specificity : operatingPoint?.precision) ?? null)}</td>
						</tr>
					))}
				</tbody>
			</table>
			<figcaption className="muted">
				{kind === 'roc' ? 'Thin line: a model that knows nothing.' : prevalence !== undefined && `Thin line: a model that knows nothing (share of the positives, ${shareText(prevalence)}).`}
				{curves.some(({ band }) => band) && ' Shaded: 95 % interval.'} Mark: operating point.
			</figcaption>
		</figure>
	)
}

function CurveLine({ kind, curve: { points, operatingPoint }, index }: { kind: CurveKind; curve: Curve; index: number }) {
	const { colour, dash, mark } = lineStyle(index)
	const place = operatingPoint && placeOfOperatingPoint(kind, operatingPoint)
	return (
		<g className={`series-${colour + 1}`}>
			<path className="series-line" d={curvePath(kind, points, across, down)} strokeDasharray={dash.join(' ')} />
			{place && <path className="series-mark" d={markPath(mark, across(place[0]), down(place[1]), 5.5)} />}
		</g>
	)
}
