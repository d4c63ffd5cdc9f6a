import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import { recipeSchema, type Recipe, type StudentRecipe, type TeacherRecipe } from '../../../common/contract/training/recipe.ts'
import { recipeProblems } from '../../../common/contract/training/recipeProblems.ts'

/**
 * A recipe with its defaults filled in.
 * @param title how the recipe is called in messages: its file.
 * @throws UserError naming the title and the first wrong field.
 */
export function parseRecipe(value: unknown, title: string): Recipe {
	const parsed = recipeSchema.safeParse(value)
	if (parsed.success) return parsed.data
	const [problem] = recipeProblems(value)
	throw new UserError(`${title}: ${problem?.message ?? 'it is no recipe'}.`)
}

export interface Places {
	/** Folder that relative paths are relative to. */
	base: string
	/** Folders that hold packs by id. */
	models: readonly string[]
}

/**
 * The recipe with every path absolute, so that the run can be resumed from anywhere.
 * @throws UserError naming the field whose file is not there.
 */
export function resolvePaths(recipe: Recipe, places: Places, title: string): Recipe {
	return {
		...recipe,
		data: { ...recipe.data, folder: pathFinder(places, title).file('data.folder', recipe.data.folder) },
		student: resolveStudent(recipe.student, places, title),
		teachers: recipe.teachers.map((teacher, index) => resolveTeacher(teacher, index, places, title)),
	}
}

/** @throws UserError as resolvePaths. */
export function resolveStudent(student: StudentRecipe, places: Places, title: string): StudentRecipe {
	const { file, pack } = pathFinder(places, title)
	return student.from === 'pack' ? { ...student, pack: pack('student.pack', student.pack) }
		: student.from === 'onnx' ? { ...student, file: file('student.file', student.file) }
		: student.weights === undefined ? student : { ...student, weights: file('student.weights', student.weights) }
}

/** @throws UserError as resolvePaths. */
export function resolveTeacher(teacher: TeacherRecipe, index: number, places: Places, title: string): TeacherRecipe {
	const { file, pack } = pathFinder(places, title)
	return teacher.from === 'pack' ? { ...teacher, pack: pack(`teachers[${index}].pack`, teacher.pack) } : { ...teacher, file: file(`teachers[${index}].file`, teacher.file) }
}

function pathFinder({ base, models }: Places, title: string) {
	const file = (field: string, path: string): string => {
		const absolute = resolve(base, path)
		if (!existsSync(absolute)) throw new UserError(`${title}: ${absolute}, which the field "${field}" names, is not there.`)
		return absolute
	}
	const pack = (field: string, name: string): string => {
		const found = [resolve(base, name), ...(/[\\/]/.test(name) ? [] : models.map((folder) => join(folder, name)))].find((folder) => existsSync(join(folder, 'model.json')))
		if (!found) throw new UserError(`${title}: the model pack "${name}", which the field "${field}" names, is not there.`)
		return found
	}
	return { file, pack }
}
