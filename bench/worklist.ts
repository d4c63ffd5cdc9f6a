import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { worklistQuerySchema, type WorklistQuery } from '../src/common/contract/study.ts'
import { openLibrary, type Library } from '../src/main/library/library.ts'
import { queryWorklist } from '../src/main/library/worklist.ts'
import { generateLibrary } from '../scripts/generateLibrary.ts'
import type { BenchRow, Say } from './harness/compare.ts'

const STUDIES = 100_000
const RUNS = 9
const UNREAD = '(NOT EXISTS (SELECT 1 FROM reports r WHERE r.study_id = s.id) AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.study_id = s.id))'

/** Each with the same question put to the tables themselves: join, LIKE and sort, page and count, as one writes it without an index. */
const CASES: readonly { name: string; query: Partial<WorklistQuery>; where: string; order: string }[] = [
	{ name: 'first page, newest first', query: {}, where: '1', order: 's.id DESC' },
	{ name: 'page at row 99,000', query: { offset: 99_000 }, where: '1', order: 's.id DESC' },
	{ name: 'by name, page at row 50,000', query: { sort: 'patientName', descending: false, offset: 50_000 }, where: '1', order: 'p.name_key' },
	{ name: 'by study date', query: { sort: 'studyDate' }, where: '1', order: 's.date DESC' },
	{ name: 'search "s" (one letter)', query: { search: 's' }, where: words('s'), order: 's.id DESC' },
	{ name: 'search "s", by name', query: { search: 's', sort: 'patientName', descending: false }, where: words('s'), order: 'p.name_key' },
	{ name: 'search "chest" (most studies)', query: { search: 'chest' }, where: words('chest'), order: 's.id DESC' },
	{ name: 'search "chest", by patient id, row 40,000', query: { search: 'chest', sort: 'patientId', offset: 40_000 }, where: words('chest'), order: 'p.patient_id DESC' },
	{ name: 'search "mull chest 2019"', query: { search: 'mull chest 2019' }, where: `${words('müll')} AND ${words('chest')} AND ${words('2019')}`, order: 's.id DESC' },
	{ name: 'search "山田"', query: { search: '山田' }, where: words('山田'), order: 's.id DESC' },
	{ name: 'search that finds nothing', query: { search: 'zzyzx' }, where: words('zzyzx'), order: 's.id DESC' },
	{ name: 'unread', query: { readingState: 'unread' }, where: UNREAD, order: 's.id DESC' },
	{
		name: 'unread CR of 2018 to 2020, by name',
		query: { readingState: 'unread', modality: 'CR', from: '2018-01-01', to: '2020-12-31', sort: 'patientName', descending: false },
		where: `${UNREAD} AND ${ofModality('CR')} AND s.date BETWEEN '2018-01-01' AND '2020-12-31'`, order: 'p.name_key',
	},
	{ name: 'search "s", unread DX, by date', query: { search: 's', readingState: 'unread', modality: 'DX', sort: 'studyDate' }, where: `${words('s')} AND ${UNREAD} AND ${ofModality('DX')}`, order: 's.date DESC' },
	{ name: 'search "chest", positive', query: { search: 'chest', answer: 'positive' }, where: `${words('chest')} AND s.id IN (SELECT study_id FROM analyses WHERE answer_state = 'positive')`, order: 's.id DESC' },
]

/** Medians of the worklist at 100,000 synthetic studies, against the plain queries in turn in the same run. The goal is 50 ms. */
export async function worklist(say: Say): Promise<BenchRow[]> {
	const given = process.env['NEGATOSCOPE_BENCH_HOME']
	const home = given ?? mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	try {
		if (!given) {
			say(`Making ${STUDIES} studies; this takes about a minute.`)
			generateLibrary(home, STUDIES)
		}
		const library = openLibrary(home)
		try {
			return CASES.map((one) => measure(library, one))
		} finally {
			library.close()
		}
	} finally {
		if (!given) rmSync(home, { recursive: true, force: true })
	}
}

function measure(library: Library, { name, query, where, order }: (typeof CASES)[number]): BenchRow {
	const parsed = worklistQuerySchema.parse(query)
	const from = `FROM studies s JOIN patients p ON p.id = s.patient_row WHERE s.deleted_at IS NULL AND ${where}`
	const page = library.database.prepare(`SELECT s.id, p.name, p.patient_id, s.date, s.description ${from} ORDER BY ${order} LIMIT ? OFFSET ?`)
	const count = library.database.prepare(`SELECT count(*) ${from}`)
	const ours: number[] = []
	const reference: number[] = []
	for (let run = 0; run < RUNS; run++) {
		ours.push(timed(() => queryWorklist(library, parsed)))
		// The plain query is slow and steady: fewer runs do.
		if (run < 3) {
			reference.push(timed(() => {
				page.all(parsed.limit, parsed.offset)
				count.get()
			}))
		}
	}
	const [mine, plain] = [median(ours), median(reference)]
	return { name, unit: 'ms', ours: mine, reference: plain, ratio: mine / plain, runs: RUNS }
}

function words(word: string): string {
	return `(${['p.name', 'p.patient_id', 's.accession_number', 's.description'].map((column) => `${column} LIKE '%${word}%'`).join(' OR ')}
		OR EXISTS (SELECT 1 FROM instances i WHERE i.study_id = s.id AND i.file_name LIKE '%${word}%'))`
}

function ofModality(modality: string): string {
	return `EXISTS (SELECT 1 FROM series e WHERE e.study_id = s.id AND e.modality = '${modality}')`
}

function timed(work: () => unknown): number {
	const started = performance.now()
	work()
	return performance.now() - started
}

function median(values: number[]): number {
	const sorted = values.toSorted((a, b) => a - b)
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
