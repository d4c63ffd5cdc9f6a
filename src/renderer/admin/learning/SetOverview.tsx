import type { LearningSet } from '../../../common/contract/learning.ts'
import { number } from '../../ui/words.ts'
import { Bars } from '../charts/Bars.tsx'
import { Reason } from '../dataSets/SurveyState.tsx'
import { Fact, Facts } from '../Facts.tsx'
import { TRUTH_TITLES } from './learningWords.ts'
import { MakeSet } from './MakeSet.tsx'

/** What could be learned of a set, what is missing, and the way to a data set. */
export function SetOverview({ set }: { set: LearningSet }) {
	const { counts, missing, notes } = set
	return (
		<article className="data-set-overview learning-overview" aria-label="Overview" tabIndex={0}>
			{[...missing, ...notes].length > 0 && <div className="whole"><Reason kind="warning">{[...missing, ...notes].map((sentence) => <p key={sentence}>{sentence}</p>)}</Reason></div>}
			<div className="whole"><Facts>
				<Fact term="Images">{number(set.images)}, of {number(set.patients)} patients</Fact>
				<Fact term="Corrected">{number(set.corrected)} otherwise than the network</Fact>
				<Fact term="Left out">{number(set.leftOut)}</Fact>
				<Fact term="Labels">{set.task === 'multiclass' ? 'One for each image' : 'Several for each image'}</Fact>
			</Facts></div>
			<MakeSet set={set} />
			<section aria-label="Images">
				<h2>Images by what readers decided</h2>
				<Bars label="Images by label and decision" rowTitle="Label" parts={Object.values(TRUTH_TITLES)} rows={counts.map(({ title, positives, negatives, unknown }) => ({ name: title, counts: [positives, negatives, unknown] }))} />
				<p className="muted data-set-note">A finding that nobody decided on is not known, and absent where the report is signed.</p>
			</section>
			<section aria-label="Patients">
				<h2>Patients by label</h2>
				<table className="chart-table numbers" aria-label="Patients by label">
					<thead><tr><th scope="col">Label</th><th scope="col" className="end">With it</th><th scope="col" className="end">Without it</th></tr></thead>
					<tbody>
						{counts.map(({ name, title, positivePatients, negativePatients }) => (
							<tr key={name}><th scope="row" title={title}><span className="cut bars-name"><bdi>{title}</bdi></span></th><td className="end">{number(positivePatients)}</td><td className="end">{number(negativePatients)}</td></tr>
						))}
					</tbody>
				</table>
			</section>
		</article>
	)
}
