import { describe, expect, it } from 'vitest'
import type { DataSetSummary, SurveyJob } from '../../../../src/common/contract/training/dataSets.ts'
import { labelledDataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { columnsInWords, correctionsInWords, inWords, layoutTitle, sizeInWords, stated, stateOf, surveyInWords, timeLeft } from '../../../../src/renderer/admin/dataSets/dataSetWords.ts'

const job = (state: SurveyJob['state'], rest: Partial<SurveyJob> = {}): SurveyJob => ({ dataSetId: 1, state, progress: null, reason: '', ...rest })
const recipe = (own: object) => labelledDataRecipeSchema.parse({ folder: '/films', ...own })
const found = (refusal = ''): NonNullable<DataSetSummary['found']> => ({ sha256: 'a'.repeat(64), task: 'multiclass', labels: ['a', 'b'], images: 1234, groups: 1, refusal })

describe('the state of a data set', () => {
	it.each<[string, Parameters<typeof stateOf>[0], ReturnType<typeof stateOf>]>([
		['none was made', { job: null, found: null, surveyIsOlder: false }, { state: 'never', reason: '' }],
		['the first was cancelled', { job: job('cancelled'), found: null, surveyIsOlder: false }, { state: 'never', reason: 'The survey was cancelled.' }],
		['one waits', { job: job('waiting'), found: found('x'), surveyIsOlder: true }, { state: 'waiting', reason: '' }],
		['one goes on', { job: job('running'), found: null, surveyIsOlder: false }, { state: 'surveying', reason: '' }],
		['the last failed', { job: job('failed', { reason: 'No folder.' }), found: found(), surveyIsOlder: false }, { state: 'failed', reason: 'No folder.' }],
		['it was corrected since', { job: job('finished'), found: found('Too few.'), surveyIsOlder: true }, { state: 'older', reason: 'Too few.' }],
		['no run can begin', { job: job('finished'), found: found('Too few.'), surveyIsOlder: false }, { state: 'refused', reason: 'Too few.' }],
		['all is well', { job: null, found: found(), surveyIsOlder: false }, { state: 'surveyed', reason: '' }],
		['one was cancelled after another', { job: job('cancelled'), found: found(), surveyIsOlder: false }, { state: 'surveyed', reason: '' }],
	])('where %s', (_, summary, expected) => expect(stateOf(summary)).toEqual(expected))
})

describe('words', () => {
	it.each([[null, ''], [0, 'a few seconds left'], [9.9, 'a few seconds left'], [10, 'about 10 seconds left'], [41, 'about 50 seconds left'], [89, 'about 90 seconds left'], [90, 'about 2 minutes left'], [3600, 'about 60 minutes left'], [7200, 'about 2 hours left']])('%s seconds: %s', (seconds, expected) => expect(timeLeft(seconds)).toBe(expected))

	it.each<[SurveyJob, string]>([
		[job('waiting'), 'Waiting for another survey to end'],
		[job('running'), 'Listing the images'],
		[job('running', { progress: { done: 1200, of: 5753, secondsLeft: 125 } }), '1,200 of 5,753 images, about 2 minutes left'],
		[job('running', { progress: { done: 0, of: 5753, secondsLeft: null } }), '0 of 5,753 images'],
		[job('running', { progress: { done: 5753, of: 5753, secondsLeft: 0 } }), '5,753 images read, looking for leaks'],
	])('say how far a survey is', (own, expected) => expect(surveyInWords(own)).toBe(expected))

	it('say what was found and corrected', () => {
		expect([sizeInWords(null), sizeInWords(found())]).toEqual(['', '1,234 images, 2 labels, 1 patient or group'])
		expect([[0, 0], [1, 0], [0, 1], [2, 3]].map(([leftOut = 0, relabelled = 0]) => correctionsInWords({ leftOut, relabelled }))).toEqual(['', '1 image left out', '1 image relabelled', '2 images left out, 3 relabelled'])
		expect([inWords([]), inWords(['a']), inWords(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
		expect([stated(' '), stated('north')]).toEqual(['Not stated', 'north'])
	})

	it('say what a recipe reads', () => {
		expect([{ layout: 'manifest' }, { layout: 'manifest', task: 'multilabel' }, { layout: 'covid-qu-ex', tree: 'infection' }, { layout: 'chexpert' }].map((own) => layoutTitle(recipe(own)))).toEqual(['Table, one label for each image', 'Table, several labels for each image', 'COVID-QU-Ex, films with marked infections', 'CheXpert'])
		expect(columnsInWords(recipe({ layout: 'manifest', columns: { file: 'path', group: 'id', attributes: ['sex', 'view'] } }))).toBe('files: path; patients or groups: id; subgroups: sex, view')
		expect([columnsInWords(recipe({ layout: 'manifest' })), columnsInWords(recipe({ layout: 'folders' }))]).toEqual(['', ''])
	})
})
