import { describe, expect, it } from 'vitest'
import { callInWords, callOf, isWrong, labelOfError, listInWords, probabilityText, runMapInWords, truthInWords } from '../../../../src/renderer/admin/runs/errors/errorWords.ts'

const labels = ['covid19', 'normal', 'pneumonia']
const single = (truth: (number | null)[], called: string[], probabilities = [0.7, 0.2, 0.1]) => ({ truth, called, probabilities })

describe('an error in words', () => {
	it('of one label for each image names what was called and what is so', () => {
		const call = callOf(single([0, 1, 0], ['covid19']), labels)
		expect(call).toEqual({ wrongly: ['covid19'], missed: ['normal'], truth: ['normal'] })
		expect([isWrong(call), callInWords(call), truthInWords(call)]).toEqual([true, 'Called covid19', 'Is normal'])
		expect(labelOfError(single([0, 1, 0], ['covid19']), labels)).toBe('covid19')
	})

	it('says of a right call that it is one, and shows the map of what was called', () => {
		const call = callOf(single([1, 0, 0], ['covid19']), labels)
		expect([isWrong(call), callInWords(call), truthInWords(call)]).toEqual([false, 'Called right', 'Is covid19'])
		expect(labelOfError(single([1, 0, 0], ['covid19']), labels)).toBe('covid19')
	})

	it('of several labels tells what was missed, and takes what nobody knows for no error', () => {
		const missed = single([1, 1, null], ['pneumonia'], [0.3, 0.1, 0.9])
		const call = callOf(missed, labels)
		// What is not known can be called neither rightly nor wrongly; the least likely of the missed ones first.
		expect(call).toEqual({ wrongly: [], missed: ['normal', 'covid19'], truth: ['covid19', 'normal'] })
		expect([callInWords(call), truthInWords(call), labelOfError(missed, labels)]).toEqual(['Missed normal, covid19', 'Is covid19, normal', 'normal'])
		const surest = single([0, 0, 0], ['covid19', 'normal'], [0.6, 0.8, 0.1])
		expect([callInWords(callOf(surest, labels)), truthInWords(callOf(surest, labels)), labelOfError(surest, labels)]).toEqual(['Called normal, covid19', 'Has none of the labels', 'normal'])
		const nothing = single([0, 0, 0], [], [0.1, 0.2, 0.3])
		expect([callInWords(callOf(nothing, labels)), labelOfError(nothing, labels)]).toEqual(['Called right', 'pneumonia'])
	})

	it('counts the wrong calls of a list, and says whether it is all that there is', () => {
		const [wrong, right] = [callOf(single([0, 1, 0], ['covid19']), labels), callOf(single([1, 0, 0], ['covid19']), labels)]
		expect(listInWords([wrong, wrong], 2)).toBe('The 2 images with the highest loss, the worst first. All were called wrongly.')
		expect(listInWords([wrong, right, right], 48)).toBe('All 3 images of the split, the worst first. 1 was called wrongly, 2 rightly.')
	})

	it('shows no probability as certain that is not', () => {
		expect([0, 0.0001, 0.5, 0.9997, 1].map(probabilityText)).toEqual(['0.000', '<0.001', '0.500', '>0.999', '1.000'])
	})
})

describe('how far a map is', () => {
	it('is exact when it is finished, and never before', () => {
		expect(runMapInWords({ phase: 'waiting' })).toBe('starting')
		expect(runMapInWords({ phase: 'working', done: 0, of: 0 })).toBe('starting')
		expect(runMapInWords({ phase: 'working', done: 37, of: 100 })).toBe('37 % of the channels')
		expect(runMapInWords({ phase: 'working', done: 1000, of: 1000 })).toBe('99 % of the channels')
		expect([runMapInWords({ phase: 'stopped' }), runMapInWords({ phase: 'failed', reason: 'It is gone.' })]).toEqual(['stopped', 'no map'])
	})
})
