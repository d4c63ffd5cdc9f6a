import { describe, expect, it } from 'vitest'
import type { ImportSummary } from '../../../../src/common/contract/import.ts'
import { newJob, progressOf, refusedOf, resultLine, summaryText, timeLeft, withSummary } from '../../../../src/renderer/app/import/importJob.ts'

function summary(change: Partial<ImportSummary>): ImportSummary {
	return { importId: 'a', state: 'running', filesDone: 0, filesTotal: 10, currentName: '', added: 0, duplicates: 0, refused: [], studyIds: [], failure: '', ...change }
}

describe('withSummary', () => {
	it('never goes back to an older state', () => {
		const job = withSummary(newJob('a', 0), summary({ filesDone: 5 }), 10)
		expect(withSummary(job, summary({ filesDone: 3 }), 20)).toBe(job)
		const over = withSummary(job, summary({ state: 'finished', filesDone: 10, added: 9 }), 30)
		expect(over.phase).toBe('finished')
		// The answer to the start of an import can come after its last event.
		expect(withSummary(over, summary({ filesDone: 10 }), 40)).toBe(over)
	})
	it('keeps what was refused before the hand-over beside what was refused after it', () => {
		const job = withSummary({ ...newJob('a', 0), refusedHere: [{ name: 'locked', reason: 'r' }] }, summary({ refused: [{ name: 'b', reason: 's' }] }), 1)
		expect(refusedOf(job).map(({ name }) => name)).toEqual(['locked', 'b'])
	})
})

describe('words', () => {
	it('says what came of it in one line', () => {
		const job = withSummary(newJob('a', 0), summary({ state: 'finished', added: 1, duplicates: 1200, refused: [{ name: 'a', reason: 'b' }, { name: 'c', reason: 'd' }] }), 1)
		expect(resultLine(job)).toBe('Import finished: 1 file added, 1,200 duplicates left out, 2 files refused.')
	})
	it('writes a line per refused file that a hostile name cannot forge', () => {
		const job = withSummary(newJob('a', 0), summary({ state: 'failed', failure: 'No space.', refused: [{ name: 'x\nimport\tok\u2028', reason: 'bad\r\nfile' }] }), 1)
		expect(summaryText(job).split('\n')).toEqual([resultLine(job), 'No space.', 'x import ok \tbad file'])
	})
	it('tells the time left only once it can be known', () => {
		const job = withSummary(newJob('a', 0), summary({ filesDone: 100, filesTotal: 1100 }), 0)
		expect(timeLeft(job, 1_000)).toBe('')
		expect(timeLeft(job, 30_000)).toBe('about 5 min left')
		expect(timeLeft(job, 6_000)).toBe('about 60 s left')
		expect(timeLeft(withSummary(job, summary({ filesDone: 1090, filesTotal: 1100 }), 0), 60_000)).toBe('a few seconds left')
		expect(timeLeft(newJob('a', 0), 60_000)).toBe('')
	})
	it('counts files that were refused at the hand-over as done', () => {
		expect(progressOf({ ...newJob('a', 0), found: 5, sent: 3, refusedHere: [{ name: 'a', reason: 'b' }] })).toEqual({ done: 4, total: 5 })
	})
})
