import { augmentationSchema, type Augmentation } from '../../../../common/contract/training/augmentation.ts'
import { lossSchema, type LossRecipe } from '../../../../common/contract/training/loss.ts'
import { optimiserSchema, type OptimiserRecipe } from '../../../../common/contract/training/optimiser.ts'
import { recipeSchema } from '../../../../common/contract/training/recipe.ts'

/** What a recipe means where it says nothing. */
export const USUAL = recipeSchema.parse({ schemaVersion: 1, name: 'Usual', data: { layout: 'folders', folder: '.' }, student: { from: 'zoo', name: 'ofa-595' } })

export function usualOptimiser(kind: unknown): OptimiserRecipe {
	return optimiserSchema.parse({ kind: kind === 'sgd' ? 'sgd' : 'adamw' })
}

export const LOSS_KINDS = lossSchema.options.map((option) => option.shape.kind.value)
export type LossKind = LossRecipe['kind']

export function isLossKind(kind: unknown): kind is LossKind {
	return LOSS_KINDS.some((own) => own === kind)
}

export const COMPARES_LAYERS: ReadonlySet<LossKind> = new Set<LossKind>(['attention', 'hint', 'hdkd'])

/** A loss with every value that its kind has; its layers are examples. */
export function usualLoss(kind: LossKind): LossRecipe {
	return lossSchema.parse({ kind, ...(COMPARES_LAYERS.has(kind) ? { layers: [{ student: '-', teacher: '-' }] } : {}) })
}

export const AUGMENTATION_PRESETS = ['chest-radiograph', 'histology', 'none'] as const

export function usualAugmentation(preset: unknown): Augmentation {
	return augmentationSchema.parse({ preset: AUGMENTATION_PRESETS.find((own) => own === preset) })
}
