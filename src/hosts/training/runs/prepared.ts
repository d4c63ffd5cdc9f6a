import type { LossRecipe } from '../../../common/contract/training/loss.ts'
import type { Recipe } from '../../../common/contract/training/recipe.ts'
import type { Parameter } from '../../../onnx/network.ts'
import type { SeenDataSet } from '../data/readDataSet.ts'
import type { Teacher } from '../graph/teacher.ts'
import type { Student } from './student.ts'

/** A run with everything that it is made of, before any session. */
export interface PreparedRun {
	recipe: Recipe
	losses: readonly LossRecipe[]
	dataSet: SeenDataSet
	/** Who found the part of each film that is shown; null where all of it is. */
	lungs: { id: string; sha256: string } | null
	student: Student
	teachers: readonly Teacher[]
	/** The student's parameters that change. */
	trained: readonly Parameter[]
	threads: number
}
