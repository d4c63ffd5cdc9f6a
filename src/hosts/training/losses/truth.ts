import { add, divide, multiply, scale, subtract } from '../../../onnx/differentiate/arithmetic.ts'
import type { LossRecipe } from '../../../common/contract/training/loss.ts'
import { logSigmoids, logSoftmax, meanOver, quotient, square, sumOver } from './expressions.ts'
import type { LossBuilder } from './loss.ts'

type Options<Kind extends LossRecipe['kind']> = Extract<LossRecipe, { kind: Kind }>

/**
 * -sum(q log softmax) / sum(w t) with q = w ((1 - e) t + e/C): torch.nn.CrossEntropyLoss with class weights w and label smoothing e. An image
 * without a known label counts in neither sum.
 */
export const crossEntropy: LossBuilder<Options<'cross-entropy'>> = (build, { student, target, known }, { labelSmoothing, classWeights }) => {
	const classes = build.dims(student.logits)[1] ?? 1
	const truth = multiply(build, target, known)
	const weigh = (value: string): string => (classWeights ? multiply(build, value, build.floats(classWeights, [1, classes])) : value)
	const labelled = sumOver(build, truth, [1], true)
	const wanted = labelSmoothing === 0 ? truth : add(build, scale(build, truth, 1 - labelSmoothing), scale(build, labelled, labelSmoothing / classes))
	const surprise = build.node('Neg', [sumOver(build, multiply(build, weigh(wanted), logSoftmax(build, student.logits)))])
	return quotient(build, surprise, sumOver(build, weigh(truth)))
}

/** Mean over the known answers of -(t log p + (1 - t) log(1 - p)), p = sigmoid: torch.nn.BCEWithLogitsLoss. */
export const binaryCrossEntropy: LossBuilder<Options<'binary-cross-entropy'>> = (build, { student, target, known }) => {
	const { yes, no } = logSigmoids(build, student.logits)
	const likelihood = add(build, multiply(build, target, yes), multiply(build, subtract(build, build.scalar(1), target), no))
	return quotient(build, build.node('Neg', [sumOver(build, multiply(build, known, likelihood))]), sumOver(build, known))
}

/** As binary cross-entropy, the yes term times (1 - p)^gamma and the no term times p^gamma; powers as exponentials of logarithms, so that 0 has none. */
export const focalBinaryCrossEntropy: LossBuilder<Options<'focal-binary-cross-entropy'>> = (build, { student, target, known }, { gamma }) => {
	const { yes, no } = logSigmoids(build, student.logits)
	const power = (logarithm: string): string => build.node('Exp', [scale(build, logarithm, gamma)])
	const positive = multiply(build, target, multiply(build, power(no), yes))
	const negative = multiply(build, subtract(build, build.scalar(1), target), multiply(build, power(yes), no))
	return quotient(build, build.node('Neg', [sumOver(build, multiply(build, known, add(build, positive, negative)))]), sumOver(build, known))
}

/** What stands beside both sums of Dice, so that an image without the organ has a value. */
const SMOOTH = 1

/** Mean over the images of 1 - (2 sum p t + 1) / (sum p^2 + sum t^2 + 1) over their known pixels. */
export const dice: LossBuilder<Options<'dice'>> = (build, { student, target, known }) => {
	const probability = multiply(build, build.node('Sigmoid', [student.logits]), known)
	const truth = multiply(build, target, known)
	const axes = build.dims(student.logits).map((_, axis) => axis).slice(1)
	const overlap = sumOver(build, multiply(build, probability, truth), axes)
	const sizes = add(build, sumOver(build, square(build, probability), axes), sumOver(build, square(build, truth), axes))
	const smooth = build.scalar(SMOOTH)
	const share = divide(build, add(build, scale(build, overlap, 2), smooth), add(build, sizes, smooth))
	return subtract(build, build.scalar(1), meanOver(build, share))
}
