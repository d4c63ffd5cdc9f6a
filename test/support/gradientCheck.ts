import { expect } from 'vitest'
import { createGraphBuilder, type GraphBuilder } from '../../src/onnx/builder.ts'
import { differentiate } from '../../src/onnx/differentiate/differentiate.ts'
import { elementCount } from '../../src/onnx/tensor.ts'
import { evaluate, reference, type Reference } from './referenceOperators.ts'
import { ramp, runModel } from './runGraph.ts'

export interface CheckedInput {
	dims: readonly number[]
	/** Numbers between -1 and 1 unless given. */
	values?: Float32Array
	/** No gradient is asked for. */
	isFixed?: boolean
}

const STEP = 1e-5

/** The largest difference, relative to the largest value (at least 1). */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
	let most = 1
	let worst = 0
	for (let index = 0; index < expected.length; index++) {
		most = Math.max(most, Math.abs(expected[index] ?? 0))
		const apart = Math.abs((found[index] ?? Number.NaN) - (expected[index] ?? 0))
		if (!(apart <= worst)) worst = apart
	}
	return found.length === expected.length ? worst / most : Number.NaN
}

/**
 * Holds the gradient that ONNX Runtime computes in float32 against central differences of the reference operators in float64, and the
 * reference's own outputs against ONNX Runtime's. `make` adds the nodes and gives back their outputs; the loss is the sum of all output
 * elements, each times a number of its own.
 */
export async function checkGradients(
	inputs: Readonly<Record<string, CheckedInput>>, make: (build: GraphBuilder) => string | string[], tolerance = 2e-5,
): Promise<void> {
	const build = createGraphBuilder()
	const given = Object.entries(inputs).map(([name, { dims, values, isFixed }], index) => ({
		name, dims, isFixed: isFixed === true, values: values ?? ramp(elementCount(dims), index + 1),
	}))
	for (const { name, dims } of given) build.input(name, dims)
	const outputs = [make(build)].flat()
	const terms = outputs.map((output, index) => {
		const dims = build.dims(output)
		const weights = build.input(`weights/${index}`, dims)
		given.push({ name: weights, dims, isFixed: true, values: ramp(elementCount(dims), 100 + index) })
		return build.node('ReduceSum', [build.node('Mul', [output, weights])], { keepdims: 0 })
	})
	const loss = terms.length === 1 ? terms[0] ?? '' : build.node('Sum', terms)
	const forward = { ...build.graph, node: [...build.graph.node], initializer: [...build.graph.initializer] }
	const wanted = given.filter((one) => !one.isFixed).map((one) => one.name)
	const gradients = differentiate(build, loss, wanted)
	for (const name of [...outputs, ...gradients.values()]) build.output(name)

	const feeds = new Map(given.map(({ name, dims, values }): [string, Reference] => [name, reference(dims, values)]))
	const results = await runModel(build.model(), Object.fromEntries(given.map(({ name, dims, values }) => [name, { dims, values }])))
	const plain = evaluate(forward, feeds)
	for (const output of outputs) {
		expect(plain.get(output)?.dims, `sizes of ${output}`).toEqual(results[output]?.dims)
		expect(difference(results[output]?.data as Float32Array, plain.get(output)?.values ?? []), `value of ${output}`).toBeLessThan(tolerance)
	}
	for (const name of wanted) {
		const found = results[gradients.get(name) ?? '']?.data as Float32Array | undefined
		const { indices, slopes } = centralDifferences(name, feeds, (changed) => evaluate(forward, changed).get(loss)?.values[0] ?? Number.NaN)
		expect(found?.length ?? feeds.get(name)?.values.length, `size of the gradient of ${name}`).toBe(feeds.get(name)?.values.length)
		expect(difference(indices.map((index) => (found ? found[index] ?? Number.NaN : 0)), slopes), `gradient of ${name}`).toBeLessThan(tolerance)
	}
}

/** Of each input so many elements are moved at most, evenly spread over it. */
const MOST_MOVED = 60

function centralDifferences(
	name: string, feeds: ReadonlyMap<string, Reference>, loss: (feeds: ReadonlyMap<string, Reference>) => number,
): { indices: number[]; slopes: number[] } {
	const at = feeds.get(name) ?? reference([0], [])
	const count = Math.min(at.values.length, MOST_MOVED)
	const indices = Array.from({ length: count }, (_, move) => Math.floor(((move + 0.5) * at.values.length) / count))
	const slopes = indices.map((index) => {
		const shifted = (by: number): number => loss(new Map([...feeds, [name, { dims: at.dims, values: at.values.with(index, (at.values[index] ?? 0) + by) }]]))
		return (shifted(STEP) - shifted(-STEP)) / (2 * STEP)
	})
	return { indices, slopes }
}
