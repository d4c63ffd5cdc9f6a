import type { Analysis } from '../../../../common/contract/analysis.ts'
import { showModelCard } from '../../modelCard.ts'

/** One press from an answer to what its network is worth. */
export function CardButton({ analysis }: { analysis: Analysis }) {
	const { modelTitle, prediction } = analysis
	return (
		<button
			type="button" className="quiet small link card-button" aria-haspopup="dialog" title={`What ${modelTitle} is for, what it was trained on and how good it is`}
			onClick={() => showModelCard({ sha256: prediction.model.sha256, title: modelTitle })}
		>
			{analysis.role === 'teacher' ? 'Card of the second model' : 'Model card'}
		</button>
	)
}
