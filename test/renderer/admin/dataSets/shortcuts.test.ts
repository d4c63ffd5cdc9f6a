import { expect, it } from 'vitest'
import type { ColumnCount, DataSetSurvey } from '../../../../src/common/contract/training/dataSets.ts'
import { imagesOfLabels, namesSources, shortcutsOf } from '../../../../src/renderer/admin/dataSets/view/shortcuts.ts'

type Counted = Pick<DataSetSurvey, 'labels' | 'splits' | 'columns'>

/** @param sources images of each label, by source. */
function survey(labels: string[], sources: Record<string, number[]>, others: ColumnCount['others'] & { positive?: number[] } = { values: 0, images: 0 }): Counted {
	const values = Object.entries(sources).map(([value, positive]) => ({ value, positive, images: positive.reduce((sum, images) => sum + images, 0), groups: 1, splits: { train: 0, validation: 0, test: 0 } }))
	const total = (index: number) => values.reduce((sum, { positive }) => sum + (positive[index] ?? 0), others.positive?.[index] ?? 0)
	return {
		labels,
		columns: [{ column: 'sex', values: [], others: { values: 0, images: 0 } }, { column: 'source', values, others: { values: others.values, images: others.images } }],
		// Half of each label in either split, the odd one in training.
		splits: (['train', 'test'] as const).map((split) => ({ split, images: 1, groups: 1, labels: labels.map((label, index) => ({ label, positive: split === 'train' ? Math.ceil(total(index) / 2) : Math.floor(total(index) / 2), negative: 0, unknown: 0 })) })),
	}
}

it('counts the images of a label over all splits', () => expect(imagesOfLabels(survey(['a', 'b'], { north: [3, 0], south: [4, 9] }))).toEqual([7, 9]))

it('points at a label of one source alone, and at one that is nearly so', () => {
	expect(shortcutsOf(survey(['covid', 'normal', 'other'], { north: [20, 0, 50], south: [0, 10, 50], west: [0, 190, 20] }))).toEqual([
		{ label: 'covid', source: 'north', images: 20, of: 20 },
		{ label: 'normal', source: 'west', images: 190, of: 200 },
	])
	expect(shortcutsOf(survey(['a', 'b'], { north: [94, 100], south: [6, 100] }))).toEqual([])
})

it('does not take a source that holds nearly everything for one, but tells what it alone holds', () => {
	expect(shortcutsOf(survey(['a', 'b'], { north: [990, 990], south: [10, 10] }))).toEqual([])
	expect(shortcutsOf(survey(['a', 'b'], { north: [500, 1500], south: [0, 20] }))).toEqual([{ label: 'a', source: 'north', images: 500, of: 500 }])
})

it('says nothing where a source cannot tell a label', () => {
	expect(shortcutsOf(survey(['a', 'b'], { north: [10, 20] }))).toEqual([])
	expect(shortcutsOf(survey(['a'], { north: [10], south: [0] }))).toEqual([])
	expect(shortcutsOf(survey(['a', 'b'], { north: [0, 10], south: [0, 10] }))).toEqual([])
	// What comes from sources that are not listed comes from elsewhere too.
	expect(shortcutsOf(survey(['a', 'b'], { north: [10, 10], south: [0, 9] }, { values: 80, images: 90, positive: [90, 0] }))).toEqual([])
	expect(shortcutsOf({ ...survey(['a', 'b'], {}), columns: [] })).toEqual([])
})

it('knows whether the data names sources', () => {
	expect([namesSources(survey(['a'], { '': [3] })), namesSources(survey(['a'], { '': [3], north: [1] })), namesSources({ columns: [] })]).toEqual([false, true, false])
})
