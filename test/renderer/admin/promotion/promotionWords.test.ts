import { describe, expect, it } from 'vitest'
import type { Candidate, ComparedModel, ComparisonRow, Decision, DecisionContent, Outcome, PairedNumberOf } from '../../../../src/common/contract/promotion.ts'
import {
	changesOf, decisionInWords, differenceText, milliseconds, originInWords, progressInWords, pText, ratioInWords, rollbackInWords, seenInWords, shownBy, signed, stateOf, toAcknowledge, verdictTitle, whyOutdated, type ReadyCandidate,
} from '../../../../src/renderer/admin/promotion/promotionWords.ts'

/** Without the characters that keep names apart from a sentence. */
const plain = (text: string) => text.replaceAll(/[\u2068\u2069]/g, '')

const model = (title: string, sha = 'a', role: ComparedModel['role'] = 'student'): ComparedModel => ({ id: title.toLowerCase(), version: '1.0.0', title, role, sha256: sha.repeat(64), manifestSha256: sha.repeat(64) })
const now = model('Old', 'a')
const then = model('New', 'b')
const ready = (change: Partial<ReadyCandidate> = {}): ReadyCandidate => ({
	state: 'ready', candidate: { origin: 'run', id: 'r-1' }, directory: '/runs/r-1/pack', current: now, reason: '', installed: null,
	about: { ...then, architecture: 'OFA', parameters: 5, task: 'multiclass', domain: 'chest-radiograph', labels: ['a'], training: '', licence: '' }, ...change,
})
const row = (id: number, outcome: Outcome, change: Partial<ComparisonRow> = {}): ComparisonRow => ({
	id, createdAt: '2026-11-21T08:30:00.000Z', candidate: { origin: 'run', id: 'r-1' }, models: { current: now, candidate: then }, kind: 'labelled', films: 'films', n: 3, verdict: { outcome, metric: null, reason: '' }, sha256: 'c'.repeat(64), ...change,
})
const paired = (difference: number | null, interval: PairedNumberOf['interval']): PairedNumberOf => ({ current: null, candidate: null, difference, interval })
const declined = (comparison: number): Decision => ({
	id: 1, sha256: 'd'.repeat(64),
	content: {
		schemaVersion: 1, kind: 'declined', role: 'student', decidedBy: 'W', reason: 'R', decidedAt: '', softwareVersion: '', candidate: { ...then, reference: { origin: 'run', id: 'r-1' } },
		comparisons: [{ id: comparison, sha256: 'c'.repeat(64), outcome: 'undecided' }], before: now, after: now, settings: { before: null, after: null }, undoes: null, previous: '0'.repeat(64),
	},
})

const said = (change: Partial<DecisionContent>) => plain(decisionInWords({ kind: 'accepted', role: 'student', candidate: null, before: now, after: then, ...change }))
const inCapitals = (name: string) => name.toUpperCase()

describe('numbers', () => {
	it.each([[0.0134, '+0.013'], [-0.02, '−0.020'], [0, '0.000'], [-0.0004, '0.000'], [null, '–']])('%s has its sign: %s', (value, expected) => expect(signed(value)).toBe(expected))
	it('a difference has its interval', () => {
		expect(differenceText(paired(0.013, [-0.004, 0.03]))).toBe('+0.013 (−0.004 to +0.030)')
		expect(differenceText(paired(null, null))).toBe('–')
	})
	it.each<[PairedNumberOf, boolean, ReturnType<typeof shownBy>]>([
		[paired(0.02, [0.01, 0.03]), false, 'better'], [paired(0.02, [0.01, 0.03]), true, 'worse'], [paired(-0.02, [-0.03, -0.01]), false, 'worse'], [paired(-0.02, [-0.03, -0.01]), true, 'better'],
		[paired(0.02, [0, 0.03]), false, null], [paired(-0.02, [-0.03, 0]), true, null], [paired(0.02, null), false, null],
	])('a side is shown only where the whole interval lies on it: %o', (number, isLessBetter, expected) => expect(shownBy(number, isLessBetter)).toBe(expected))
	it.each([[0.0004, '< 0.001'], [0.001, '0.001'], [0.0432, '0.043'], [1, '1.000']])('p %s: %s', (p, expected) => expect(pText(p)).toBe(expected))
	it.each([[1.84, '1.8 times as long'], [0.034, '0.03 times as long']])('%s: %s', (ratio, expected) => expect(ratioInWords(ratio)).toBe(expected))
	it.each([[0.0341, '0.034 ms'], [2.34, '2.3 ms'], [1234.4, '1,234 ms']])('%s: %s', (value, expected) => expect(milliseconds(value)).toBe(expected))
})

