import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { worklistPageSchema, worklistQuerySchema, type WorklistQuery, type WorklistRow } from '../../../src/common/contract/study.ts'
import { saveAnalysis } from '../../../src/main/library/analyses.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { saveDraft, saveSignedReport } from '../../../src/main/library/reports.ts'
import { getInstance, removeStudy, restoreStudy } from '../../../src/main/library/studies.ts'
import { foldedWords } from '../../../src/main/library/words.ts'
import { countStudies, queryWorklist } from '../../../src/main/library/worklist.ts'
import { addSynthetic, predictionOf, temporaryFolder } from './synthetic.ts'

const NAMES = ['Smith^Anna', 'smithson^Bob', 'Müller^Jörg', 'MULLER^Jana', '山田^太郎', 'Иванова^Мария', '', "O'Connor^Sean", 'van der Berg^Ines']
const folder = temporaryFolder()
let library: Library
/** What the list ought to show, in the order of import, with the words that it is found by. */
const model: { row: WorklistRow; words: string[] }[] = []

beforeAll(async () => {
	library = openLibrary(folder.path)
	for (let index = 0; index < 120; index++) {
		const patient = { name: NAMES[index % NAMES.length] ?? '', patientId: index % 5 === 0 ? '' : `P-${index % 23}`, sex: 'F', birthDate: index % 4 === 0 ? '19800101' : '' }
		const date = index % 7 === 0 ? '' : `20${10 + (index % 15)}0${1 + (index % 9)}1${index % 10}`
		const study = { instanceUid: `1.2.${index}`, date, description: ['Chest PA', 'Thorax', ''][index % 3] ?? '', accessionNumber: `ACC-${1000 + index}` }
		const series = { instanceUid: `1.3.${index}`, modality: ['CR', 'DX', ''][index % 3] ?? '' }
		const fileName = `im_${index}.dcm`
		const { studyId, instanceId } = await addSynthetic(library, { patient, study, series }, fileName)
		let modality = series.modality
		let images = 1
		if (index % 11 === 0) {
			await addSynthetic(library, { patient, study, series: { instanceUid: `1.4.${index}`, modality: 'SR' } }, 'second.dcm')
			modality = [modality, 'SR'].filter(Boolean).toSorted().join(', ')
			images = 2
		}
		const { sha256 } = getInstance(library, instanceId)
		const analyse = (prediction: ReturnType<typeof predictionOf>, role: 'student' | 'teacher' = 'student') =>
			saveAnalysis(library, { instanceId, frameIndex: 0, role, softwareVersion: '0', modelTitle: 'Toy', prediction })
		let answer: Pick<WorklistRow, 'answer' | 'answerState'> = { answer: '', answerState: 'none' }
		if (index % 6 === 1) {
			analyse(predictionOf(sha256, [{ probability: 0.83, positive: true }]))
			answer = { answer: 'COVID-19 0.83', answerState: 'positive' }
		} else if (index % 6 === 2) {
			analyse(predictionOf(sha256, [{ probability: 0.9, positive: true }]))
			analyse(predictionOf(sha256, [{ probability: 0.1 }, { name: 'normal', title: 'Normal', probability: 0.9, finding: false, positive: true }]))
			answer = { answer: 'Normal 0.90', answerState: 'negative' }
		} else if (index % 6 === 3) {
			analyse(predictionOf(sha256, [{ probability: 0.3 }], { abstained: true }))
			answer = { answer: 'Abstained', answerState: 'abstained' }
		} else if (index % 6 === 4) {
			analyse(predictionOf(sha256, [], { gate: { ok: false, reasons: ['Too small.'], checks: [] }, tensorSha256: null }))
			answer = { answer: 'Refused', answerState: 'refused' }
		} else if (index % 12 === 5) analyse(predictionOf(sha256, [{ probability: 0.99, positive: true }]), 'teacher')
		let readingState: WorklistRow['readingState'] = 'unread'
		if (index % 4 === 1) {
			saveDraft(library, studyId, { clinicalInformation: '', comparison: '', narrative: 'x', impression: '', keyImages: [] })
			readingState = 'draft'
		} else if (index % 4 === 2) {
			saveSignedReport(library, { studyId, version: 1, signedBy: 'R', signedAt: '2026-01-01T00:00:00.000Z', pdfSha256: sha256, content: {} })
			readingState = 'signed'
		}
		const studyDate = date && `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
		model.push({
			row: {
				studyId, patientName: patient.name, patientId: patient.patientId, sex: 'F', birthDate: '', studyDate, description: study.description,
				accessionNumber: study.accessionNumber, modality, images, importedAt: '', readingState, ...answer,
			},
			words: [patient.name, patient.patientId, study.accessionNumber, study.description, fileName, ...(images === 2 ? ['second.dcm'] : [])].flatMap(foldedWords),
		})
	}
	for (const { row } of model.splice(17, 3)) removeStudy(library, row.studyId)
})
afterAll(() => {
	library.close()
	folder.remove()
})

const query = (wishes: Partial<WorklistQuery> = {}) => queryWorklist(library, worklistQuerySchema.parse(wishes))

/** As SQLite orders: numbers by size, texts by their bytes. */
function order(a: string | number, b: string | number): number {
	return typeof a === 'number' && typeof b === 'number' ? a - b : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

function expected({ search, modality, readingState, answer, from, to, sort, descending }: WorklistQuery): WorklistRow[] {
	const wanted = foldedWords(search)
	const key = (row: WorklistRow): string | number => {
		if (sort === 'patientName') return foldedWords(row.patientName).join(' ')
		if (sort === 'patientId') return row.patientId.toLowerCase()
		if (sort === 'readingState') return ['unread', 'draft', 'signed'].indexOf(row.readingState)
		return sort === 'importedAt' ? row.studyId : row[sort]
	}
	return model
		.filter(({ words }) => wanted.every((word) => words.some((one) => one.startsWith(word))))
		.map(({ row }) => row)
		.filter((row) => modality === null || row.modality.split(', ').includes(modality))
		.filter((row) => readingState === null || row.readingState === readingState)
		.filter((row) => answer === null || row.answerState === answer)
		.filter((row) => (from === null && to === null) || (row.studyDate !== '' && row.studyDate >= (from ?? '') && row.studyDate <= (to ?? '9')))
		.toSorted((a, b) => (order(key(a), key(b)) || a.studyId - b.studyId) * (descending ? -1 : 1))
}

const queries = fc.record<WorklistQuery>({
	search: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.array(fc.constantFrom('smith', 'SMI', 'mül', 'mull', '山', 'ив', 'p', 'P-1', 'acc', '10', 'chest', 'ch th', 'im', 'dcm', 'sean o', 'second', 'zzz', '*'), { maxLength: 3 }).map((words) => words.join(' '))),
	modality: fc.constantFrom(null, null, 'CR', 'DX', 'SR', 'XX'),
	readingState: fc.constantFrom(null, null, 'unread', 'draft', 'signed'),
	answer: fc.constantFrom(null, null, 'positive', 'negative', 'abstained', 'refused', 'none'),
	from: fc.constantFrom(null, null, '2012-01-01', '2011-02-11', '2020-05-05'),
	to: fc.constantFrom(null, null, '2012-12-31', '2013-04-13', '2023-01-01', 'nonsense'),
	sort: fc.constantFrom('importedAt', 'studyDate', 'patientName', 'patientId', 'modality', 'readingState'),
	descending: fc.boolean(),
	offset: fc.constantFrom(0, 0, 3, 50, 1000),
	limit: fc.constantFrom(1, 7, 500),
})

test('filters, search, sort and counts agree with a plain model', () => {
	fc.assert(fc.property(queries, (wishes) => {
		const page = query(wishes)
		const rows = expected(wishes)
		expect(page.matching).toBe(rows.length)
		expect(page.total).toBe(model.length)
		expect(page.rows.map((row) => row.studyId)).toEqual(rows.slice(wishes.offset, wishes.offset + wishes.limit).map((row) => row.studyId))
	}), { numRuns: 1500 })
})

test('rows say what was put in', () => {
	const page = query({ limit: 500, descending: false })
	worklistPageSchema.parse(page)
	expect(page.rows.map((row) => ({ ...row, importedAt: '', birthDate: '' }))).toEqual(model.map(({ row }) => row))
	expect(page.modalities).toEqual(['CR', 'DX', 'SR'])
	expect(countStudies(library)).toBe(model.length)
})

test('no input breaks the search', () => {
	fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 200, unit: 'binary' }), fc.array(fc.constantFrom('"', "'", '*', '(', ')', 'NEAR', 'AND', 'OR', 'NOT', '^', ':', 'words:', '-', '+', '\u0000', '%', '_', ' ', 'a', '\\', '{', '}', ';', '--'), { maxLength: 60 }).map((parts) => parts.join(''))), (search) => {
		const page = query({ search: search.slice(0, 200) })
		expect(page.matching).toBe(expected(worklistQuerySchema.parse({ search: search.slice(0, 200) })).length)
	}), { numRuns: 1000 })
})

test('a removed study leaves the list and comes back whole', () => {
	const before = query({ search: 'smithson', limit: 500 })
	const studyId = before.rows[0]?.studyId ?? 0
	removeStudy(library, studyId)
	expect(query({ search: 'smithson' }).matching).toBe(before.matching - 1)
	expect(query().total).toBe(model.length - 1)
	restoreStudy(library, studyId)
	expect(query({ search: 'smithson', limit: 500 })).toEqual(before)
})

test('every page is answered from an index', () => {
	for (const sort of ['importedAt', 'studyDate', 'patientName', 'patientId', 'modality', 'readingState'] as const) {
		const keys = { importedAt: 'import', studyDate: 'date', patientName: 'name', patientId: 'patient', modality: 'modality', readingState: 'state' }
		const column = { importedAt: 'study_id', studyDate: 'study_date', patientName: 'name_key', patientId: 'patient_key', modality: 'modality', readingState: 'reading_state' }[sort]
		const plan = library.database.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN SELECT study_id FROM worklist INDEXED BY worklist_by_${keys[sort]}
			WHERE modality = 'CR' AND reading_state = 0 AND answer_state = 'none' AND study_date <> '' ORDER BY ${column} DESC${column === 'study_id' ? '' : ', study_id DESC'} LIMIT 100`).all()
		expect(plan.map(({ detail }) => detail).join(), sort).toContain('COVERING INDEX')
		expect(plan.map(({ detail }) => detail).join(), sort).not.toContain('TEMP B-TREE')
	}
})
