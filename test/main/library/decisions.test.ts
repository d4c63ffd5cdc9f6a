import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DecisionContent } from '../../../src/common/contract/promotion.ts'
import { getComparison, listComparisons, saveComparison } from '../../../src/main/library/comparisons.ts'
import { lastHash, NO_DECISION, readDecisions, saveDecision } from '../../../src/main/library/decisions.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { aboutOf, emptyReport } from '../../support/comparedPacks.ts'
import { packManifest } from '../../support/inferenceFixtures.ts'
import { temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let library: Library
beforeEach(() => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
})
afterEach(() => {
	library.close()
	folder.remove()
})

const model = aboutOf(packManifest)
const candidate = { origin: 'run' as const, id: 'small-1' }
const report = emptyReport(model, { ...model, id: 'small-1' })

function decide(kind: DecisionContent['kind'], comparisons: DecisionContent['comparisons'] = []) {
	return saveDecision(library, {
		schemaVersion: 1, kind, role: 'student', decidedBy: 'Dr Weber', reason: 'As discussed.', decidedAt: '2026-01-01T10:00:00.000Z', softwareVersion: '0.0.0', candidate: { ...model, reference: candidate }, comparisons,
		before: model, after: model, settings: { before: null, after: null }, undoes: null,
	})
}

/** What somebody can do who writes to the database file himself. */
function tamper(sql: string): void {
	for (const trigger of ['decisions_stay_as_signed', 'decisions_stay', 'decisions_are_not_replaced', 'decisions_follow_each_other', 'comparisons_stay_as_made', 'comparisons_stay']) library.database.exec(`DROP TRIGGER ${trigger}`)
	library.database.exec(sql)
}

describe('decisions', () => {
	it('follow each other by their hashes', () => {
		expect([lastHash(library), readDecisions(library)]).toEqual([NO_DECISION, { decisions: [], fault: '' }])
		const [first, second] = [decide('declined'), decide('accepted')]
		expect([first.content.previous, second.content.previous, lastHash(library)]).toEqual([NO_DECISION, first.sha256, second.sha256])
		expect(readDecisions(library)).toEqual({ decisions: [first, second], fault: '' })
	})
	it.each([
		'UPDATE decisions SET content = content', 'DELETE FROM decisions', 'INSERT OR REPLACE INTO decisions SELECT * FROM decisions', `INSERT INTO decisions (content, sha256) SELECT content, '${'b'.repeat(64)}' FROM decisions WHERE id = 1`,
		'UPDATE comparisons SET report = report', 'DELETE FROM comparisons', 'INSERT OR REPLACE INTO comparisons SELECT * FROM comparisons',
	])('and what they were made on cannot be changed: %s', (sql) => {
		const { id, sha256 } = saveComparison(library, candidate, report)
		decide('accepted', [{ id, sha256, outcome: 'insufficient' }])
		decide('declined')
		expect(() => library.database.exec(sql)).toThrow(/never|does not follow/)
		expect(readDecisions(library).fault).toBe('')
	})
	it.each<[string, string, string]>([
		['other words', `UPDATE decisions SET content = replace(content, 'As discussed', 'As ordered') WHERE id = 1`, 'Decision 1 was changed after it was signed.'],
		['other words and their hash', `UPDATE decisions SET content = '{}', sha256 = '${'c'.repeat(64)}' WHERE id = 2`, 'Decision 2 was changed after it was signed.'],
		['one that is gone', 'DELETE FROM decisions WHERE id = 2', 'Decision 3 does not follow the one before it'],
		['the first gone', 'DELETE FROM decisions WHERE id = 1', 'Decision 2 does not follow the one before it'],
		['another report', `UPDATE comparisons SET report = replace(report, 'Too few.', 'Better.')`, 'The report of comparison 1, on which decision 1 was made, was changed or removed afterwards.'],
		['no report', 'DELETE FROM comparisons', 'The report of comparison 1'],
	])('show %s', (_, sql, words) => {
		const { id, sha256 } = saveComparison(library, candidate, report)
		decide('accepted', [{ id, sha256, outcome: 'insufficient' }])
		decide('declined')
		decide('declined')
		tamper(sql)
		expect(readDecisions(library).fault).toContain(words)
	})
})

describe('comparisons', () => {
	it('are kept whole and read back as they were', () => {
		const row = saveComparison(library, candidate, report)
		saveComparison(library, { origin: 'imported', id: 'small-1' }, report)
		expect(getComparison(library, row.id)).toEqual({ row, report })
		expect(listComparisons(library, candidate)).toEqual([row])
		expect(listComparisons(library, null).map(({ id }) => id)).toEqual([2, 1])
		expect(() => getComparison(library, 9)).toThrow('not in the library')
	})
	it('that were changed are not shown', () => {
		const row = saveComparison(library, candidate, report)
		tamper(`UPDATE comparisons SET report = replace(report, 'Too few.', 'Better.')`)
		expect(() => getComparison(library, row.id)).toThrow('was changed afterwards')
		expect(listComparisons(library, null)).toEqual([])
	})
})
