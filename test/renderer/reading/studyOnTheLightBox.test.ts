import { describe, expect, it } from 'vitest'
import type { Analysis } from '../../../src/common/contract/analysis.ts'
import type { Instance, Series, Study } from '../../../src/common/contract/study.ts'
import { firstImage, imageBeside, lateralityInWords, withAnalysis } from '../../../src/renderer/reading/studyOnTheLightBox.ts'

function study(framesOfSeries: number[][]): Study {
	let id = 0
	const series = framesOfSeries.map((frames) => ({ instances: frames.map((count) => ({ id: ++id, frames: count }) as Instance) }) as Series)
	return { id: 7, series, analyses: [] as Analysis[] } as Study
}

describe('images of a study', () => {
	const twoSeries = study([[1, 3], [1]])
	it('begin with the first instance; none where there is none', () => {
		expect(firstImage(twoSeries)).toEqual({ instanceId: 1, frameIndex: 0 })
		expect(firstImage(study([[]]))).toBeNull()
	})
	it.each<[[number, number], number, [number, number] | null]>([
		[[1, 0], 1, [2, 0]], [[2, 0], 1, [2, 1]], [[2, 2], 1, [3, 0]], [[3, 0], -1, [2, 2]], [[3, 0], 1, null], [[1, 0], -1, null],
		[[1, 0], Infinity, [3, 0]], [[3, 0], -Infinity, [1, 0]], [[9, 0], 1, null],
	])('%j and %d further: %j', ([instanceId, frameIndex], step, expected) => {
		expect(imageBeside(twoSeries, { instanceId, frameIndex }, step)).toEqual(expected && { instanceId: expected[0], frameIndex: expected[1] })
	})
})

function analysis(id: number, studyId: number, role: Analysis['role']): Analysis {
	return { id, studyId, role } as Analysis
}

describe('withAnalysis', () => {
	it('takes the newer state of the same analysis', () => {
		const once = withAnalysis(study([[1]]), analysis(1, 7, 'student'))
		expect(withAnalysis(withAnalysis(once, analysis(2, 7, 'teacher')), analysis(1, 7, 'student')).analyses.map(({ id }) => id)).toEqual([2, 1])
	})
	it('leaves other studies alone', () => {
		const mine = study([[1]])
		expect(withAnalysis(mine, analysis(1, 8, 'student'))).toBe(mine)
	})
})

it.each([['R', 'Right'], [' l ', 'Left'], ['B', 'Both sides'], ['U', ''], ['', ''], ['X', 'X']])('laterality %s is "%s"', (code, words) => expect(lateralityInWords(code)).toBe(words))
