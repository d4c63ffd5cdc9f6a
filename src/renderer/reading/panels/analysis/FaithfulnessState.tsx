import type { Analysis, LabelAnswer } from '../../../../common/contract/analysis.ts'
import type { Faithfulness } from '../../../../common/contract/explanation.ts'
import { measurable, measurementKey, useFaithfulness } from '../../map/faithfulness.ts'
import { faithfulnessSentence, shareWords } from '../../map/faithfulnessWords.ts'
import { useReading } from '../../readingStore.ts'
import { faithfulness as measurements } from '../live.ts'
import { DeletionSlider } from './DeletionSlider.tsx'

/** How far the finished map may be trusted: the verdict, what it rests on, and a way to see it for oneself. */
export function FaithfulnessState({ analysis }: { analysis: Analysis }) {
	const map = useReading((state) => (analysis.role === 'student' ? state.map : state.teacherMap))
	const measured = map.analysisId === analysis.id ? measurable(map) : null
	const key = measured && measurementKey(measured)
	const measurement = useFaithfulness((state) => (key === null ? undefined : state.measurements[key]))
	const label = analysis.prediction.labels.find(({ name }) => name === map.label)
	if (!measured || key === null || !label) return null
	return (
		<section className="panel-section faithfulness" aria-label={analysis.role === 'student' ? 'Faithfulness' : 'Faithfulness of the teacher\'s map'}>
			<h3 className="panel-heading">{analysis.role === 'student' ? 'Faithfulness of the map' : 'Faithfulness of the teacher\'s map'}</h3>
			{(!measurement || measurement.phase === 'measuring') && <p className="muted" role="status">Measuring: pixels are removed and put back, and the network is asked each time. This takes some seconds; reading goes on.</p>}
			{measurement?.phase === 'failed' && (
				<div className="fault" role="alert">
					<p>The faithfulness could not be measured. {measurement.reason} The map is kept.</p>
					<button type="button" className="small" onClick={() => void measurements.measure(measured)}>Measure again</button>
				</div>
			)}
			{measurement?.phase === 'done' && (
				<>
					<Verdict faithfulness={measurement.faithfulness} label={label} />
					{analysis.role === 'student' && measurement.faithfulness.verdict !== 'empty' && <DeletionSlider key={key} measurementKey={key} faithfulness={measurement.faithfulness} label={label} />}
				</>
			)}
		</section>
	)
}

function Verdict({ faithfulness, label }: { faithfulness: Faithfulness; label: LabelAnswer }) {
	const { verdict, deletion, insertion, chance, drop, increased, maskedProbability, probability } = faithfulness
	return (
		<>
			<p role="status" className={verdict === 'better' ? '' : 'warning-text'}>{faithfulnessSentence(faithfulness, label.title)}</p>
			{verdict !== 'empty' && (
				<>
					<dl className="faithfulness-numbers numbers">
						<dt>Deletion area</dt><dd>{deletion.area.toFixed(2)}</dd>
						<dt>Insertion area</dt><dd>{insertion.area.toFixed(2)}</dd>
						<dt>Drop</dt><dd>{increased ? 'none' : shareWords(drop)}</dd>
						<dt>Chance</dt><dd>{chance.toFixed(2)}</dd>
					</dl>
					<details>
						<summary>What these numbers mean</summary>
						<dl className="faithfulness-terms">
							<dt>Deletion area</dt><dd>The hottest pixels are replaced by a flat grey first. The area under the probability; low is faithful.</dd>
							<dt>Insertion area</dt><dd>The hottest pixels are put back into a blurred film first. The area under the probability; high is faithful.</dd>
							<dt>Drop</dt><dd>What the probability of {label.title}, {probability.toFixed(2)}, loses when the film is multiplied by the map, as a share of it; low is faithful. It {increased ? 'rises' : 'becomes'} {increased && 'to '}{maskedProbability.toFixed(2)}.</dd>
							<dt>Chance</dt><dd>How often maps with the same values in random places would do at least as well (insertion area minus deletion area). Up to 0.05 the map is called better than chance.</dd>
						</dl>
						<p className="muted">They tell whether the map shows what moved the network, not whether the network is right.</p>
					</details>
				</>
			)}
		</>
	)
}
