import { CALIBRATION_BINS, calibrationBin, trueClasses, type Cases } from './classification.ts'

/** How logits become probabilities. */
export type Calibration =
	/** softmax(logits / temperature), or the logistic function of logit / temperature for labels that do not exclude each other. */
	| { method: 'temperature'; temperature: number }
	/** 1 / (1 + exp(-(slope * logit + offset))) for each label (Platt 1999). */
	| { method: 'platt'; labels: readonly { slope: number; offset: number }[] }

/** As the network gives them. */
export const UNCALIBRATED: Calibration = { method: 'temperature', temperature: 1 }

/** Calibrated probabilities of one case's logits. */
export function calibrate(logits: ArrayLike<number>, task: Cases['task'], calibration: Calibration): number[] {
	const all = Array.from(logits)
	if (calibration.method === 'platt') return all.map((logit, label) => logistic((calibration.labels[label]?.slope ?? 1) * logit + (calibration.labels[label]?.offset ?? 0)))
	const scaled = all.map((logit) => logit / calibration.temperature)
	if (task === 'multilabel') return scaled.map(logistic)
	const largest = Math.max(...scaled)
	const powers = scaled.map((logit) => Math.exp(logit - largest))
	const sum = powers.reduce((total, power) => total + power, 0)
	return powers.map((power) => power / sum)
}

function logistic(value: number): number {
	return 1 / (1 + Math.exp(-value))
}

/**
 * How sure an answer is: the share of its calls that are right if the probabilities are. One call for classes that exclude each other:
 * the largest probability. A call for each label otherwise: the mean of max(p, 1 - p).
 */
export function confidenceOf(probabilities: readonly number[], task: Cases['task']): number {
	if (task === 'multiclass') return Math.max(...probabilities)
	return probabilities.reduce((sum, probability) => sum + Math.max(probability, 1 - probability), 0) / probabilities.length
}

/** A fit and whether the search came to rest; one that did not is not to be used. */
export interface TemperatureFit {
	temperature: number
	converged: boolean
	/** Mean negative log-likelihood at temperature 1 and at the fitted one. */
	lossBefore: number
	lossAfter: number
}

/** Temperatures outside of this range mean that there is nothing to fit: no mistakes, or no information. */
const TEMPERATURES = { least: 0.05, most: 20 }
const MOST_STEPS = 100
const SMALLEST_STEP = 1e-10
/** Of the loss of one case: below it the next Newton step is the last. */
const SMALLEST_GAIN = 1e-12

/**
 * The temperature that makes the truth likeliest (Guo et al. 2017). The loss is convex in 1 / temperature, where Newton's method is
 * used, kept inside the range in which its derivative changes sign. Null without a case whose truth is known.
 * @param logits [case, label]
 */
export function fitTemperature(logits: ArrayLike<number>, { task, labels, truth }: Pick<Cases, 'task' | 'labels' | 'truth'>): TemperatureFit | null {
	const derivatives = task === 'multiclass' ? multiclassLoss(logits, labels, trueClasses({ truth, labels })) : multilabelLoss(logits, truth)
	if (!derivatives) return null
	let low = 1 / TEMPERATURES.most
	let high = 1 / TEMPERATURES.least
	const { loss: lossBefore } = derivatives(1)
	// Convex: a minimum lies inside only where the loss falls at the lower end and rises at the upper one.
	const inside = derivatives(low).slope < 0 && derivatives(high).slope > 0
	if (!inside) {
		const inverse = derivatives(low).slope >= 0 ? low : high
		return { temperature: 1 / inverse, converged: false, lossBefore, lossAfter: derivatives(inverse).loss }
	}
	let inverse = 1
	for (let step = 0; step < MOST_STEPS; step++) {
		const { slope, curvature } = derivatives(inverse)
		if (slope > 0) high = inverse
		else low = inverse
		const newton = inverse - slope / curvature
		const next = newton > low && newton < high ? newton : (low + high) / 2
		const done = Math.abs(next - inverse) <= SMALLEST_STEP * inverse
		inverse = next
		if (done) return { temperature: 1 / inverse, converged: true, lossBefore, lossAfter: derivatives(inverse).loss }
	}
	return { temperature: 1 / inverse, converged: false, lossBefore, lossAfter: derivatives(inverse).loss }
}

/** Mean negative log-likelihood with its first and second derivative, by 1 / temperature. */
type Loss = (inverse: number) => { loss: number; slope: number; curvature: number }

function multiclassLoss(logits: ArrayLike<number>, labels: number, classes: Int32Array): Loss | null {
	const rows = [...classes.keys()].filter((row) => classes[row]! >= 0)
	if (rows.length === 0) return null
	return (inverse) => {
		let loss = 0, slope = 0, curvature = 0
		for (const row of rows) {
			let largest = Number.NEGATIVE_INFINITY
			for (let label = 0; label < labels; label++) largest = Math.max(largest, logits[row * labels + label]!)
			let sum = 0, first = 0, second = 0
			for (let label = 0; label < labels; label++) {
				const logit = logits[row * labels + label]! - largest
				const power = Math.exp(inverse * logit)
				sum += power
				first += power * logit
				second += power * logit * logit
			}
			const truth = logits[row * labels + classes[row]!]! - largest
			loss += Math.log(sum) - inverse * truth
			slope += first / sum - truth
			curvature += second / sum - (first / sum) ** 2
		}
		return { loss: loss / rows.length, slope: slope / rows.length, curvature: curvature / rows.length }
	}
}

