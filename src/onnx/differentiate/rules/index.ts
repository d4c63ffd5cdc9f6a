import type { GradientRule } from '../rule.ts'
import { activationRules } from './activations.ts'
import { convolutionRules } from './convolution.ts'
import { elementwiseRules } from './elementwise.ts'
import { indexingRules } from './indexing.ts'
import { layoutRules } from './layout.ts'
import { matrixRules } from './matrices.ts'
import { normalisationRules } from './normalisation.ts'
import { poolRules } from './pools.ts'
import { reductionRules } from './reductions.ts'
import { resizeRules } from './resize.ts'

/** The gradient of every operator that can be differentiated, by its name in the standard operator set. */
export const RULES: Readonly<Record<string, GradientRule>> = {
	...activationRules,
	...convolutionRules,
	...elementwiseRules,
	...indexingRules,
	...layoutRules,
	...matrixRules,
	...normalisationRules,
	...poolRules,
	...reductionRules,
	...resizeRules,
}
