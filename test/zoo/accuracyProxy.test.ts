import { describe, expect, it } from 'vitest'
import { accuracyProxy } from '../../src/zoo/accuracyProxy.ts'

/** Specialised sub-networks in the README of mit-han-lab/once-for-all: top-1 in percent, millions of parameters, millions of multiply-accumulates. */
const PUBLISHED = [
	[80, 9.1, 595], [79.6, 9.1, 482], [79.1, 8.4, 389], [76.4, 5.8, 230], [74.7, 5.8, 151], [73, 5, 103], [71.1, 4.1, 74], [76.3, 6.4, 219], [74.7, 4.6, 145], [73.1, 4.7, 96],
	[70.5, 3.8, 66], [76.1, 5.3, 220], [74.9, 6, 164], [72.8, 4.6, 101], [70.4, 4.3, 67], [80.2, 9.1, 743], [79.7, 9.1, 554], [79.3, 9, 457], [78.4, 7.5, 339], [76.6, 5.9, 237],
	[75.5, 4.9, 163], [73.6, 4.3, 110], [71.4, 3.8, 79], [80.1, 9.2, 642], [79.8, 9.2, 593], [78.7, 8.2, 356], [76.9, 5.8, 230], [74.9, 6, 162], [73.3, 5.2, 109], [71.4, 4.3, 77],
	[75.8, 5.8, 208], [74.7, 4.7, 166], [73.4, 5.1, 113], [71.5, 4.1, 79], [76.4, 6.5, 397], [75.3, 5.2, 313], [73.8, 6, 226], [72.6, 5.9, 165], [76.1, 6.2, 352], [75.3, 5.2, 313],
	[73, 4.9, 179], [71.6, 5.2, 141], [75.8, 6.2, 349], [75.4, 5.2, 313], [72.9, 4.9, 179], [70.3, 4.3, 121], [75.7, 4.9, 365], [74.6, 4.9, 301], [72, 4.4, 160], [71.1, 4.2, 143],
] as const

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('accuracyProxy', () => {
	it('is the least-squares fit to the published sub-networks, none of which lies beyond the bound of its parameters', () => {
		const residuals = PUBLISHED.map(([top1, parameters, macs]) => top1 - accuracyProxy(macs * 1e6, parameters * 1e6))
		// At the least sum of squares the residuals are uncorrelated with everything that was fitted. A bound that cut one network would break that too.
		expect(mean(residuals)).toBeCloseTo(0, 2)
		expect(mean(residuals.map((residual, index) => residual * Math.log(PUBLISHED[index]?.[1] ?? 1)))).toBeCloseTo(0, 2)
		expect(mean(residuals.map((residual, index) => residual * Math.log(PUBLISHED[index]?.[2] ?? 1)))).toBeCloseTo(0, 2)
		expect(Math.sqrt(mean(residuals.map((residual) => residual ** 2)))).toBeCloseTo(0.92, 2)
		expect(Math.max(...residuals.map(Math.abs))).toBeLessThan(2.3)
	})
})
