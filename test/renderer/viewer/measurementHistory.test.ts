import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Annotation } from '../../../src/common/contract/annotation.ts'
import { beginHistory, recorded, redone, undone } from '../../../src/renderer/reading/viewer/history.ts'
import { differ, named } from '../../../src/renderer/reading/viewer/measurementNames.ts'

const length = (uid: string, label = ''): Annotation => ({ uid, tool: 'length', points: [[1, 2], [3, 4]], label, text: '' })

describe('history', () => {
	it('goes back and forth over what was recorded', () => {
		fc.assert(fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 20 }), fc.nat(20), (values, back) => {
			const full = values.reduce((history, value) => recorded(history, value), beginHistory(-1))
			const steps = Math.min(back, values.length)
			let history = full
			for (let step = 0; step < steps; step++) history = undone(history)
			expect(history.present).toBe([-1, ...values][values.length - steps])
			for (let step = 0; step < steps; step++) history = redone(history)
			expect(history).toEqual(full)
		}))
	})

	it('stays where there is nothing to undo or redo, and forgets the future with a new change', () => {
		const start = beginHistory('a')
		expect(undone(start)).toBe(start)
		expect(redone(start)).toBe(start)
		expect(redone(recorded(undone(recorded(start, 'b')), 'c')).present).toBe('c')
	})

	it('keeps a hundred steps', () => {
		let history = beginHistory(0)
		for (let step = 1; step <= 500; step++) history = recorded(history, step)
		expect(history.past).toHaveLength(100)
	})
})

describe('names', () => {
	it('numbers what has no name and gives no number twice', () => {
		const named2 = named([length('a'), length('b', 'Length 1'), { ...length('c'), tool: 'angle' }, length('d', 'Heart'), length('e')])
		expect(named2.map(({ label }) => label)).toEqual(['Length 2', 'Length 1', 'Angle 1', 'Heart', 'Length 3'])
	})

	it('sees what a person changed and not the rounding of millimetres', () => {
		const one = length('a', 'x')
		expect(differ([one], [{ ...one, points: [[1 + 1e-6, 2], [3, 4]] }])).toBe(false)
		expect(differ([one], [{ ...one, points: [[1.01, 2], [3, 4]] }])).toBe(true)
		expect(differ([one], [{ ...one, label: 'y' }])).toBe(true)
		expect(differ([one], [])).toBe(true)
		expect(differ([one], [{ ...one, points: [[Number.NaN, 2], [3, 4]] }])).toBe(true)
	})
})
