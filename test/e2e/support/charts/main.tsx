import '@fontsource-variable/inter/wght.css'
import '../../../../src/renderer/ui/tokens.css'
import { StrictMode, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import chest from '../../../../resources/models/cxr3-ofa595/evaluation.json'
import findings from '../../../../resources/models/nih14-eeea/evaluation.json'
import { evaluationReportSchema } from '../../../../src/common/contract/training/evaluation.ts'
import { Bars } from '../../../../src/renderer/admin/charts/Bars.tsx'
import { ConfusionMatrix } from '../../../../src/renderer/admin/charts/ConfusionMatrix.tsx'
import { CurveChart } from '../../../../src/renderer/admin/charts/CurveChart.tsx'
import { LineChart } from '../../../../src/renderer/admin/charts/LineChart.tsx'
import { createLineData, type LineData } from '../../../../src/renderer/admin/charts/lineData.ts'
import { ReliabilityDiagram } from '../../../../src/renderer/admin/charts/ReliabilityDiagram.tsx'
import { appendStep, curves, LINES, PREVALENCE, run } from './examples.ts'

/** What the tests reach through the window. */
export interface ChartsUnderTest {
	/** Adds the next points of the run. */
	append(points: number): void
}

declare global {
	interface Window {
		charts: ChartsUnderTest
	}
}

const TITLES = { x: 'Step', left: 'Loss', right: 'Learning rate' }
const points = Number(/^#points=(\d+)$/.exec(location.hash)?.[1] ?? 2000)
const data: LineData = run(points)
const nothing = createLineData()
window.charts = {
	append(count) {
		const last = data.x.at(-1) ?? 0
		for (let step = last + 1; step <= last + count; step++) appendStep(data, step, points)
	},
}

function Example({ title, children }: { title: string; children: ReactNode }) {
	return <section aria-label={title} style={{ padding: 16 }}><h2 style={{ marginBottom: 8 }}>{title}</h2>{children}</section>
}

function Gallery() {
	const [multiclass, multilabel] = [chest, findings].map((report) => evaluationReportSchema.parse(report))
	const [split, labelSplit] = [multiclass, multilabel].map((report) => report?.splits.find(({ split: name }) => name === 'test'))
	if (!multiclass || !multilabel || !split || !labelSplit) throw new Error('A shipped pack has no test split.')
	return (
		<>
			<Example title="Empty"><LineChart label="Loss of a run without steps" titles={TITLES} data={nothing} lines={LINES} /></Example>
			<div style={{ display: 'flex', flexWrap: 'wrap' }}>
				<Example title="ROC"><CurveChart label="COVID-19, 666 test films" kind="roc" curves={curves('roc')} /></Example>
				<Example title="Precision-recall"><CurveChart label="COVID-19, 666 test films" kind="precision-recall" curves={curves('precision-recall')} prevalence={PREVALENCE} /></Example>
				<Example title="Reliability"><ReliabilityDiagram label="666 test films" reliability={split.reliability} /></Example>
				<Example title="Confusion"><ConfusionMatrix label="666 test films" task="multiclass" labels={multiclass.model.labels} confusion={split.confusion} /></Example>
				<Example title="Confusion of findings"><ConfusionMatrix label="findings of 99 test films" task="multilabel" labels={multilabel.model.labels} confusion={labelSplit.confusion} /></Example>
			</div>
			<Example title="Many labels">
				<ConfusionMatrix
					label="forty labels" task="multiclass" labels={Array.from({ length: 40 }, (_, index) => `A label with a long name, number ${index + 1}`)}
					confusion={Array.from({ length: 40 }, (_, row) => Array.from({ length: 40 }, (__, column) => (row === column ? 90 : (row * 7 + column) % 5)))}
				/>
			</Example>
			<Example title="Images">
				<Bars
					label="Images by class and split" rowTitle="Class" parts={['Train', 'Validation', 'Test']}
					rows={[{ name: 'COVID-19', counts: [2158, 201, 222] }, { name: 'Normal', counts: [1402, 210, 222] }, { name: 'Other pneumonia', counts: [640, 0, 12] }]}
				/>
			</Example>
		</>
	)
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id root.')
createRoot(root).render(
	<StrictMode>
		<main style={{ height: '100%', overflow: 'auto' }}>
			<h1 className="visually-hidden">Charts under test</h1>
			<Example title="Lines"><LineChart label="Loss of run example-1" titles={TITLES} data={data} lines={LINES} /></Example>
			{location.hash === '' && <Gallery />}
		</main>
	</StrictMode>,
)
