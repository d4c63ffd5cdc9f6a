import type { LabelAnswer } from '../../common/contract/analysis.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import { calibrate, confidenceOf } from '../../common/stats/calibration.ts'

/**
 * What a network's logits mean: calibrated probabilities against the operating points. The network abstains, and then calls no label,
 * when its confidence is below the pack's threshold.
 * @throws Error when there is not one finite logit per label: no number is better than a wrong one.
 */
export function readAnswer(logits: readonly number[], manifest: ModelManifest): { labels: LabelAnswer[]; abstained: boolean } {
	if (logits.length !== manifest.labels.length) throw new Error(`The network gave ${logits.length} logits for ${manifest.labels.length} labels.`)
	if (!logits.every(Number.isFinite)) throw new Error('The network gave a logit that is not a number.')
	const probabilities = calibrate(logits, manifest.task, manifest.calibration)
	const abstained = confidenceOf(probabilities, manifest.task) < manifest.abstention.threshold
	const labels = manifest.labels.map((label, index) => {
		const probability = probabilities[index] as number
		return {
			name: label.name,
			title: label.title,
			logit: logits[index] as number,
			probability,
			operatingPoint: label.operatingPoint.value,
			positive: !abstained && probability >= label.operatingPoint.value,
			finding: label.finding,
		}
	})
	return { labels, abstained }
}
