import { lossSchema, type LossSetting } from '../../src/common/contract/training/loss.ts'
import { addLosses, type AddedLosses } from '../../src/hosts/training/losses/addLosses.ts'
import type { NetworkOutputs } from '../../src/hosts/training/losses/loss.ts'
import { createGraphBuilder, type GraphBuilder } from '../../src/onnx/builder.ts'
import { differentiate } from '../../src/onnx/differentiate/differentiate.ts'
import { evaluate, reference } from './referenceOperators.ts'
import { runModel } from './runGraph.ts'

export interface Given {
	dims: readonly number[]
	values: ArrayLike<number>
}

/** Values by name: student/logits, student/features, student/layer/NAME, teacher/0/logits ..., target, known, and what the losses learn (loss/...). */
export type LossFeeds = Readonly<Record<string, Given>>

function network(build: GraphBuilder, feeds: LossFeeds, prefix: string): NetworkOutputs {
	const input = (name: string): string => build.input(name, feeds[name]?.dims ?? [1, 1])
	const layers = Object.keys(feeds).filter((name) => name.startsWith(`${prefix}/layer/`)).map((name) => [name.slice(prefix.length + 7), input(name)] as const)
	return { logits: input(`${prefix}/logits`), features: input(`${prefix}/features`), layers: new Map(layers) }
}

/** The losses in a graph whose inputs are named as the feeds. */
export function lossGraph(build: GraphBuilder, feeds: LossFeeds, recipes: readonly unknown[], task: LossSetting['task'], shares: readonly number[]): AddedLosses {
	return addLosses(build, {
		student: network(build, feeds, 'student'),
		teachers: shares.map((share, index) => ({ ...network(build, feeds, `teacher/${String(index)}`), share })),
		target: build.input('target', feeds['target']?.dims ?? [1, 1]), known: build.input('known', feeds['known']?.dims ?? [1, 1]),
	}, recipes.map((recipe) => lossSchema.parse(recipe)), task)
}

/** Value, parts and gradients with respect to everything of the student and of the losses, from ONNX Runtime. */
export async function runLosses(
	feeds: LossFeeds, recipes: readonly unknown[], task: LossSetting['task'] = 'multiclass', shares: readonly number[] = [1], factor = 1,
): Promise<{ value: number; parts: Map<string, number>; gradients: Map<string, Float32Array> }> {
	const build = createGraphBuilder()
	const added = lossGraph(build, feeds, recipes, task, shares)
	const wanted = [...Object.keys(feeds).filter((name) => name.startsWith('student/')), ...added.parameters.map(({ name }) => name)]
	const gradients = differentiate(build, added.total, wanted)
	for (const name of new Set([added.total, ...added.parts.values(), ...gradients.values()])) build.output(name)
	const all: LossFeeds = { ...feeds, ...Object.fromEntries([...added.factors.keys()].map((name) => [name, { dims: [], values: [factor] }])) }
	const model = build.model()
	const used = new Set(model.graph?.input.map((input) => input.name))
	const results = await runModel(model, Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)).map(([name, { dims, values }]) => [name, { dims, values: Float32Array.from(values) }])))
	const data = (name: string): Float32Array => results[name]?.data as Float32Array
	return {
		value: data(added.total)[0] ?? Number.NaN,
		parts: new Map([...added.parts].map(([name, tensor]) => [name, data(tensor)[0] ?? Number.NaN])),
		gradients: new Map([...gradients].map(([name, tensor]) => [name, data(tensor)])),
	}
}

/** Central differences of the weighted sum in float64, by what it is derived with respect to; the losses' own parameters are given in the feeds. */
export function lossDifferences(feeds: LossFeeds, recipes: readonly unknown[], task: LossSetting['task'], step = 1e-5): Map<string, number[]> {
	const build = createGraphBuilder()
	const added = lossGraph(build, feeds, recipes, task, [1])
	const given = new Map(Object.entries(feeds).map(([name, { dims, values }]) => [name, reference(dims, values)]))
	const total = (name: string, index: number, by: number): number => {
		const at = given.get(name) ?? reference([0], [])
		const moved = new Map(given).set(name, { dims: at.dims, values: at.values.with(index, (at.values[index] ?? 0) + by) })
		return evaluate(build.graph, moved).get(added.total)?.values[0] ?? Number.NaN
	}
	const wanted = Object.keys(feeds).filter((name) => name.startsWith('student/') || name.startsWith('loss/'))
	return new Map(wanted.map((name) => [name, Array.from(feeds[name]?.values ?? [], (_, index) => (total(name, index, step) - total(name, index, -step)) / (2 * step))]))
}
