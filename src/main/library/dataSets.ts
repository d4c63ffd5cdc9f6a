import { createHash } from 'node:crypto'
import { UserError } from '../../common/contract/procedures.ts'
import { labelledDataRecipeSchema, type LabelledDataRecipe } from '../../common/contract/training/data.ts'
import { dataSetSurveySchema, type DataSetSurvey } from '../../common/contract/training/dataSets.ts'
import { inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

/** A data set as the library keeps it. */
export interface KeptDataSet {
	id: number
	title: string
	recipe: LabelledDataRecipe
	createdAt: string
	/** The last survey; null before the first, and where another version of the program wrote it. */
	surveyed: { survey: DataSetSurvey; at: string; /** Name of its file of samples. */ samples: string; /** The recipe was changed since. */ older: boolean } | null
}

interface Row {
	id: number
	title: string
	recipe: string
	createdAt: string
	survey: string | null
	surveyedAt: string | null
	surveyedRecipe: string | null
	samples: string | null
}

const COLUMNS = 'id, title, recipe, created_at AS createdAt, survey, surveyed_at AS surveyedAt, surveyed_recipe_sha256 AS surveyedRecipe, samples'

/** A data set that was removed is kept so long. */
const REMOVED_MILLISECONDS = 30 * 24 * 3600 * 1000

/** In the order in which they came. */
export function listDataSets(library: Library): KeptDataSet[] {
	return prepared<[], Row>(library.database, `SELECT ${COLUMNS} FROM data_sets WHERE removed_at IS NULL ORDER BY id`).all().map(keptOf)
}

/** @throws UserError where there is none, or it was removed. */
export function getDataSet(library: Library, id: number): KeptDataSet {
	const row = prepared<[number], Row>(library.database, `SELECT ${COLUMNS} FROM data_sets WHERE id = ? AND removed_at IS NULL`).get(id)
	if (!row) throw new UserError('This data set is not in the library; it may have been removed.')
	return keptOf(row)
}

export function addDataSet(library: Library, title: string, recipe: LabelledDataRecipe): KeptDataSet {
	const { lastInsertRowid } = prepared(library.database, 'INSERT INTO data_sets (title, recipe, created_at) VALUES (?, ?, ?)').run(title, JSON.stringify(recipe), new Date().toISOString())
	return getDataSet(library, Number(lastInsertRowid))
}

/** @throws UserError where there is none. */
export function renameDataSet(library: Library, id: number, title: string): KeptDataSet {
	prepared(library.database, 'UPDATE data_sets SET title = ? WHERE id = ? AND removed_at IS NULL').run(title, id)
	return getDataSet(library, id)
}

/** Takes a data set from the list; it can be restored for thirty days. @throws UserError where there is none. */
export function removeDataSet(library: Library, id: number): void {
	getDataSet(library, id)
	prepared(library.database, 'UPDATE data_sets SET removed_at = ? WHERE id = ?').run(new Date().toISOString(), id)
}

/** @throws UserError where there is none. */
export function restoreDataSet(library: Library, id: number): void {
	prepared(library.database, 'UPDATE data_sets SET removed_at = NULL WHERE id = ?').run(id)
	getDataSet(library, id)
}

/** Forgets what was removed long ago. @returns the names of all files of samples that are still needed. */
export function sweepDataSets(library: Library): Set<string> {
	return inTransaction(library.database, () => {
		prepared(library.database, 'DELETE FROM data_sets WHERE removed_at < ?').run(new Date(Date.now() - REMOVED_MILLISECONDS).toISOString())
		return new Set(prepared<[], string>(library.database, 'SELECT samples FROM data_sets WHERE samples IS NOT NULL').pluck().all())
	})
}

/** Changes the recipe of a data set. @throws UserError where there is none; what `change` throws, and nothing is changed then. */
export function changeRecipe(library: Library, id: number, change: (recipe: LabelledDataRecipe) => LabelledDataRecipe): KeptDataSet {
	return inTransaction(library.database, () => {
		const recipe = change(getDataSet(library, id).recipe)
		prepared(library.database, 'UPDATE data_sets SET recipe = ? WHERE id = ?').run(JSON.stringify(recipe), id)
		return getDataSet(library, id)
	})
}

/**
 * Keeps what a survey found in place of the one before.
 * @param recipe the recipe that was surveyed; it may have been changed since.
 * @param samples name of its file of samples.
 * @returns the name of the file that is no longer needed, null where there is none.
 * @throws UserError where the data set was removed meanwhile.
 */
export function keepSurvey(library: Library, id: number, { recipe, survey, samples }: { recipe: LabelledDataRecipe; survey: DataSetSurvey; samples: string }): string | null {
	return inTransaction(library.database, () => {
		getDataSet(library, id)
		const before = prepared<[number], string | null>(library.database, 'SELECT samples FROM data_sets WHERE id = ?').pluck().get(id) ?? null
		prepared(library.database, 'UPDATE data_sets SET survey = ?, surveyed_at = ?, surveyed_recipe_sha256 = ?, samples = ? WHERE id = ?').run(
			JSON.stringify(survey), new Date().toISOString(), sha256Of(JSON.stringify(recipe)), samples, id,
		)
		return before
	})
}

function keptOf({ id, title, recipe, createdAt, survey, surveyedAt, surveyedRecipe, samples }: Row): KeptDataSet {
	const data = labelledDataRecipeSchema.parse(JSON.parse(recipe))
	const parsed = survey === null ? null : (dataSetSurveySchema.safeParse(JSON.parse(survey)).data ?? null)
	return {
		id, title, createdAt,
		recipe: data,
		surveyed: parsed && surveyedAt !== null && samples !== null ? { survey: parsed, at: surveyedAt, samples, older: sha256Of(JSON.stringify(data)) !== surveyedRecipe } : null,
	}
}

function sha256Of(text: string): string {
	return createHash('sha256').update(text).digest('hex')
}