describe('the progress of a comparison', () => {
	it('names what is done, and how much is left where that is known', () => {
		expect(progressInWords(null)).toBe('Opening the models')
		expect(progressInWords({ phase: 'candidate', done: 1200, of: 6000, secondsLeft: 41 })).toBe('Candidate: 1,200 of 6,000 films, about 50 seconds left')
		expect(progressInWords({ phase: 'data', done: 0, of: 1, secondsLeft: null })).toBe('Reading the data set: 0 of 1 film')
		expect(progressInWords({ phase: 'latency', done: 0, of: 1, secondsLeft: null })).toBe('Measuring the time of one image')
	})
})

describe('a comparison', () => {
	it('has a verdict in a word, but none on films of the library', () => {
		expect([verdictTitle(row(1, 'insufficient')), verdictTitle(row(1, 'insufficient', { kind: 'library' }))]).toEqual(['Insufficient', 'No verdict'])
	})
	it('stands while candidate and reading model are those that were compared', () => {
		expect(whyOutdated(row(1, 'better'), ready())).toBe('')
		expect(whyOutdated(row(1, 'better', { models: { current: now, candidate: { ...then, manifestSha256: 'f'.repeat(64) } } }), ready())).toBe('The candidate has changed since.')
		expect(plain(whyOutdated(row(1, 'better'), ready({ current: model('Third', 'e') })))).toBe('It was held against Old 1.0.0, which is not the model that reads now.')
		expect(whyOutdated(row(1, 'better'), ready({ current: null }))).not.toBe('')
	})
})

describe('the state of a candidate', () => {
	const nothing = { comparisons: [], decisions: [], running: null }
	const refused: Candidate = { state: 'refused', candidate: { origin: 'imported', id: 'r-1' }, directory: '', reason: 'No card.' }
	it.each<[string, Candidate, Partial<Parameters<typeof stateOf>[1]>, ReturnType<typeof stateOf>]>([
		['it is refused', refused, {}, { state: 'refused' }],
		['nothing was compared', ready(), {}, { state: 'new' }],
		['it is compared', ready(), { running: { origin: 'run', id: 'r-1' }, comparisons: [row(1, 'worse')] }, { state: 'comparing' }],
		['another is compared', ready(), { running: { origin: 'imported', id: 'r-1' } }, { state: 'new' }],
		['it was compared twice', ready(), { comparisons: [row(2, 'better'), row(1, 'worse')] }, { state: 'compared', last: row(2, 'better') }],
		['films of the library were compared after it', ready(), { comparisons: [row(3, 'insufficient', { kind: 'library' }), row(2, 'better')] }, { state: 'compared', last: row(2, 'better') }],
		['films of the library alone were compared', ready(), { comparisons: [row(3, 'insufficient', { kind: 'library' })] }, { state: 'compared', last: row(3, 'insufficient', { kind: 'library' }) }],
		['another one was compared', ready(), { comparisons: [row(2, 'better', { candidate: { origin: 'imported', id: 'r-1' } })] }, { state: 'new' }],
		['another model reads since', ready({ current: model('Third', 'e') }), { comparisons: [row(2, 'better')] }, { state: 'new' }],
		['it was declined', ready(), { comparisons: [row(1, 'undecided')], decisions: [declined(1)] }, { state: 'declined' }],
		['it was compared after it was declined', ready(), { comparisons: [row(2, 'better'), row(1, 'undecided')], decisions: [declined(1)] }, { state: 'compared', last: row(2, 'better') }],
		['it reads', ready({ current: then, reason: 'New is the model that reads now.' }), {}, { state: 'reads' }],
		['its labels are others', ready({ current: null, reason: 'Other labels.' }), {}, { state: 'unfit' }],
	])('where %s', (_, entry, known, expected) => expect(stateOf(entry, { ...nothing, ...known })).toEqual(expected))
})

