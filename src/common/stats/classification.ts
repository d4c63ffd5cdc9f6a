/** Area under the ROC curve: the chance that a positive scores above a negative, ties counted half. Null without both. */
export function areaUnderRoc(scores: readonly number[], positives: readonly boolean[]): number | null {
	const order = scores.map((score, index) => ({ score, positive: positives[index] === true })).toSorted((a, b) => a.score - b.score)
	const positiveCount = order.filter((entry) => entry.positive).length
	const negativeCount = order.length - positiveCount
	if (positiveCount === 0 || negativeCount === 0) return null
	let rankSum = 0
	for (let start = 0; start < order.length; ) {
		let end = start
		while (end < order.length && order[end]?.score === order[start]?.score) end++
		const averageRank = (start + 1 + end) / 2
		for (let index = start; index < end; index++) if (order[index]?.positive) rankSum += averageRank
		start = end
	}
	return (rankSum - (positiveCount * (positiveCount + 1)) / 2) / (positiveCount * negativeCount)
}

/** Share of cases whose predicted class is the true one. */
export function accuracy(truth: readonly number[], predicted: readonly number[]): number {
	return truth.filter((label, index) => label === predicted[index]).length / truth.length
}

/** Mean of the recalls of those classes that occur in the truth. */
export function balancedAccuracy(truth: readonly number[], predicted: readonly number[]): number {
	const classes = [...new Set(truth)]
	const recalls = classes.map((label) => {
		const cases = truth.flatMap((value, index) => (value === label ? [index] : []))
		return cases.filter((index) => predicted[index] === label).length / cases.length
	})
	return recalls.reduce((sum, recall) => sum + recall, 0) / classes.length
}

/** Expected calibration error: mean gap between confidence and accuracy over equal-width bins, weighted by their cases. */
export function calibrationError(confidences: readonly number[], correct: readonly boolean[], bins = 10): number {
	let error = 0
	for (let bin = 0; bin < bins; bin++) {
		const cases = confidences.flatMap((value, index) => (Math.min(Math.floor(value * bins), bins - 1) === bin ? [index] : []))
		if (cases.length === 0) continue
		const confidence = cases.reduce((sum, index) => sum + (confidences[index] as number), 0) / cases.length
		const share = cases.filter((index) => correct[index]).length / cases.length
		error += (cases.length / confidences.length) * Math.abs(confidence - share)
	}
	return error
}
