import { UserError } from '../../../common/contract/procedures.ts'
import type { LossRecipe } from '../../../common/contract/training/loss.ts'
import type { GraphBuilder } from '../../../onnx/builder.ts'
import { add, scale, subtract } from '../../../onnx/differentiate/arithmetic.ts'
import { divergence, logSoftmax, meanOver, softened, square, sumOver, total, unitLength } from './expressions.ts'
import type { LossBuilder, LossInputs, NetworkOutputs } from './loss.ts'

type Options<Kind extends LossRecipe['kind']> = Extract<LossRecipe, { kind: Kind }>
type Pair = Options<'hint'>['layers'][number]

function teacherOf(inputs: LossInputs, recipe: { kind: string; teacher: number }): NetworkOutputs {
	const teacher = inputs.teachers[recipe.teacher]
	if (!teacher) throw new UserError(`The loss ${recipe.kind} asks for teacher ${String(recipe.teacher)}, which the run does not have.`)
	return teacher
}

function layerOf(network: NetworkOutputs, name: string, kind: string, whose: string): string {
	const tensor = network.layers.get(name)
	if (tensor === undefined) throw new UserError(`The loss ${kind} asks for the layer "${name}", which the ${whose} does not have. It has: ${[...network.layers.keys()].join(', ') || 'none'}.`)
	return tensor
}

/** Both ends of a pair, [batch, channels, height, width] each. */
function pairOf(inputs: LossInputs, recipe: { kind: string; teacher: number }, pair: Pair): { student: string; teacher: string } {
	return { student: layerOf(inputs.student, pair.student, recipe.kind, 'student'), teacher: layerOf(teacherOf(inputs, recipe), pair.teacher, recipe.kind, `teacher ${String(recipe.teacher)}`) }
}

/** Share of each of `from` places in bin i of `to`: the bin averages floor(i from / to) ... ceil((i + 1) from / to), as torch's adaptive_avg_pool2d. */
function binShare(bin: number, place: number, from: number, to: number): number {
	const start = Math.floor((bin * from) / to), end = Math.ceil(((bin + 1) * from) / to)
	return place >= start && place < end ? 1 / (end - start) : 0
}

/** Adaptive average pooling to a size that is not larger: the bins are rectangles, so it is a matrix from the left and one from the right. */
function pooled(build: GraphBuilder, value: string, height: number, width: number): string {
	const [, , rows = 1, columns = 1] = build.dims(value)
	const left = (): string => build.floats(Array.from({ length: height * rows }, (_, index) => binShare(Math.floor(index / rows), index % rows, rows, height)), [height, rows])
	const right = (): string => build.floats(Array.from({ length: columns * width }, (_, index) => binShare(index % width, Math.floor(index / width), columns, width)), [columns, width])
	const narrow = columns === width ? value : build.node('MatMul', [value, right()])
	return rows === height ? narrow : build.node('MatMul', [left(), narrow])
}

/** Brings the larger of two maps to the size of the smaller, each side by itself. */
function sameSize(build: GraphBuilder, left: string, right: string): [string, string] {
	const [, , leftHeight = 1, leftWidth = 1] = build.dims(left)
	const [, , rightHeight = 1, rightWidth = 1] = build.dims(right)
	const height = Math.min(leftHeight, rightHeight), width = Math.min(leftWidth, rightWidth)
	return [pooled(build, left, height, width), pooled(build, right, height, width)]
}

function meanSquare(build: GraphBuilder, left: string, right: string): string {
	return meanOver(build, square(build, subtract(build, left, right)))
}

/** Mean over batch and places of the squared difference of mean_c(F^2), each image's map divided by its length. */
export const attention: LossBuilder<Options<'attention'>> = (build, inputs, recipe) => total(build, recipe.layers.map((pair) => {
	const { student, teacher } = pairOf(inputs, recipe, pair)
	const map = (value: string): string => {
		const [batch = 1, , height = 1, width = 1] = build.dims(value)
		const energy = meanOver(build, square(build, value), [1])
		return unitLength(build, build.node('Reshape', [energy, build.integers([batch, height * width])]), 1)
	}
	const [left, right] = sameSize(build, student, teacher)
	return meanSquare(build, map(left), map(right))
}))

/** torch's default for linear layers and convolutions: uniform within 1/sqrt(inputs), for weights and biases. */
function linearWeights(inputs: LossInputs, name: string, dims: readonly number[]): { weight: string; bias: string } {
	const [outputs = 1, ...rest] = dims
	const bound = 1 / Math.sqrt(rest.reduce((product, size) => product * size, 1))
	return { weight: inputs.parameter(`${name}.weight`, dims, { kind: 'uniform', bound }), bias: inputs.parameter(`${name}.bias`, [outputs], { kind: 'uniform', bound }) }
}

/** Mean squared difference of the teacher's activations and a 1x1 convolution of the student's. */
export const hint: LossBuilder<Options<'hint'>> = (build, inputs, recipe) => total(build, recipe.layers.map((pair, index) => {
	const ends = pairOf(inputs, recipe, pair)
	// Pooled before the convolution: the same result as after it, from less work.
	const [student, teacher] = sameSize(build, ends.student, ends.teacher)
	const { weight, bias } = linearWeights(inputs, `regressor.${String(index)}`, [build.dims(teacher)[1] ?? 1, build.dims(student)[1] ?? 1, 1, 1])
	return meanSquare(build, build.node('Conv', [student, weight, bias], { kernel_shape: [1, 1] }), teacher)
}))

/** Share * T^2 KL of a second linear head, per answer, and lambda * sum of i^alpha times the mean squared difference of same-shape layers. */
export const sameShape: LossBuilder<Options<'hdkd'>> = (build, inputs, recipe) => {
	const { features, logits } = inputs.student
	const [batch = 1, classes = 1] = build.dims(logits)
	const { weight, bias } = linearWeights(inputs, 'head', [classes, build.dims(features)[1] ?? 1])
	const head = build.node('Gemm', [features, weight, bias], { transB: 1 })
	const answers = (value: string): string => logSoftmax(build, softened(build, value, recipe))
	const rows = divergence(build, answers(teacherOf(inputs, recipe).logits), answers(head))
	const soft = scale(build, sumOver(build, rows), (recipe.share * recipe.temperature ** 2) / (batch * classes))
	const layers = recipe.layers.map((pair, index) => {
		const { student, teacher } = pairOf(inputs, recipe, pair)
		const [own, other] = [build.dims(student), build.dims(teacher)]
		if (own.some((size, axis) => size !== other[axis])) {
			throw new UserError(`The loss hdkd compares layers of one shape: "${pair.student}" of the student is ${own.slice(1).join(' x ')}, "${pair.teacher}" of the teacher ${other.slice(1).join(' x ')} (channels x height x width). The loss hint has a regressor for that.`)
		}
		return scale(build, meanSquare(build, student, teacher), recipe.lambda * (index + 1) ** recipe.alpha)
	})
	return add(build, soft, total(build, layers))
}