describe('what a decision says', () => {
	it('names who reads in whose place', () => {
		expect(said({})).toBe('New 1.0.0 reads in place of Old 1.0.0.')
		expect(said({ kind: 'rolled back', before: then, after: now })).toBe('Old 1.0.0 reads again in place of New 1.0.0.')
		expect(said({ kind: 'declined', candidate: { ...then, reference: { origin: 'run', id: 'r-1' } }, after: now })).toBe('New 1.0.0 was declined; Old 1.0.0 goes on.')
		expect(said({ role: 'teacher', before: null })).toBe('New 1.0.0 gives the second opinion.')
		expect(plain(rollbackInWords('teacher', null, then))).toBe('New 1.0.0 gives no second opinion any more.')
	})
	it('tells what changes: who reads, which other students do not any more, and what stays', () => {
		const changes = changesOf({ candidate: then, current: now, installed: null, others: [{ title: 'Tissue', domain: 'histology' }] }).map(plain)
		expect(changes[0]).toBe('New 1.0.0 reads in place of Old 1.0.0, with its own operating points, calibration and abstention.')
		expect(changes[1]).toBe('Other kinds of images are read as before: histology patches by Tissue.')
		expect(changes.join(' ')).toContain('Analyses that were made so far keep the model that made them')
		expect(changes.join(' ')).toContain('copied to the installed models')
		const teacher = changesOf({ candidate: { ...then, role: 'teacher' }, current: now, installed: 'new', others: [{ title: 'Tissue', domain: 'histology' }] }).map(plain)
		expect(teacher[0]).toBe('New 1.0.0 gives the second opinion beside Old 1.0.0, which has none so far.')
		expect(teacher.join(' ')).not.toContain('Tissue')
		expect(teacher.join(' ')).toContain('installed already, as new')
	})
	it.each<[string, { kind: ComparisonRow['kind']; outcome: Outcome }[], RegExp]>([
		['one is worse, whatever the others say', [{ kind: 'labelled', outcome: 'better' }, { kind: 'labelled', outcome: 'worse' }], /found worse/],
		['one has too few patients', [{ kind: 'labelled', outcome: 'better' }, { kind: 'labelled', outcome: 'insufficient' }], /too few patients/],
		['none knows the truth', [{ kind: 'library', outcome: 'insufficient' }], /films whose truth is known/],
		['one is better and one on the library', [{ kind: 'labelled', outcome: 'better' }, { kind: 'library', outcome: 'insufficient' }], /^$/],
		['no difference was shown', [{ kind: 'labelled', outcome: 'undecided' }], /^$/],
		['there is none', [], /^$/],
	])('asks to acknowledge it where %s', (_, given, expected) => expect(toAcknowledge(given.map(({ kind, outcome }) => row(1, outcome, { kind })))).toMatch(expected))
})

describe('what a reader sees', () => {
	it.each<[Parameters<typeof seenInWords>[0], string]>([
		[{ state: 'answered', calls: ['a', 'b'], reason: '' }, 'A, B'], [{ state: 'answered', calls: [], reason: '' }, 'No label called'],
		[{ state: 'abstained', calls: [], reason: '' }, 'Abstains'], [{ state: 'refused', calls: [], reason: 'Too small.' }, 'Refused'],
	])('%o: %s', (seen, expected) => expect(seenInWords(seen, inCapitals)).toBe(expected))
})

it('names from elsewhere keep their direction to themselves', () => {
	expect(originInWords({ origin: 'imported', id: 'x' })).toBe('Imported pack \u2068x\u2069')
	expect(decisionInWords({ kind: 'accepted', role: 'student', candidate: null, before: now, after: { ...then, title: 'نموذج\u2069' } })).toContain('\u2068نموذج\u2069 1.0.0')
})
