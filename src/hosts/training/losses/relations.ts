import type { LossRecipe } from '../../../common/contract/training/loss.ts'
import type { GraphBuilder } from '../../../onnx/builder.ts'
import { add, divide, multiply, scale, subtract } from '../../../onnx/differentiate/arithmetic.ts'
import { detached, divergence, logSoftmax, meanOver, overTeachers, quotient, rootAbove, square, sumOver, unitLength } from './expressions.ts'
import type { LossBuilder } from './loss.ts'

type Options<Kind extends LossRecipe['kind']> = Extract<LossRecipe, { kind: Kind }>

/** x^2/2 within -1 ... 1 and |x| - 1/2 outside, as c (x - c/2) with c = x clipped. Mean over all. */
function smoothL1(build: GraphBuilder, difference: string): string {
	const clipped = build.node('Clip', [difference, build.scalar(-1), build.scalar(1)])
	return meanOver(build, multiply(build, clipped, subtract(build, difference, scale(build, clipped, 0.5))))
}

/** Of two images with the same features the distance is 1e-6 and has no gradient. */
const SMALLEST_SQUARE = 1e-12

/** Distances between all features of a batch, divided by their mean, [n, n], and cosines of the angles of all triples, [n, n, n]. */
function relations(build: GraphBuilder, features: string): { distances: string; angles: string } {
	const [n = 1, size = 1] = build.dims(features)
	const to = build.node('Reshape', [features, build.integers([1, n, size])]), from = build.node('Reshape', [features, build.integers([n, 1, size])])
	// Differences before squares: the form with scalar products loses the small distances to rounding.
	const differences = subtract(build, to, from)
	const lengths = rootAbove(build, sumOver(build, square(build, differences), [2], true), SMALLEST_SQUARE)
	const others = build.floats(Array.from({ length: n * n }, (_, index) => (Math.floor(index / n) === index % n ? 0 : 1)), [n, n])
	const distances = multiply(build, build.node('Reshape', [lengths, build.integers([n, n])]), others)
	const mean = scale(build, sumOver(build, distances), 1 / (n * (n - 1)))
	const directions = divide(build, differences, lengths)
	return {
		distances: divide(build, distances, mean),
		angles: build.node('MatMul', [directions, build.node('Transpose', [directions], { perm: [0, 2, 1] })]),
	}
}

/** Smooth-L1 between the relations of the student's and the teacher's features. */
export const relational: LossBuilder<Options<'rkd'>> = (build, inputs, { distanceWeight, angleWeight }) => {
	const student = relations(build, inputs.student.features)
	return overTeachers(build, inputs, ({ features }) => {
		const teacher = relations(build, features)
		const distance = smoothL1(build, subtract(build, student.distances, teacher.distances))
		const angle = smoothL1(build, subtract(build, student.angles, teacher.angles))
		return add(build, scale(build, distance, distanceWeight), scale(build, angle, angleWeight))
	})
}

/** What a class that no image of the batch has is lowered by: its probability becomes 0. */
const ABSENT = 10000

/** KL between the distributions of each image over the classes' centroids, mean over the images with a known label. */
export const categorical: LossBuilder<Options<'crckd'>> = (build, inputs, { temperature }) => {
	const truth = multiply(build, inputs.target, inputs.known)
	const labelled = sumOver(build, truth, [1])
	const members = build.node('Transpose', [truth], { perm: [1, 0] })
	const absent = subtract(build, build.node('Min', [sumOver(build, truth, [0], true), build.scalar(1)]), build.scalar(1))
	const answers = (features: string): string => {
		const directions = unitLength(build, features, 1, 1e-6)
		// The direction of a sum is that of the mean. As in the authors' code: of what is above 0, and without a gradient.
		const centroids = detached(build, unitLength(build, build.node('MatMul', [members, build.node('Relu', [directions])]), 1, 1e-6))
		const similarities = build.node('MatMul', [directions, build.node('Transpose', [centroids], { perm: [1, 0] })])
		return logSoftmax(build, add(build, scale(build, similarities, 1 / temperature), scale(build, absent, ABSENT)))
	}
	const student = answers(inputs.student.features)
	return overTeachers(build, inputs, ({ features }) => {
		const rows = divergence(build, answers(features), student)
		return quotient(build, sumOver(build, multiply(build, labelled, rows)), sumOver(build, labelled))
	})
}
