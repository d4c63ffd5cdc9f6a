import type { LabelAnswer } from '../../common/contract/analysis.ts'
import type { ModelManifest } from '../../common/contract/model.ts'

/**
 * Calibrated probabilities of the labels: softmax(logits / temperature) for classes that exclude each other,
 * 1 / (1 + exp(-logit / temperature)) for labels that do not.
 */
export function calibrate(logits: readonly number[], task: ModelManifest['task'], temperature: number): number[] {
	if (task === 'multilabel') return logits.map((logit) => 1 / (1 + Math.exp(-logit / temperature)))
	const largest = Math.max(...logits)
	const powers = logits.map((logit) => Math.exp((logit - largest) / temperature))
	const sum = powers.reduce((total, power) => total + power, 0)
	return powers.map((power) => power / sum)
}

/**
 * What a network's logits mean: calibrated probabilities against the operating points. The network abstains, and then calls no label,
 * when its largest calibrated probability is below the pack's threshold.
 * @throws Error when there is not one finite logit per label: no number is better than a wrong one.
 */
export function readAnswer(logits: readonly number[], manifest: ModelManifest): { labels: LabelAnswer[]; abstained: boolean } {
	if (logits.length !== manifest.labels.length) throw new Error(`The network gave ${logits.length} logits for ${manifest.labels.length} labels.`)
	if (!logits.every(Number.isFinite)) throw new Error('The network gave a logit that is not a number.')
	const probabilities = calibrate(logits, manifest.task, manifest.calibration.temperature)
	const abstained = Math.max(...probabilities) < manifest.abstention.threshold
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
