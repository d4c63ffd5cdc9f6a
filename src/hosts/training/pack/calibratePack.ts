import type { ModelManifest } from '../../../common/contract/model.ts'
import type { PackDescription } from '../../../common/contract/training/pack.ts'
import { fitPlatt, fitTemperature, UNCALIBRATED } from '../../../common/stats/calibration.ts'
import type { Cases } from '../../../common/stats/classification.ts'
import { overallMetricsOf } from '../../../common/stats/metrics.ts'
import { coverageThreshold, operatingPoint, operatingRuleInWords } from '../../../common/stats/thresholds.ts'
import type { Answers } from '../evaluation/answerSamples.ts'
import { casesOf, confidences, truthOf } from '../evaluation/results.ts'

type Calibration = ModelManifest['calibration']

/** What is called where the validation images do not say. */
const DEFAULT_OPERATING_POINT = 0.5

/** Numbers of a manifest with so many digits that nothing depends on the rest. */
export function rounded(value: number, digits = 6): number {
	return Number(value.toFixed(digits))
}

/** Fits how logits become probabilities on the validation images: one temperature for classes that exclude each other, Platt's scaling for each label otherwise. */
export function fitCalibration(validation: Answers, task: Cases['task'], labels: readonly string[]): Calibration {
	const fitted = fit(validation, task, labels)
	const eceOf = (calibration: Parameters<typeof casesOf>[1]['calibration']): number | null => {
		if (validation.samples.length === 0) return null
		const { ece } = overallMetricsOf(casesOf(validation, { task, labels, calibration, operatingPoints: labels.map(() => DEFAULT_OPERATING_POINT) }))
		return ece === null ? null : rounded(ece)
	}
	return { ...fitted, n: validation.samples.length, eceBefore: eceOf(UNCALIBRATED), eceAfter: eceOf(fitted) }
}

function fit({ samples, logits }: Answers, task: Cases['task'], labels: readonly string[]) {
	const truth = truthOf(samples, labels.length)
	if (task === 'multiclass') {
		const found = fitTemperature(logits, { task, labels: labels.length, truth })
		// A search that ended at the edge of its range has nothing to say.
		return { method: 'temperature' as const, temperature: found?.converged ? rounded(found.temperature) : 1 }
	}
	return {
		method: 'platt' as const,
		labels: labels.map((_, label) => {
			const known = [...samples.keys()].filter((row) => truth[row * labels.length + label]! >= 0)
			const at = (row: number) => row * labels.length + label
			const { slope, offset, n, fitted } = fitPlatt(known.map((row) => logits[at(row)]!), known.map((row) => truth[at(row)] === 1))
			return { slope: rounded(slope), offset: rounded(offset), n, fitted }
		}),
	}
}

/** The operating point of each label by the rule, on the validation images, with a sentence on how it was chosen. */
export function chooseOperatingPoints(cases: Cases, labels: readonly string[], rule: PackDescription['operatingPoints']): { value: number; rule: string }[] {
	return labels.map((_, label) => {
		const known = cases.groups.flatMap((__, row) => (cases.truth[row * cases.labels + label]! >= 0 ? [row * cases.labels + label] : []))
		const positives = known.map((index) => cases.truth[index] === 1)
		const point = operatingPoint(known.map((index) => cases.probabilities[index]!), positives, rule)
		const count = positives.filter(Boolean).length
		if (!point) return { value: DEFAULT_OPERATING_POINT, rule: `Not chosen: the ${known.length} validation images hold ${count === 0 ? 'none with' : 'only'} this label. ${DEFAULT_OPERATING_POINT} by default.` }
		const { sensitivity, specificity, precision } = point
		return {
			value: rounded(point.threshold),
			rule: `${operatingRuleInWords(rule)} on the validation images (n ${known.length}, ${count} with the label): sensitivity ${sensitivity.toFixed(3)}, specificity ${specificity.toFixed(3)}, precision ${precision.toFixed(3)}.`,
		}
	})
}

/** The confidence that the given share of the validation images reaches. */
export function chooseAbstention(cases: Cases, coverage: number): { threshold: number; rule: string } {
	const all = confidences(cases)
	if (all.length === 0) return { threshold: 0, rule: 'Never: there were no validation images to choose a threshold on.' }
	const threshold = rounded(coverageThreshold(all.map(({ confidence }) => confidence), coverage))
	const measure = cases.task === 'multiclass' ? 'The largest calibrated probability' : 'The mean certainty of the labels, max(p, 1 - p),'
	return { threshold, rule: `${measure} is below the value that ${rounded(100 * coverage, 1)} % of the validation images (n ${all.length}) reach.` }
}
