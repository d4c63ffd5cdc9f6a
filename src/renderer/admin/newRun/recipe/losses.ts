import { lossProblems, lossSchema, type TrainingTask } from '../../../../common/contract/training/loss.ts'
import { defaultLosses } from '../../../../common/contract/training/recipe.ts'
import type { RecipeProblem } from '../../../../common/contract/training/recipeProblems.ts'
import { listAt, valueAt, type Draft } from './fields.ts'
import { LOSS_KINDS, USUAL, usualLoss, type LossKind } from './usual.ts'

/** What a loss is called, and what it does in a few words. */
export const LOSSES: Record<LossKind, { title: string; what: string }> = {
	'cross-entropy': { title: 'Cross-entropy', what: 'the truth, one label for each image' },
	'binary-cross-entropy': { title: 'Binary cross-entropy', what: 'the truth of each label' },
	'focal-binary-cross-entropy': { title: 'Focal cross-entropy', what: 'the truth of each label, hard images first' },
	dice: { title: 'Dice', what: 'overlap of masks' },
	kl: { title: 'KL of softened answers', what: 'the teacher\'s answers, softened by the temperature' },
	mse: { title: 'Squared difference', what: 'of softened answers' },
	dkd: { title: 'Decoupled distillation (DKD)', what: 'the truth\'s class and the others apart' },
	dist: { title: 'Correlation of answers (DIST)', what: 'between classes and between images' },
	mld: { title: 'Distillation by label (MLD)', what: 'a yes or no for each label' },
	attention: { title: 'Attention maps', what: 'where in the image layers are active' },
	hint: { title: 'Hints', what: 'activations of layers, through a learned convolution' },
	hdkd: { title: 'Features and a second head (HDKD)', what: 'features of the same shape' },
	rkd: { title: 'Relations of images (RKD)', what: 'distances and angles between images' },
	crckd: { title: 'Relations to classes (CRCKD)', what: 'likeness to the centres of the classes' },
}

/** Kinds that can be chosen: for this kind of truth, and with or without a teacher. */
export function fittingKinds(task: TrainingTask, teachers: number): LossKind[] {
	return LOSS_KINDS.filter((kind) => lossProblems([usualLoss(kind)], { task, teachers, classes: 2, batchSize: 2 }).length === 0)
}

/** Layers that a loss compares: the last three of both, or fewer. */
export interface LayerNames {
	student: readonly string[]
	teacher: readonly string[]
}

const COMPARED = 3

function pairsOf({ student, teacher }: LayerNames): { student: string; teacher: string }[] {
	const many = Math.min(COMPARED, student.length, teacher.length)
	return Array.from({ length: many }, (_, index) => ({ student: student.at(index - many) ?? '', teacher: teacher.at(index - many) ?? '' }))
}

export interface LossPreset {
	id: string
	title: string
	/** undefined: what the recipe means without losses. */
	losses: unknown[] | undefined
}

/** What can be chosen at once for a kind of truth. @param layers null: not known, so nothing that compares layers is offered. */
export function lossPresets(task: TrainingTask, teachers: number, layers: LayerNames | null): LossPreset[] {
	const alone: LossPreset = { id: 'usual', title: teachers === 0 ? 'From the truth alone' : 'Truth and teacher in halves', losses: undefined }
	if (task === 'segmentation' || teachers === 0) return [alone]
	const pairs = layers ? pairsOf(layers) : []
	const hint = (weight: number) => ({ kind: 'hint', weight, layers: pairs })
	if (task === 'multilabel') {
		return [
			{ ...alone, title: 'As the second paper has it' },
			{ id: 'mld', title: 'Each label by itself (MLD)', losses: [{ kind: 'binary-cross-entropy' }, { kind: 'mld' }] },
			...(pairs.length > 0 ? [{ id: 'hint', title: 'With hints', losses: [{ kind: 'focal-binary-cross-entropy', weight: 0.5 }, { kind: 'mse', weight: 0.5, temperature: 2 }, hint(5)] }] : []),
		]
	}
	return [
		alone,
		{ id: 'response', title: 'Mostly the teacher', losses: [{ kind: 'cross-entropy', weight: 0.1 }, { kind: 'kl', weight: 0.9, temperature: 4 }] },
		{ id: 'decoupled', title: 'Decoupled (DKD)', losses: [{ kind: 'cross-entropy' }, { kind: 'dkd' }] },
		...(pairs.length > 0 ? [{ id: 'hint', title: 'With hints', losses: [{ kind: 'cross-entropy', weight: 0.3 }, { kind: 'kl', weight: 0.7, temperature: 3 }, hint(5)] }] : []),
	]
}

/** The losses that the draft has, or means; null where one of them is not valid. */
export function lossesOf(draft: Draft, task: TrainingTask): ReturnType<typeof defaultLosses> | null {
	const own = valueAt(draft, 'losses')
	if (own === undefined) return defaultLosses(task, listAt(draft, 'teachers').length)
	const parsed = lossSchema.array().safeParse(own)
	return parsed.success ? parsed.data : null
}

/** What no schema can know of the draft's losses: whether they fit truth, teachers and batch. */
export function problemsOfLosses(draft: Draft, task: TrainingTask | null, classes: number | null): RecipeProblem[] {
	const losses = task === null ? null : lossesOf(draft, task)
	if (!losses || task === null) return []
	const batch = valueAt(draft, 'batch')
	const setting = { task, classes: classes ?? Math.max(2, ...losses.map((loss) => ('classWeights' in loss && loss.classWeights ? loss.classWeights.length : 0))), teachers: listAt(draft, 'teachers').length, batchSize: typeof batch === 'number' ? batch : USUAL.batch }
	return lossProblems(losses, setting).map(({ index, field, reason }) => ({ field: `losses[${index}].${field}`, message: reason.replace(/\.$/, '') }))
}
