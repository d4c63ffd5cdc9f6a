import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelledDataRecipeSchema, type DataRecipeOf } from '../../../../src/common/contract/training/data.ts'
import { choiceOf, choiceOfTable, examplesOf, looksLikeLabel, mayBeNone, recipeOf, subgroupColumns, usableTables, whatIsMissing, type Column, type Table } from '../../../../src/renderer/admin/dataSets/adding/columnChoice.ts'

const column = (name: string, values: string[] = ['x', 'y'], more = false): Column => ({ name, values, more })
const truth = (name: string) => column(name, ['0', '1', ''])
const usual: Table = { file: 'manifest.csv', columns: [column('file', ['1.png', '2.png'], true), column('label', ['a', 'b']), column('split', ['train', 'val', 'test']), column('patient', ['1'], true), column('source', ['north']), column('sex', ['F', 'M']), column('note', ['x'], true)] }
const foreign: Table = { file: 'list.csv', columns: [column('path', ['1.png'], true), column('id', ['1'], true), truth('Mass'), truth('Nodule'), column('view', ['PA', 'AP'])] }
const manifest = (recipe: object): DataRecipeOf<'manifest'> => labelledDataRecipeSchema.parse({ layout: 'manifest', folder: '/films', ...recipe }) as DataRecipeOf<'manifest'>

describe('the columns of a recipe', () => {
	it('are those that it names, and the usual ones where it names none', () => {
		expect(choiceOf(manifest({ columns: { attributes: ['sex'] } }), usual)).toEqual({ table: 'manifest.csv', file: 'file', labels: 'one', label: 'label', labelColumns: [], split: 'split', group: 'patient', source: 'source', attributes: ['sex'] })
		expect(choiceOf(manifest({ manifest: 'list.csv', task: 'multilabel', labels: ['Nodule', 'Mass'], columns: { file: 'path', group: 'id' } }), foreign)).toMatchObject({ file: 'path', labels: 'columns', label: '', labelColumns: ['Nodule', 'Mass'], split: '', group: 'id', source: '' })
		expect(choiceOf(manifest({ task: 'multilabel' }), usual)).toMatchObject({ labels: 'list', label: 'label', labelColumns: [] })
		expect(choiceOf(manifest({ splits: { from: 'draw' } }), usual).split).toBe('')
	})

	it('come back as they went, whatever was recognised', () => {
		const names = usual.columns.map(({ name }) => name)
		fc.assert(fc.property(
			fc.constantFrom(...names), fc.constantFrom(...names), fc.constantFrom('', ...names), fc.constantFrom('one', 'list', 'columns'), fc.subarray(['sex', 'note']), fc.boolean(),
			(file, label, group, labels, attributes, isDrawn) => {
				fc.pre(file !== label && !attributes.includes(file) && !attributes.includes(label) && !attributes.includes(group))
				const recipe = manifest({
					task: labels === 'one' ? 'multiclass' : 'multilabel', ...(labels === 'columns' ? { labels: [label] } : {}), splits: { from: isDrawn ? 'draw' : 'data', seed: 7 }, mapping: { x: 'y' }, unreadableShare: 0.2,
					columns: { file, ...(labels === 'columns' ? {} : { label }), ...(group === '' ? {} : { group }), attributes },
				})
				const choice = choiceOf(recipe, usual)
				const again = recipeOf(choice, '/films', usual, recipe)
				expect(whatIsMissing(choice)).toBe('')
				expect(choiceOf(again as DataRecipeOf<'manifest'>, usual)).toEqual(choice)
				expect(again).toMatchObject({ mapping: { x: 'y' }, unreadableShare: 0.2, splits: { seed: 7, from: isDrawn ? 'draw' : 'data' } })
			},
		))
	})

	it('name labels in their own order, those that were added last', () => {
		const recipe = manifest({ manifest: 'list.csv', task: 'multilabel', labels: ['Nodule'], columns: { file: 'path' } })
		expect(recipeOf({ ...choiceOf(recipe, foreign), labelColumns: ['Mass', 'Nodule'] }, '/films', foreign, recipe).labels).toEqual(['Nodule', 'Mass'])
		const one = recipeOf({ ...choiceOf(recipe, foreign), labels: 'one', label: 'view' }, '/films', foreign, recipe)
		expect([one.labels, one.layout === 'manifest' && one.task]).toEqual([undefined, 'multiclass'])
	})

	it('draw the splits where none is chosen, and only there need to say so', () => {
		const none = recipeOf({ ...choiceOf(manifest({}), usual), split: '' }, '/films', usual)
		expect([none.splits.from, none.layout === 'manifest' && none.columns.split]).toEqual(['draw', undefined])
		expect(recipeOf({ ...choiceOfTable(foreign), file: 'path' }, '/films', foreign).splits.from).toBe('data')
	})

	it('give no results for what is a role already', () => {
		const choice = { ...choiceOf(manifest({ columns: { attributes: ['sex'] } }), usual), source: 'sex' }
		expect(recipeOf(choice, '/films', usual)).toMatchObject({ columns: { source: 'sex', attributes: [] } })
	})
})

