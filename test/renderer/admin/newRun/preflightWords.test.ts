import { describe, expect, it } from 'vitest'
import type { Preflight } from '../../../../src/common/contract/training/run.ts'
import { checklist, progressInWords, verdict } from '../../../../src/renderer/admin/newRun/preflightWords.ts'

const preflight = (checks: Preflight['checks']): Preflight => ({ ok: checks.every(({ ok }) => ok), checks, classes: [], refused: [], parameters: null, memoryBytes: null, diskBytes: null, time: null })
const check = (name: string, ok: boolean, detail = `${name}.`) => ({ name, ok, detail })
const titleOfWarning = (detail: string) => checklist(preflight([check('warning', true, detail)]))[0]?.title
const groupOfFault = (detail: string) => checklist(preflight([check('networks', false, detail)]))[0]?.group

describe('the checklist of a pre-flight', () => {
	it('has first what stops the run, with what to do and where', () => {
		const rows = checklist(preflight([check('images', true), check('warning', true), check('memory', false), check('disk', false), check('data', false), check('batch', false)]))
		expect(rows.map(({ state }) => state)).toEqual(['stops', 'stops', 'stops', 'stops', 'warning', 'good'])
		expect(rows.map(({ group }) => group)).toEqual(['schedule', null, 'images', 'schedule', null, null])
		for (const { advice } of rows.slice(0, 4)) expect(advice).toMatch(/^[A-Z].*\.$/)
		expect(verdict(rows)).toBe('The run cannot begin: 4 things stop it.')
	})

	it('tells by the fault of the networks where it is mended', () => {
		expect(groupOfFault('x (teachers[0].pack): the labels of the teacher are not those of the data set.')).toBe('teachers')
		expect(groupOfFault('The loss dkd is for one label per image.')).toBe('losses')
		expect(groupOfFault('optimisation.freeze: no parameter fits blocks.*')).toBe('freezing')
		expect(groupOfFault('OFA cannot read images of 20 x 20 pixels (field input.size).')).toBe('student')
	})

	it('says what a warning is about', () => {
		expect(titleOfWarning('The train split has few images of top (3).')).toBe('Few images')
		expect(titleOfWarning('Something else.')).toBe('To know before')
	})

	it('comes to a sentence', () => {
		expect(verdict(checklist(preflight([check('time', true)])))).toBe('The run can begin.')
		expect(verdict(checklist(preflight([check('warning', true)])))).toBe('The run can begin; one thing is to be known before.')
		expect(verdict(checklist(preflight([check('warning', true), check('warning', true)])))).toBe('The run can begin; 2 things are to be known before.')
		expect(verdict(checklist(preflight([check('disk', false)])))).toBe('The run cannot begin: one thing stops it.')
	})

	it('says how far it is', () => {
		expect(progressInWords({ phase: 'images', done: 1200, of: 5753 })).toBe('Reading the images, 1,200 of 5,753')
		expect(progressInWords({ phase: 'validation images', done: 0, of: 0 })).toBe('Validation images')
	})
})
