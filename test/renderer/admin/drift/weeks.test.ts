import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DriftModel, DriftWeek, Share } from '../../../../src/common/contract/drift.ts'
import { wilsonInterval } from '../../../../src/common/stats/wilson.ts'
import { chartInWords, countsOf, isJudged, percent, refusalsInWords, rowsOf, scaleEnd, shareWithInterval, unlikeShare, verdict, weeksOf } from '../../../../src/renderer/admin/drift/weeks.ts'

const share = (found: number, of: number): Share => ({ found, of, value: of === 0 ? null : found / of, interval: wilsonInterval(found, of) })
const week = (monday: string, change: Partial<DriftWeek> = {}): DriftWeek => ({
	week: '2026-W01', monday, modelSha256: 'a', images: 50, refused: share(0, 50), refusals: [], abstained: share(5, 50), labels: [], addedOthers: 0, differs: [], ...change,
})
const gap = (monday: string) => ({ monday, week: null })
/** A Wednesday. */
const NOW = Date.UTC(2026, 10, 18, 12)
const stated: Pick<DriftModel, 'validation'> = { validation: { abstained: share(66, 664), unlike: null } }
const judge = (...weeks: DriftWeek[]) => weeks.map((one) => ({ monday: one.monday, week: one }))

describe('weeks', () => {
	it('are all there, those without films too, of one model, and end with this one', () => {
		const shown = weeksOf({ weeks: [week('2026-11-16'), week('2026-11-16', { modelSha256: 'b', images: 7 }), week('2026-11-02')] }, 'a', 4, NOW)
		expect(shown.map((one) => [one.monday, one.week?.images ?? null])).toEqual([['2026-10-26', null], ['2026-11-02', 50], ['2026-11-09', null], ['2026-11-16', 50]])
	})
	it('begin on Mondays, seven days apart, whatever day it is', () => {
		fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 60 }), (now, many) => {
			const mondays = weeksOf({ weeks: [] }, 'a', many, now).map(({ monday }) => Date.parse(`${monday}T00:00:00Z`))
			expect(mondays).toHaveLength(many)
			for (const [place, monday] of mondays.entries()) {
				expect(new Date(monday).getUTCDay()).toBe(1)
				expect(now - monday).toBeGreaterThanOrEqual(7 * 86_400_000 * (many - 1 - place))
				expect(now - monday).toBeLessThan(7 * 86_400_000 * (many - place))
			}
		}))
	})
	it('stand in a table newest first, gaps in a row as one', () => {
		const first = week('2026-11-02')
		expect(rowsOf([gap('2026-10-19'), gap('2026-10-26'), { monday: first.monday, week: first }, gap('2026-11-09')])).toEqual([{ without: 1, monday: '2026-11-09' }, first, { without: 2, monday: '2026-10-19' }])
		expect(rowsOf([])).toEqual([])
	})
})

describe('a week', () => {
	it('is held against the validation from thirty images on, and only by what the validation states', () => {
		expect(isJudged(week('', { abstained: share(0, 30) }), stated)).toBe(true)
		expect(isJudged(week('', { abstained: share(0, 29) }), stated)).toBe(false)
		expect(isJudged(week(''), { validation: { abstained: null, unlike: null } })).toBe(false)
		// Two that were refused as not like the training images came as far as this check.
		expect(isJudged(week('', { abstained: share(0, 28), refusals: [{ check: 'likeness', images: 2 }] }), { validation: { abstained: null, unlike: share(6, 664) } })).toBe(true)
	})
	it('has a share that is not like the training images, of those that came as far', () => {
		expect(unlikeShare(week('', { abstained: share(1, 18), refusals: [{ check: 'lungs', images: 9 }, { check: 'likeness', images: 2 }] }))).toMatchObject({ found: 2, of: 20, value: 0.1 })
		expect(unlikeShare(week('', { abstained: share(0, 0) }))).toEqual({ found: 0, of: 0, value: null, interval: null })
	})
})

describe('words', () => {
	it('say how the weeks stand to the validation', () => {
		expect(verdict(judge(week('a')), { validation: { abstained: null, unlike: null } })).toContain('does not state these shares')
		expect(verdict(judge(week('a', { abstained: share(0, 3) })), stated)).toBe('No week has the 30 images that it needs to be held against the model\'s own validation.')
		expect(verdict(judge(week('a'), week('b')), stated)).toBe('None of the 2 weeks with enough images differs from the model\'s own validation.')
		expect(verdict(judge(week('a'), week('b', { differs: [{ share: 'abstained', sentence: 'It differs.' }] })), stated)).toBe('1 of the 2 weeks with enough images differs from the model\'s own validation.')
		expect(verdict(judge(week('a')), stated)).toBe('The one week with enough images does not differ from the model\'s own validation.')
	})
	it('give shares with intervals and what they are of', () => {
		expect(shareWithInterval(share(40, 200))).toBe('20.0 % (15.0 to 26.1)')
		expect([shareWithInterval(share(0, 0)), percent(null), percent(0.1234), countsOf(share(40, 2000))]).toEqual(['–', '–', '12.3 %', '40 of 2,000'])
	})
	it('name the checks that refused', () => {
		expect(refusalsInWords([{ check: 'lungs', images: 3 }, { check: 'constant', images: 1 }])).toBe('lungs 3, blank 1')
		expect(refusalsInWords([])).toBe('')
	})
	it('tell a chart', () => {
		expect(chartInWords('Refused', [{ monday: '2026-11-02', value: 0.5 }, { monday: '2026-11-09', value: null }, { monday: '2026-11-16', value: 0.25 }])).toBe('Refused: 2 weeks, from 25.0 % to 50.0 %, last 25.0 % in the week of 2026-11-16.')
		expect(chartInWords('Refused', [{ monday: '2026-11-02', value: null }])).toBe('Refused: no values.')
	})
})

it.each([[0.03, 0.1, 0.1], [0.11, 0.1, 0.2], [0.3, 0.1, 0.5], [0.5, 0.1, 0.5], [0.51, 0.1, 1], [7, 4, 10], [130, 4, 200], [0, 4, 5], [1000, 4, 1000]])('a scale for %s and at least %s ends at %s', (most, least, expected) => expect(scaleEnd(most, least)).toBe(expected))

it('a scale has room for every value, and is at most two and a half times as long', () => {
	fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (most) => {
		const end = scaleEnd(most, 0)
		expect(end).toBeGreaterThanOrEqual(most * (1 - 1e-6))
		expect(end).toBeLessThanOrEqual(2.5 * most * (1 + 1e-6))
	}))
})
