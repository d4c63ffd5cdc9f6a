import type { OptimiserRecipe } from '../../../common/contract/training/optimiser.ts'
import type { Parameter, Weights } from '../../../onnx/network.ts'
import { adamwStep } from './adamw.ts'
import { sgdStep } from './sgd.ts'

/** What an optimiser remembers between steps: plain arrays that a checkpoint keeps. */
export interface OptimiserState {
	/** momentum/<parameter> of SGD; mean/<parameter> and square/<parameter> of AdamW. */
	slots: Map<string, Float32Array>
	/** Steps taken. */
	step: number
}

/** State before the first step. */
export function initialOptimiserState(recipe: OptimiserRecipe, trained: readonly Parameter[]): OptimiserState {
	const kinds = recipe.kind === 'adamw' ? ['mean', 'square'] : recipe.momentum > 0 ? ['momentum'] : []
	const slots = kinds.flatMap((kind) => trained.map(({ name, dims }) => [`${kind}/${name}`, new Float32Array(dims.reduce((product, size) => product * size, 1))] as const))
	return { slots: new Map(slots), step: 0 }
}

/** The array of a name. @throws Error when it is missing or has another length: a checkpoint of another network. */
function arrayOf(arrays: ReadonlyMap<string, Float32Array>, name: string, length: number): Float32Array {
	const found = arrays.get(name)
	if (!found || found.length !== length) throw new Error(`The optimiser misses "${name}" with ${String(length)} values.`)
	return found
}

/**
 * One step, in place on weights and state; the result depends on nothing but the arguments.
 * @param weights hold every trained parameter, others are not touched
 * @param gradients of every trained parameter
 * @param decaying names of the parameters whose weights decay
 * @param factor of the learning rate, see learningRateFactor
 */
export function takeStep(
	recipe: OptimiserRecipe, state: OptimiserState, trained: readonly Parameter[], weights: Weights, gradients: Weights, decaying: ReadonlySet<string>, factor: number,
): void {
	state.step++
	const learningRate = recipe.learningRate * factor
	for (const { name } of trained) {
		const values = weights.get(name)
		if (!values) throw new Error(`The optimiser misses "${name}".`)
		const gradient = arrayOf(gradients, name, values.length)
		const slot = (kind: string): Float32Array => arrayOf(state.slots, `${kind}/${name}`, values.length)
		const weightDecay = decaying.has(name) ? recipe.weightDecay : 0
		if (recipe.kind === 'sgd') sgdStep(values, gradient, recipe.momentum > 0 ? slot('momentum') : null, { ...recipe, learningRate, weightDecay })
		else adamwStep(values, gradient, slot('mean'), slot('square'), { ...recipe, learningRate, weightDecay, step: state.step })
	}
}
