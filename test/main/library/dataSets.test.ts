import { afterEach, beforeEach, expect, test } from 'vitest'
import { labelledDataRecipeSchema } from '../../../src/common/contract/training/data.ts'
import type { DataSetSurvey } from '../../../src/common/contract/training/dataSets.ts'
import { addDataSet, changeRecipe, getDataSet, keepSurvey, listDataSets, removeDataSet, restoreDataSet, sweepDataSets } from '../../../src/main/library/dataSets.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let library: Library
beforeEach(() => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
})
afterEach(() => {
	library.close()
	folder.remove()
})

const recipe = labelledDataRecipeSchema.parse({ layout: 'manifest', folder: '/films', mapping: { b: 'c', a: null } })
const none = { total: 0, first: [] }
const survey: DataSetSurvey = {
	sha256: 'ab'.repeat(32), task: 'multiclass', labels: ['c'], images: 3, groups: 3, splits: [], columns: [], leaks: { groups: none, identical: none, similar: none }, refused: none, filtered: none, warnings: [], refusal: '',
}
const correct = (id: number, corrections: { image: string; labels: string[] | null }[]) => changeRecipe(library, id, (own) => ({ ...own, corrections }))

test('a survey is older than the recipe while that is another one, and not when it is the same again', () => {
	const { id, surveyed } = addDataSet(library, 'Films', recipe)
	expect(surveyed).toBeNull()
	expect(keepSurvey(library, id, { recipe, survey, samples: 'one' })).toBeNull()
	expect(getDataSet(library, id)).toMatchObject({ recipe, surveyed: { survey, samples: 'one', older: false } })
	const corrected = correct(id, [{ image: '1.png', labels: null }])
	expect(corrected.surveyed?.older).toBe(true)
	expect(correct(id, []).surveyed?.older).toBe(false)
	// A correction that came while the survey was made.
	correct(id, [{ image: '2.png', labels: null }])
	expect(keepSurvey(library, id, { recipe: corrected.recipe, survey, samples: 'two' })).toBe('one')
	expect(getDataSet(library, id).surveyed).toMatchObject({ samples: 'two', older: true })
})

test('a change that is refused changes nothing', () => {
	const { id } = addDataSet(library, 'Films', recipe)
	expect(() => changeRecipe(library, id, () => {
		throw new Error('No.')
	})).toThrow('No.')
	expect(getDataSet(library, id).recipe).toEqual(recipe)
})

test('what was removed is out of reach, comes back whole, and is forgotten after thirty days', () => {
	const { id } = addDataSet(library, 'Films', recipe)
	keepSurvey(library, id, { recipe, survey, samples: 'one' })
	removeDataSet(library, id)
	expect(listDataSets(library)).toEqual([])
	expect(() => keepSurvey(library, id, { recipe, survey, samples: 'two' })).toThrow('This data set is not in the library')
	expect([...sweepDataSets(library)]).toEqual(['one'])
	restoreDataSet(library, id)
	expect(listDataSets(library)).toMatchObject([{ id, surveyed: { samples: 'one' } }])
	removeDataSet(library, id)
	library.database.prepare('UPDATE data_sets SET removed_at = ?').run(new Date(Date.now() - 31 * 24 * 3600 * 1000).toISOString())
	expect([...sweepDataSets(library)]).toEqual([])
	expect(() => restoreDataSet(library, id)).toThrow('not in the library')
})

test('a survey of another version of the program counts as none', () => {
	const { id } = addDataSet(library, 'Films', recipe)
	keepSurvey(library, id, { recipe, survey, samples: 'one' })
	library.database.prepare('UPDATE data_sets SET survey = ?').run('{"images": 3}')
	expect(getDataSet(library, id).surveyed).toBeNull()
})
