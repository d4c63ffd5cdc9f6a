import { UserError } from '../../../common/contract/procedures.ts'
import { lossProblems, type LossRecipe, type LossSetting } from '../../../common/contract/training/loss.ts'
import type { GraphBuilder } from '../../../onnx/builder.ts'
import { multiply, scale } from '../../../onnx/differentiate/arithmetic.ts'
import type { Parameter } from '../../../onnx/network.ts'
import { total } from './expressions.ts'
import { attention, hint, sameShape } from './layers.ts'
import { correlations, decoupled, kullbackLeibler, oneAgainstAll, sigmoidMeanSquare, softmaxMeanSquare } from './logits.ts'
import type { LossInputs } from './loss.ts'
import { categorical, relational } from './relations.ts'
import { binaryCrossEntropy, crossEntropy, dice, focalBinaryCrossEntropy } from './truth.ts'

export interface AddedLosses {
	/** The weighted sum, a scalar. */
	total: string
	/** Each loss before its weight, a scalar, by name: its kind, with a number from the second of a kind on. */
	parts: Map<string, string>
	/** What the losses learn for themselves, inputs of the graph named loss/...; trained with the student and thrown away. */
	parameters: Parameter[]
	/** Scalar inputs of the graph that warm a loss up, with its recipe: to be fed with lossFactor(recipe, epoch). */
	factors: Map<string, LossRecipe>
}

function addLoss(build: GraphBuilder, inputs: LossInputs, recipe: LossRecipe, task: LossSetting['task']): string {
	switch (recipe.kind) {
		case 'cross-entropy': return crossEntropy(build, inputs, recipe)
		case 'binary-cross-entropy': return binaryCrossEntropy(build, inputs, recipe)
		case 'focal-binary-cross-entropy': return focalBinaryCrossEntropy(build, inputs, recipe)
		case 'dice': return dice(build, inputs, recipe)
		case 'kl': return kullbackLeibler(build, inputs, recipe)
		case 'mse': return task === 'multiclass' ? softmaxMeanSquare(build, inputs, recipe) : sigmoidMeanSquare(build, inputs, recipe)
		case 'dkd': return decoupled(build, inputs, recipe)
		case 'dist': return correlations(build, inputs, recipe)
		case 'mld': return oneAgainstAll(build, inputs, recipe)
		case 'attention': return attention(build, inputs, recipe)
		case 'hint': return hint(build, inputs, recipe)
		case 'hdkd': return sameShape(build, inputs, recipe)
		case 'rkd': return relational(build, inputs, recipe)
		case 'crckd': return categorical(build, inputs, recipe)
	}
}

/**
 * Adds the weighted sum of the losses to a training graph.
 * @param recipes one at least
 * @throws UserError naming loss and field where a loss does not fit the task, the teachers or the layers
 */
export function addLosses(build: GraphBuilder, inputs: Omit<LossInputs, 'parameter'>, recipes: readonly LossRecipe[], task: LossSetting['task']): AddedLosses {
	const [batchSize = 1, classes = 1] = build.dims(inputs.student.logits)
	const [problem] = lossProblems(recipes, { task, classes, teachers: inputs.teachers.length, batchSize })
	if (problem) throw new UserError(`losses.${String(problem.index)}.${problem.field}: ${problem.reason}`)
	if (recipes.length === 0) throw new UserError('losses: A run needs a loss.')
	for (const [index, teacher] of inputs.teachers.entries()) {
		const answers = build.dims(teacher.logits)[1] ?? 1
		if (answers !== classes) throw new UserError(`teachers.${String(index)}: The teacher answers ${String(answers)} labels, the student ${String(classes)}.`)
	}
	const parts = new Map<string, string>(), factors = new Map<string, LossRecipe>(), counts = new Map<string, number>()
	const parameters: Parameter[] = [], weighted: string[] = []
	for (const recipe of recipes) {
		const count = (counts.get(recipe.kind) ?? 0) + 1
		counts.set(recipe.kind, count)
		const name = count === 1 ? recipe.kind : `${recipe.kind}-${String(count)}`
		const parameter: LossInputs['parameter'] = (ending, dims, initialisation) => {
			const own = build.input(`loss/${name}/${ending}`, dims)
			parameters.push({ name: own, dims, role: dims.length === 1 ? 'bias' : 'weight', initialisation })
			return own
		}
		const part = addLoss(build, { ...inputs, parameter }, recipe, task)
		parts.set(name, part)
		const share = scale(build, part, recipe.weight)
		if ('warmUpEpochs' in recipe && recipe.warmUpEpochs > 0) {
			const factor = build.input(`factor/${name}`, [])
			factors.set(factor, recipe)
			weighted.push(multiply(build, share, factor))
		} else weighted.push(share)
	}
	return { total: total(build, weighted), parts, parameters, factors }
}
