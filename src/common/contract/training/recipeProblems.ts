import type { z } from 'zod'
import { recipeSchema } from './recipe.ts'

/** What is wrong with a recipe. */
export interface RecipeProblem {
	/** Where: teachers[0].share; '' for the whole. */
	field: string
	/** The end of a sentence that names the field, without its full stop. */
	message: string
}

function fieldName(path: readonly PropertyKey[]): string {
	return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('')
}

function problemsOf(issue: z.core.$ZodIssue): RecipeProblem[] {
	if (issue.code === 'unrecognized_keys') {
		return issue.keys.map((key) => fieldName([...issue.path, key])).map((field) => ({ field, message: `there is no field "${field}" in a recipe` }))
	}
	const field = fieldName(issue.path)
	return [{ field, message: field === '' ? `it is no recipe: ${issue.message}` : `the field "${field}" is not valid: ${issue.message}` }]
}

/** Every field of a recipe that is not as it should be; none for a recipe that can be read. Files that it names are not looked at. */
export function recipeProblems(value: unknown): RecipeProblem[] {
	const parsed = recipeSchema.safeParse(value)
	return parsed.success ? [] : parsed.error.issues.flatMap(problemsOf)
}
