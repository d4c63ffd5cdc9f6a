import { describe, expect, it } from 'vitest'
import { evenTickTexts, intervalText, logarithmicTickTexts, percentText, valueText } from '../../../../src/renderer/admin/charts/numbers.ts'

describe('numbers of charts', () => {
	it.each([[0.432149, '0.4321'], [12.3, '12.30'], [0, '0'], [12_345.6, '12,346'], [0.0000432, '4.32e-5'], [-0.5, '-0.5000'], [2.5e12, '2.50e+12'], [null, '–']] as const)('%s as %s', (value, text) => expect(valueText(value)).toBe(text))

	it('has intervals where there are some', () => {
		expect([intervalText(0.87349, [0.83, 0.9]), intervalText(0.5, null), intervalText(null, null)]).toEqual(['0.873 (0.830 to 0.900)', '0.500', '–'])
	})

	it('never calls a few nothing, nor most of them all', () => {
		expect([0, 0.004, 0.01, 0.125, 0.99, 0.996, 1, null].map(percentText)).toEqual(['0 %', '<1 %', '1 %', '13 %', '99 %', '>99 %', '100 %', '–'])
	})
})

describe('tick texts', () => {
	it('have as many digits as the step needs, all of them', () => {
		expect(evenTickTexts([0, 0.25, 0.5], 0.25)).toEqual(['0.00', '0.25', '0.50'])
		expect(evenTickTexts([0.1 + 0.2, 0.4], 0.1)).toEqual(['0.3', '0.4'])
		expect(evenTickTexts([0, 50_000, 100_000], 50_000)).toEqual(['0', '50,000', '100,000'])
		expect(evenTickTexts([-2, 0, 2], 2)).toEqual(['-2', '0', '2'])
	})

	it('take exponents for very small steps', () => {
		expect(evenTickTexts([0, 0.00002, 0.000040000000000000003], 0.00002)).toEqual(['0', '2e-5', '4e-5'])
		expect(evenTickTexts([0, 2e-7], 1e-7)).toEqual(['0', '2e-7'])
	})

	it('never say the same of two places', () => {
		expect(evenTickTexts([0.0099985, 0.009999, 0.0099995, 0.01], 5e-7)).toEqual(['1e-2', '', '', ''])
	})

	it('of logarithms are plain from a thousandth to thousands, and leave out what has no room', () => {
		expect(logarithmicTickTexts([0.0001, null, 0.001, 0.30000000000000004, 1, 1000])).toEqual(['1e-4', '', '0.001', '0.3', '1', '1,000'])
	})
})
