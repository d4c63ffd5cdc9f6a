import type { Analysis } from '../../../../common/contract/analysis.ts'
import { useNavigation } from '../../../app/navigation.ts'

/** Which model answered, and how long it took. */
export function ModelLine({ analysis }: { analysis: Analysis }) {
	const { model, milliseconds } = analysis.prediction
	const parts = `Decode ${milliseconds.decode.toFixed(1)} ms, preprocessing ${milliseconds.preprocess.toFixed(1)} ms, network ${milliseconds.run.toFixed(1)} ms`
	return (
		<section className="panel-section model-line" aria-label="Model">
			<h3 className="panel-heading">Model</h3>
			<p dir="auto">{analysis.modelTitle}</p>
			<p className="muted numbers selectable">
				version {model.version} · <code title={`SHA-256 ${model.sha256}`}>{model.sha256.slice(0, 12)}</code> · <span title={parts}>{Math.round(milliseconds.total)} ms</span>
			</p>
			<button type="button" className="quiet small link" onClick={() => useNavigation.getState().openSection('models')}>All models</button>
		</section>
	)
}