describe('a table that nothing was recognised in', () => {
	it('offers its usual names and the columns that look like labels', () => {
		expect(choiceOfTable(usual)).toMatchObject({ file: 'file', labels: 'one', label: 'label', labelColumns: [], group: 'patient' })
		expect(choiceOfTable(foreign)).toMatchObject({ file: '', labels: 'columns', label: '', labelColumns: ['Mass', 'Nodule'] })
	})

	it('is read as soon as all is chosen, and says what is not', () => {
		const choice = choiceOfTable(foreign)
		expect(whatIsMissing(choice)).toBe('Choose the column that names the image files.')
		const chosen = { ...choice, file: 'path' }
		expect(whatIsMissing(chosen)).toBe('')
		expect(recipeOf(chosen, '/films', foreign)).toMatchObject({ layout: 'manifest', folder: '/films', manifest: 'list.csv', task: 'multilabel', labels: ['Mass', 'Nodule'], columns: { file: 'path', attributes: [] }, unreadableShare: 0.01 })
		expect(whatIsMissing({ ...chosen, labelColumns: [] })).toBe('Choose at least one column that is a label.')
		expect(whatIsMissing({ ...chosen, labels: 'list' })).toBe('Choose the column that names the labels.')
		expect(whatIsMissing({ ...chosen, labels: 'one', label: 'path' })).toContain('cannot name both')
		expect(whatIsMissing({ ...chosen, labelColumns: ['path'] })).toContain('cannot be both')
		expect(whatIsMissing({ ...chosen, attributes: Array.from({ length: 21 }, (_, index) => `${index}`) })).toContain('at most 20')
	})

	it('is used as far as a recipe can name its columns', () => {
		const long = 'x'.repeat(201)
		expect(usableTables([{ file: 'a.csv', columns: [column(long), column(''), column('file')] }, { file: 'b.csv', columns: [column(long)] }])).toEqual([{ file: 'a.csv', columns: [column('file')] }])
	})
})

describe('a column', () => {
	it.each<[string, Column, boolean]>([
		['1, 0 and nothing', truth('x'), true], ['-1 and true', column('x', ['-1', 'TRUE']), true], ['other values', column('x', ['0', '2']), false], ['nothing alone', column('x', ['']), false], ['too many values', column('x', ['0', '1'], true), false],
	])('with %s is a label or none', (_, own, expected) => expect(looksLikeLabel(own)).toBe(expected))

	it('may be none where the table has no usual one, and splits can always be drawn', () => {
		expect([mayBeNone(usual, 'group'), mayBeNone(usual, 'source'), mayBeNone(usual, 'split'), mayBeNone(usual, 'file'), mayBeNone(foreign, 'group')]).toEqual([false, false, true, false, true])
	})

	it('tells subgroups apart where it is free, those with few values first', () => {
		expect(subgroupColumns(usual, choiceOfTable(usual)).map(({ name }) => name)).toEqual(['sex', 'note'])
		expect(subgroupColumns(foreign, choiceOfTable(foreign)).map(({ name }) => name)).toEqual(['view', 'path', 'id'])
	})

	it.each<[Column, string]>([
		[column('x', ['train', 'val', 'test']), 'train, val and test'], [column('x', ['a', ''], true), 'a, (empty) and others'], [column('x', ['a', 'b', 'c', 'd', 'e']), 'a, b, c, d and others'], [column('x', ['a']), 'a alone'], [column('x', []), 'No values.'],
	])('is shown with some values', (own, expected) => expect(examplesOf(own)).toBe(expected))
})
