import { describe, expect, it } from 'vitest'
import { amountText, differenceText, durationText, fieldText, millisecondsText, stateText, verdictOf, withFirst } from '../../../../src/renderer/admin/runs/compare/comparisonWords.ts'

describe('a difference to the first run', () => {
	it('is better or worse where its interval holds no 0, and undecided where it does', () => {
		expect(verdictOf('auroc', { value: 0.02, interval: [0.01, 0.03] })).toBe('better')
		expect(verdictOf('auroc', { value: -0.02, interval: [-0.03, -0.01] })).toBe('worse')
		expect(verdictOf('auroc', { value: 0.02, interval: [-0.01, 0.05] })).toBe('undecided')
		expect(verdictOf('auroc', { value: 0.02, interval: [0, 0.05] })).toBe('undecided')
	})

	it('is worse where an error has grown', () => {
		for (const metric of ['ece', 'eceBefore']) {
			expect(verdictOf(metric, { value: 0.02, interval: [0.01, 0.03] })).toBe('worse')
			expect(verdictOf(metric, { value: -0.02, interval: [-0.03, -0.01] })).toBe('better')
		}
	})

	it('decides nothing without an interval', () => {
		expect(verdictOf('auroc', { value: 0.02, interval: null })).toBe('undecided')
		expect(verdictOf('auroc', { value: 0, interval: null })).toBe('the same')
		expect(verdictOf('auroc', { value: null, interval: null })).toBe('not defined')
	})

	it('has its sign, and none where three digits show nothing', () => {
		expect(differenceText({ value: 0.0214, interval: [0.004, 0.039] })).toBe('+0.021 (+0.004 to +0.039)')
		expect(differenceText({ value: -0.0004, interval: [-0.02, 0.01] })).toBe('0.000 (-0.020 to +0.010)')
		expect(differenceText({ value: -0.5, interval: null })).toBe('-0.500')
		expect(differenceText({ value: null, interval: null })).toBe('–')
	})
})

describe('what is stated of runs', () => {
	it('is short', () => {
		expect([999, 1_234_567, 595_000_000, 7_640_000_000].map(amountText)).toEqual(['999', '1.23 million', '595 million', '7.64 billion'])
		expect(amountText(null)).toBe('–')
		expect([0, 42.4, 59.6, 252, 5700, 7199].map(durationText)).toEqual(['0 s', '42 s', '1 min 0 s', '4 min 12 s', '1 h 35 min', '2 h 0 min'])
		expect([0.123, 3.456, 12.34, 250].map(millisecondsText)).toEqual(['0.12 ms', '3.5 ms', '12.3 ms', '250 ms'])
		expect(stateText('finished')).toBe('Finished')
	})

	it('shows values of a recipe as they are', () => {
		expect(['"adamw"', '0.01', '["a","b"]', null, 'not JSON'].map(fieldText)).toEqual(['adamw', '0.01', '["a","b"]', '–', 'not JSON'])
	})

	it('puts one run first and leaves the others in their order', () => {
		expect(withFirst(['a', 'b', 'c'], 'c')).toEqual(['c', 'a', 'b'])
		expect(withFirst(['a', 'b'], 'a')).toEqual(['a', 'b'])
	})
})