function multilabelLoss(logits: ArrayLike<number>, truth: Int8Array): Loss | null {
	const known = [...truth.keys()].filter((index) => truth[index]! >= 0)
	if (known.length === 0) return null
	return (inverse) => {
		let loss = 0, slope = 0, curvature = 0
		for (const index of known) {
			const logit = logits[index]!
			const probability = logistic(inverse * logit)
			loss += softplus(inverse * logit) - truth[index]! * inverse * logit
			slope += (probability - truth[index]!) * logit
			curvature += probability * (1 - probability) * logit * logit
		}
		return { loss: loss / known.length, slope: slope / known.length, curvature: curvature / known.length }
	}
}

/** log(1 + exp(value)) without overflow. */
function softplus(value: number): number {
	return Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))
}

export interface PlattFit {
	slope: number
	offset: number
	/** Cases of known truth that it was fitted on. */
	n: number
	/** False: slope 1 and offset 0 stand, because there was nothing to fit, the search did not come to rest, or the logits rank the label backwards. */
	fitted: boolean
}

/**
 * Platt's scaling of one label: slope and offset that make the truth likeliest, with his targets (positives + 1) / (positives + 2) and
 * 1 / (negatives + 2) in place of 1 and 0, by Newton's method with backtracking (Lin, Lin and Weng 2007).
 */
export function fitPlatt(logits: readonly number[], positives: readonly boolean[]): PlattFit {
	const n = logits.length
	const positiveCount = positives.filter(Boolean).length
	const none: PlattFit = { slope: 1, offset: 0, n, fitted: false }
	if (positiveCount === 0 || positiveCount === n) return none
	const high = (positiveCount + 1) / (positiveCount + 2)
	const low = 1 / (n - positiveCount + 2)
	const targets = positives.map((positive) => (positive ? high : low))
	const lossOf = (slope: number, offset: number) => logits.reduce((sum, logit, index) => sum + softplus(slope * logit + offset) - targets[index]! * (slope * logit + offset), 0)
	let slope = 0
	let offset = Math.log((positiveCount + 1) / (n - positiveCount + 1))
	let loss = lossOf(slope, offset)
	for (let step = 0; step < MOST_STEPS; step++) {
		// The small part keeps the matrix invertible where every logit is the same.
		let slopeSlope = 1e-12, slopeOffset = 0, offsetOffset = 1e-12, slopeGradient = 0, offsetGradient = 0
		for (const [index, logit] of logits.entries()) {
			const probability = logistic(slope * logit + offset)
			const residual = probability - targets[index]!
			const curvature = probability * (1 - probability)
			slopeSlope += logit * logit * curvature
			slopeOffset += logit * curvature
			offsetOffset += curvature
			slopeGradient += logit * residual
			offsetGradient += residual
		}
		const determinant = slopeSlope * offsetOffset - slopeOffset * slopeOffset
		const slopeStep = -(offsetOffset * slopeGradient - slopeOffset * offsetGradient) / determinant
		const offsetStep = -(slopeSlope * offsetGradient - slopeOffset * slopeGradient) / determinant
		const descent = slopeGradient * slopeStep + offsetGradient * offsetStep
		if (-descent < SMALLEST_GAIN * n) {
			slope += slopeStep
			offset += offsetStep
			return slope > 0 ? { slope, offset, n, fitted: true } : none
		}
		let size = 1
		for (; size >= SMALLEST_STEP; size /= 2) {
			const tried = lossOf(slope + size * slopeStep, offset + size * offsetStep)
			if (tried >= loss + 1e-4 * size * descent) continue
			loss = tried
			slope += size * slopeStep
			offset += size * offsetStep
			break
		}
		if (size < SMALLEST_STEP) return none
	}
	return none
}

export interface ReliabilityBin {
	lower: number
	upper: number
	n: number
	/** Mean probability, and share of the cases that are so; null in an empty bin. */
	confidence: number | null
	share: number | null
}

/** How often what was said with a probability is so, over the bins of the calibration error. */
export function reliabilityBins(probabilities: readonly number[], right: readonly boolean[]): ReliabilityBin[] {
	const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ n: 0, probability: 0, right: 0 }))
	for (const [index, probability] of probabilities.entries()) {
		const bin = bins[calibrationBin(probability)]!
		bin.n++
		bin.probability += probability
		if (right[index]) bin.right++
	}
	return bins.map((bin, index) => ({
		lower: index / CALIBRATION_BINS, upper: (index + 1) / CALIBRATION_BINS, n: bin.n,
		confidence: bin.n > 0 ? bin.probability / bin.n : null, share: bin.n > 0 ? bin.right / bin.n : null,
	}))
}
