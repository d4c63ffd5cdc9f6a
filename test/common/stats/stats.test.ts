import { describe, expect, it } from 'vitest'
import { accuracy, areaUnderRoc, balancedAccuracy, calibrationError } from '../../../src/common/stats/classification.ts'
import { groupBootstrapInterval, seededRandom } from '../../../src/common/stats/interval.ts'
import { bestF1Point, coverageThreshold } from '../../../src/common/stats/thresholds.ts'

function mean(cases: number[]): number {
	return cases.reduce((sum, index) => sum + index, 0) / cases.length
}

describe('statistics of a classifier', () => {
	it('computes the area under the ROC curve with ties', () => {
		expect(areaUnderRoc([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBe(0.75)
		expect(areaUnderRoc([1, 1, 1, 1], [false, true, false, true])).toBe(0.5)
		expect(areaUnderRoc([1, 2], [true, true])).toBeNull()
	})
	it('averages recalls over the classes that occur', () => {
		expect(accuracy([0, 0, 0, 1], [0, 0, 0, 2])).toBe(0.75)
		expect(balancedAccuracy([0, 0, 0, 1], [0, 0, 0, 2])).toBe(0.5)
	})
	it('measures the gap between confidence and accuracy', () => {
		expect(calibrationError([0.95, 0.95, 0.55, 0.55], [true, true, true, false], 10)).toBeCloseTo(0.05)
		expect(calibrationError([1, 1], [false, false])).toBe(1)
	})
	it('finds the threshold of the largest F1, halfway to the next score', () => {
		expect(bestF1Point([0.9, 0.8, 0.6, 0.3, 0.1], [true, true, false, true, false])).toMatchObject({ threshold: 0.2, sensitivity: 1, precision: 0.75, specificity: 0.5 })
		expect(() => bestF1Point([1], [true])).toThrow('positive and negative')
	})
	it('finds the threshold of a coverage', () => {
		const scores = [0.9, 0.1, 0.5, 0.7, 0.3, 0.8, 0.6, 0.2, 0.4, 1]
		const threshold = coverageThreshold(scores, 0.9)
		expect(scores.filter((score) => score >= threshold)).toHaveLength(9)
		expect(coverageThreshold(scores, 1)).toBe(0)
	})
	it('draws whole groups, repeatably', () => {
		const groups = ['a', 'a', 'a', 'b', 'c']
		const drawn: number[][] = []
		groupBootstrapInterval(groups, (cases) => drawn.push(cases), 50)
		expect(drawn.every((cases) => cases.filter((index) => index === 0).length === cases.filter((index) => index === 2).length)).toBe(true)
		expect(groupBootstrapInterval(groups, mean)).toEqual(groupBootstrapInterval(groups, mean))
		const random = seededRandom(7)
		expect(Array.from({ length: 1000 }, random).every((value) => value >= 0 && value < 1)).toBe(true)
	})
})
