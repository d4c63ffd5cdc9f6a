import { randomStream } from '../random.ts'

/** Directions in which rows of features vary most; features are first divided by their deviations. */
export interface PrincipalComponents {
	/** Of each feature. */
	mean: ArrayLike<number>
	deviation: ArrayLike<number>
	/** [components, features], row by row; unit vectors at right angles. */
	components: ArrayLike<number>
	/** Along each component. */
	variances: readonly number[]
	/** Mean variance along each of the directions that are left. */
	rest: number
}

/** Variances below this share of the mean variance count as that much: a feature that never moved in training says little. */
const LEAST_VARIANCE = 1e-3
/** Directions that are followed beside those that are wanted, and rounds: the wanted ones are then exact to single precision where the variances fall off. */
const MORE = 16
const ROUNDS = 10
const SEED = 5

/**
 * Principal components of rows [rows, size] by randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4), the same on every machine up to rounding.
 * @param wanted At most this many components; fewer where there are not enough rows or features.
 * @throws Error without two rows.
 */
export function principalComponents(rows: Float32Array, size: number, wanted: number): PrincipalComponents {
	const count = rows.length / size
	if (count < 2) throw new Error(`Principal components need two rows; there are ${count}.`)
	const { mean, deviation } = moments(rows, size)
	const scaled = Float32Array.from(rows, (value, index) => (deviation[index % size]! > 0 ? (value - mean[index % size]!) / deviation[index % size]! : 0))
	let total = 0
	for (const value of scaled) total += value * value
	total /= count - 1
	const kept = Math.max(0, Math.min(wanted, count - 1, size - 1))
	const followed = Math.min(kept + MORE, count - 1, size)
	const random = randomStream(SEED, 'principal components')
	let basis = orthonormal(Float64Array.from({ length: followed * size }, () => random.uniform() - 0.5), size)
	for (let round = 0; round < ROUNDS; round++) basis = orthonormal(covarianceTimes(scaled, basis, size), size)
	const image = covarianceTimes(scaled, basis, size)
	const inner = Float64Array.from({ length: followed ** 2 }, (_, index) => dot(basis, Math.floor(index / followed) * size, image, (index % followed) * size, size))
	const { values, vectors } = symmetricEigen(inner, followed)
	const components = new Float64Array(kept * size)
	for (let component = 0; component < kept; component++) {
		for (let direction = 0; direction < followed; direction++) {
			const weight = vectors[direction * followed + component]!
			for (let index = 0; index < size; index++) components[component * size + index]! += weight * basis[direction * size + index]!
		}
	}
	const variances = Array.from(values.subarray(0, kept))
	const rest = Math.max(0, total - variances.reduce((sum, value) => sum + value, 0)) / (size - kept)
	return { mean, deviation, components, variances, rest }
}

/**
 * How unlike the rows that the components are of a row is: Mahalanobis distance with the variance of each component and one variance for everything that is left
 * (Moghaddam and Pentland 1997), divided by the square root of the number of features. About 1 for rows like them.
 */
export function featureDistance(features: ArrayLike<number>, { mean, deviation, components, variances, rest }: PrincipalComponents): number {
	const size = mean.length
	const scaled = Float64Array.from({ length: size }, (_, index) => (deviation[index]! > 0 ? (features[index]! - mean[index]!) / deviation[index]! : 0))
	let left = dot(scaled, 0, scaled, 0, size)
	let sum = 0
	for (const [component, variance] of variances.entries()) {
		const along = dot(scaled, 0, components, component * size, size)
		left -= along ** 2
		if (variance > 0) sum += along ** 2 / variance
	}
	if (rest > 0) sum += Math.max(0, left) / rest
	return Math.sqrt(sum / size)
}

function moments(rows: Float32Array, size: number): { mean: Float64Array; deviation: Float64Array } {
	const count = rows.length / size
	const mean = new Float64Array(size)
	const variance = new Float64Array(size)
	for (const [index, value] of rows.entries()) mean[index % size]! += value
	for (let index = 0; index < size; index++) mean[index]! /= count
	for (const [index, value] of rows.entries()) variance[index % size]! += (value - mean[index % size]!) ** 2 / (count - 1)
	const least = (LEAST_VARIANCE * variance.reduce((sum, value) => sum + value, 0)) / size
	return { mean, deviation: variance.map((value) => Math.sqrt(Math.max(value, least))) }
}

/** Rows of the basis, each times the covariance of the scaled rows. */
function covarianceTimes(scaled: Float32Array, basis: Float64Array, size: number): Float64Array {
	const count = scaled.length / size
	const product = new Float64Array(basis.length)
	for (let start = 0; start < basis.length; start += size) {
		for (let row = 0; row < scaled.length; row += size) {
			const along = dot(scaled, row, basis, start, size) / (count - 1)
			for (let index = 0; index < size; index++) product[start + index]! += along * scaled[row + index]!
		}
	}
	return product
}

/** Makes rows orthonormal in place (Gram and Schmidt, each row twice, which is enough). */
function orthonormal(rows: Float64Array, size: number): Float64Array {
	for (let start = 0; start < rows.length; start += size) {
		for (let pass = 0; pass < 2; pass++) {
			for (let before = 0; before < start; before += size) {
				const along = dot(rows, start, rows, before, size)
				for (let index = 0; index < size; index++) rows[start + index]! -= along * rows[before + index]!
			}
		}
		const length = Math.sqrt(dot(rows, start, rows, start, size))
		for (let index = 0; index < size; index++) rows[start + index] = length > 1e-12 ? rows[start + index]! / length : 0
	}
	return rows
}

function dot(a: ArrayLike<number>, startA: number, b: ArrayLike<number>, startB: number, size: number): number {
	let sum = 0
	for (let index = 0; index < size; index++) sum += a[startA + index]! * b[startB + index]!
	return sum
}

/** Eigenvalues of a symmetric matrix, largest first, and its eigenvectors as columns in their order, by Jacobi's rotations. */
function symmetricEigen(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
	const a = Float64Array.from(matrix)
	const vectors = Float64Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0))
	for (let sweep = 0; sweep < 30; sweep++) {
		let off = 0
		for (let row = 0; row < size; row++) for (let column = row + 1; column < size; column++) off += a[row * size + column]! ** 2
		if (off < 1e-22 * dot(a, 0, a, 0, a.length)) break
		for (let row = 0; row < size; row++) for (let column = row + 1; column < size; column++) rotate(a, vectors, size, row, column)
	}
	const order = Array.from({ length: size }, (_, index) => index).toSorted((one, other) => a[other * size + other]! - a[one * size + one]!)
	return {
		values: Float64Array.from(order, (index) => a[index * size + index]!),
		vectors: Float64Array.from({ length: size * size }, (_, index) => vectors[Math.floor(index / size) * size + order[index % size]!]!),
	}
}

/** One rotation, which makes the element (p, q) zero. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
	const element = a[p * size + q]!
	if (element === 0) return
	const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * element)
	const tangent = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
	const cosine = 1 / Math.sqrt(tangent * tangent + 1)
	const sine = tangent * cosine
	const turn = (values: Float64Array, one: number, other: number) => {
		const first = values[one]!
		const second = values[other]!
		values[one] = cosine * first - sine * second
		values[other] = sine * first + cosine * second
	}
	for (let index = 0; index < size; index++) turn(a, index * size + p, index * size + q)
	for (let index = 0; index < size; index++) turn(a, p * size + index, q * size + index)
	for (let index = 0; index < size; index++) turn(vectors, index * size + p, index * size + q)
}
