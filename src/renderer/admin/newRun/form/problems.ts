import { createContext, useContext } from 'react'
import type { RecipeProblem } from '../../../../common/contract/training/recipeProblems.ts'

/** Everything that is wrong with the draft, by field. */
export const Problems = createContext<readonly RecipeProblem[]>([])

/** What is wrong with a field, or with what stands in it where no field of the form shows that. @param exactly the field alone. */
export function useProblems(field: string, exactly = true): readonly RecipeProblem[] {
	return useContext(Problems).filter(({ field: own }) => own === field || (!exactly && (own.startsWith(`${field}.`) || own.startsWith(`${field}[`))))
}

/** A problem as a sentence. */
export function sentence({ message }: RecipeProblem): string {
	return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}
