import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { analysisSchema, storedCamSchema, type Analysis, type LabelAnswer } from '../../../src/common/contract/analysis.ts'
import type { Annotation } from '../../../src/common/contract/annotation.ts'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { findingSchema, type ReportText } from '../../../src/common/contract/report.ts'
import { studySchema } from '../../../src/common/contract/study.ts'
import { findCachedAnalysis, getAnalysis, saveAnalysis, saveCam, storedCams } from '../../../src/main/library/analyses.ts'
import { getAnnotations, saveAnnotations } from '../../../src/main/library/annotations.ts'
import { addFinding, listFindings, prefillFindings, removeFinding, updateFinding } from '../../../src/main/library/findings.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { allReports, beginAddendum, getDraft, getSignedReport, nextReportVersion, reportsOfStudy, saveDraft, saveSignedReport } from '../../../src/main/library/reports.ts'
import { findInstance, findStudyId, getInstance, getStudy, removeStudy } from '../../../src/main/library/studies.ts'
import { addSynthetic, predictionOf, temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let library: Library
let studyId: number
let instanceId: number
let sha256: string
beforeEach(async () => {
	folder = temporaryFolder()
	library = openLibrary(folder.path);
	({ studyId, instanceId } = await addSynthetic(library, {
		patient: { name: 'Doe^Jane', patientId: '7', birthDate: '19800615' },
		study: { instanceUid: '1.2.3', date: '20240614', time: '1015', description: 'Chest' },
		series: { instanceUid: '1.2.3.1', modality: 'DX' },
	}))
	sha256 = getInstance(library, instanceId).sha256
})
afterEach(() => {
	library.close()
	folder.remove()
})

function analyse(labels: Partial<LabelAnswer>[], rest: Parameters<typeof predictionOf>[2] = {}, role: Analysis['role'] = 'student'): Analysis {
	return saveAnalysis(library, { instanceId, frameIndex: 0, role, softwareVersion: '0.1.0', modelTitle: 'Toy', prediction: predictionOf(sha256, labels, rest) })
}
const film = (patient: object, uid: string) => addSynthetic(library, { patient, study: { instanceUid: uid }, salt: JSON.stringify([patient, uid]) })
const patientOf = async (patient: object, uid: string) => getStudy(library, (await film(patient, uid)).studyId).patient.id
const sign = (version: number) => saveSignedReport(library, { studyId, version, signedBy: 'Dr Weber', signedAt: '2026-01-01T10:00:00.000Z', pdfSha256: sha256, content: { words: `version ${version}` } })
const keyImage = (id: number) => ({ instanceId: id, frameIndex: 0, caption: '', window: null, invert: false, rotation: 0 as const, flipHorizontal: false, flipVertical: false, map: null })
const text = (narrative: string): ReportText => ({ clinicalInformation: '', comparison: '', narrative, impression: '', keyImages: [] })

test('a study says everything of itself', async () => {
	const second = await addSynthetic(library, { patient: { name: 'DOE^JANE', patientId: '7' }, study: { instanceUid: '1.2.4', date: '20250101', description: 'Control' }, series: { modality: 'CR' } })
	const analysis = analyse([{ probability: 0.2 }])
	const study = studySchema.parse(getStudy(library, studyId))
	expect(study).toMatchObject({
		patient: { name: 'Doe^Jane', patientId: '7', birthDate: '1980-06-15' }, studyInstanceUid: '1.2.3', date: '2024-06-14', time: '10:15:00', age: '043Y', readingState: 'unread',
		series: [{ modality: 'DX', instances: [{ id: instanceId, sha256, fileName: 'film.dcm' }] }], analyses: [analysis],
		others: [{ studyId: second.studyId, date: '2025-01-01', description: 'Control', modality: 'CR' }],
	})
	expect(findStudyId(library, '1.2.3')).toBe(studyId)
	expect(findStudyId(library, String(studyId))).toBe(studyId)
	expect(() => findStudyId(library, '9999')).toThrow(UserError)
	expect(findInstance(library, sha256)).toEqual(getInstance(library, instanceId))
	expect(getInstance(library, instanceId).path).toBe(library.objects.pathOf(sha256))
	removeStudy(library, studyId)
	expect(() => getStudy(library, studyId)).toThrow(UserError)
	expect(getStudy(library, second.studyId).others).toEqual([])
})

describe('patients', () => {
	test('the same id with another name or birth date is another patient', async () => {
		const jane = getStudy(library, studyId).patient.id
		expect(await patientOf({ patientId: '7', name: 'doe jane' }, '5.1')).toBe(jane)
		expect(await patientOf({ patientId: '7', name: 'Roe^Richard' }, '5.2')).not.toBe(jane)
		expect(await patientOf({ patientId: '7', name: 'Doe^Jane', birthDate: '19810615' }, '5.3')).not.toBe(jane)
	})
	test('without an id, name and birth date both count; without a name nobody is the same', async () => {
		const first = await patientOf({ name: 'Roe', birthDate: '19700101' }, '6.1')
		expect(await patientOf({ name: 'ROE', birthDate: '19700101' }, '6.2')).toBe(first)
		expect(await patientOf({ name: 'Roe' }, '6.3')).not.toBe(first)
		expect(await patientOf({}, '6.4')).not.toBe(await patientOf({}, '6.5'))
	})
	test('one study UID under two patients is two studies, with a note', async () => {
		const stranger = await film({ patientId: '8', name: 'Roe' }, '1.2.3')
		expect(stranger.studyId).not.toBe(studyId)
		expect(getInstance(library, stranger.instanceId).notes.join()).toContain('another patient')
		expect((await film({ patientId: '7', name: 'Roe' }, '1.2.3')).studyId).not.toBe(studyId)
		expect((await film({ patientId: '7', name: 'Doe^Jane', birthDate: '19991231' }, '1.2.3')).studyId).not.toBe(studyId)
		expect(getStudy(library, studyId).patient.name).toBe('Doe^Jane')
		expect(() => findStudyId(library, '1.2.3')).toThrow(/More than one/)
	})
	test('a file that says more completes the patient and the study', async () => {
		const bare = await film({ patientId: '12' }, '7.1')
		const full = await addSynthetic(library, { patient: { patientId: '12', name: 'Poe', sex: 'M', birthDate: '19900101' }, study: { instanceUid: '7.1', description: 'Chest PA', date: '20200101' } })
		expect(full.studyId).toBe(bare.studyId)
		expect(getStudy(library, bare.studyId)).toMatchObject({ patient: { name: 'Poe', sex: 'M', birthDate: '1990-01-01' }, description: 'Chest PA', date: '2020-01-01', age: '030Y' })
	})
})

test('two files with one SOP Instance UID are both kept, with a note', async () => {
	const facts = { sopInstanceUid: '1.9.9' }
	const first = await addSynthetic(library, { facts, study: { instanceUid: '8.1' }, salt: 'a' })
	const second = await addSynthetic(library, { facts, study: { instanceUid: '8.1' }, salt: 'b' })
	expect(second.studyId).toBe(first.studyId)
	expect([first, second].map(({ instanceId: id }) => getInstance(library, id).notes.length)).toEqual([0, 1])
})

test('the newest analysis of the same graph is the cached one', () => {
	const image = { instanceId, frameIndex: 0, modelSha256: 'a'.repeat(64) }
	expect(findCachedAnalysis(library, image)).toBeNull()
	analyse([{ probability: 0.1 }])
	const newest = analyse([{ probability: 0.2 }])
	expect(analysisSchema.parse(findCachedAnalysis(library, image))).toEqual(newest)
	expect(getAnalysis(library, newest.id)).toEqual(newest)
	expect(findCachedAnalysis(library, { ...image, frameIndex: 1 })).toBeNull()
	expect(findCachedAnalysis(library, { ...image, modelSha256: 'c'.repeat(64) })).toBeNull()
	expect(() => saveAnalysis(library, { ...newest, prediction: predictionOf('f'.repeat(64), []) })).toThrow(/another file/)
})

test('maps come back as float32', () => {
	const analysis = analyse([{ probability: 0.9, positive: true }])
	const maps = { covid19: [0, 0.1, 0.25, 1, 0.7, 1 / 3], normal: [1, 1, 1, 0, 0, 0] }
	const state = { layer: 'last', mode: 'paper' as const, height: 2, width: 3, channels: 8, passes: 4, channelsDone: 8, exact: true, errorBound: null, maps, peaks: { covid19: 0.5, normal: 0 }, seconds: 1.5 }
	const stored = storedCamSchema.parse(saveCam(library, analysis.id, state))
	expect(stored.state).toEqual({ ...state, maps: { covid19: maps.covid19.map(Math.fround), normal: maps.normal } })
	expect(saveCam(library, analysis.id, { ...state, seconds: 2 }).id).toBe(stored.id)
	expect(storedCams(library, analysis.id)).toHaveLength(1)
	expect(() => saveCam(library, analysis.id, { ...state, maps: { covid19: [1] } })).toThrow(/1 values instead of 6/)
	expect(() => saveCam(library, 999, state)).toThrow(UserError)
})

describe('findings', () => {
	const positive = [{ probability: 0.826, positive: true }, { name: 'normal', title: 'Normal', probability: 0.9, positive: true, finding: false }, { name: 'edema', title: 'Edema', probability: 0.1 }]

	test('are suggested once, from positive labels that are findings', () => {
		prefillFindings(library, analyse(positive))
		const [finding, ...more] = prefillFindings(library, analyse(positive))
		expect(more).toEqual([])
		expect(findingSchema.parse(finding)).toMatchObject({ text: 'COVID-19 (probability 0.83)', status: 'suggested', origin: 'network', edited: false, probability: 0.826, decidedAt: null, label: 'covid19' })
		expect(prefillFindings(library, analyse(positive, {}, 'teacher'))).toHaveLength(1)
	})
	test('an untouched suggestion follows the newest analysis, a decided one stays', () => {
		prefillFindings(library, analyse(positive))
		const later = analyse([{ probability: 0.6, positive: true }])
		expect(prefillFindings(library, later)).toMatchObject([{ text: 'COVID-19 (probability 0.60)', analysisId: later.id }])
		expect(prefillFindings(library, analyse([{ probability: 0.2 }]))).toEqual([])
		const [finding] = prefillFindings(library, analyse(positive))
		const rejected = updateFinding(library, finding?.id ?? 0, { status: 'rejected' })
		expect(rejected.decidedAt).not.toBeNull()
		expect(prefillFindings(library, analyse([{ probability: 0.7, positive: true }]))).toEqual([rejected])
		expect(prefillFindings(library, analyse([{ probability: 0.2 }]))).toEqual([rejected])
	})
	test('nothing is suggested by an abstention or a refusal', () => {
		expect(prefillFindings(library, analyse(positive, { abstained: true }))).toEqual([])
	})
	test('a reader edits, accepts, adds and removes', () => {
		const [suggested] = prefillFindings(library, analyse(positive))
		const id = suggested?.id ?? 0
		expect(updateFinding(library, id, { status: 'accepted' })).toMatchObject({ status: 'accepted', edited: false })
		expect(updateFinding(library, id, { text: ' Ground-glass opacities ' })).toMatchObject({ status: 'accepted', edited: true, text: 'Ground-glass opacities' })
		expect(updateFinding(library, id, { status: 'suggested' })).toMatchObject({ decidedAt: null })
		expect(() => updateFinding(library, id, { text: '  ' })).toThrow(UserError)
		expect(() => removeFinding(library, id)).toThrow(/kept/)
		const own = addFinding(library, studyId, 'Healed rib fracture')
		expect(own).toMatchObject({ origin: 'reader', status: 'accepted', model: null })
		expect(() => updateFinding(library, own.id, { status: 'suggested' })).toThrow(UserError)
		expect(removeFinding(library, own.id)).toBe(studyId)
		expect(listFindings(library, studyId)).toHaveLength(1)
		expect(() => addFinding(library, 999, 'x')).toThrow(UserError)
	})
})

describe('reports', () => {
	test('drafts are kept, signing ends them, an addendum begins a new one', () => {
		expect(getDraft(library, studyId)).toEqual({ studyId, text: text(''), savedAt: null, addendumTo: null })
		expect(saveDraft(library, studyId, text('one'))).toMatchObject({ text: text('one'), addendumTo: null })
		expect(getStudy(library, studyId).readingState).toBe('draft')
		expect(() => beginAddendum(library, studyId)).toThrow(/no signed report/)
		expect(sign(nextReportVersion(library, studyId))).toMatchObject({ version: 1, kind: 'report' })
		expect(getStudy(library, studyId).readingState).toBe('signed')
		expect(() => saveDraft(library, studyId, text('a late autosave'))).toThrow(/Begin an addendum/)
		expect(beginAddendum(library, studyId)).toMatchObject({ text: text(''), addendumTo: 1 })
		saveDraft(library, studyId, text('two'))
		expect(beginAddendum(library, studyId)).toMatchObject({ text: text('two'), addendumTo: 1 })
		expect(() => sign(1)).toThrow(/signed meanwhile/)
		expect(sign(2)).toMatchObject({ version: 2, kind: 'addendum' })
		expect(reportsOfStudy(library, studyId).map(({ version }) => version)).toEqual([2, 1])
		expect(allReports(library)).toMatchObject([{ version: 2, patientName: 'Doe^Jane' }, { version: 1, studyDate: '2024-06-14' }])
	})
	test('a signed version cannot be changed by any statement', () => {
		const { id } = sign(1)
		const { database } = library
		for (const attack of [
			'UPDATE reports SET signed_by = \'x\'', 'UPDATE OR IGNORE reports SET content = \'{}\'', 'DELETE FROM reports',
			`INSERT OR REPLACE INTO reports SELECT id, study_id, version, kind, 'x', signed_at, pdf_sha256, content FROM reports`,
			`INSERT OR REPLACE INTO reports SELECT id + 1, study_id, version, kind, 'x', signed_at, pdf_sha256, content FROM reports`,
			`REPLACE INTO reports SELECT id, study_id, version + 1, kind, 'x', signed_at, pdf_sha256, content FROM reports`,
		]) expect(() => database.exec(attack), attack).toThrow(/never/)
		expect(getSignedReport(library, id)).toMatchObject({ report: { signedBy: 'Dr Weber' }, content: { words: 'version 1' } })
	})
	test('key images are of the study', async () => {
		const other = await addSynthetic(library, { salt: 'other' })
		expect(() => saveDraft(library, studyId, { ...text(''), keyImages: [keyImage(other.instanceId)] })).toThrow(/not of this study/)
		expect(saveDraft(library, studyId, { ...text(''), keyImages: [keyImage(instanceId)] }).text.keyImages).toHaveLength(1)
	})
	test('a report without its PDF is not signed', () => {
		expect(() => saveSignedReport(library, { studyId, version: 1, signedBy: 'x', signedAt: '', pdfSha256: 'e'.repeat(64), content: {} })).toThrow(/object store/)
		expect(nextReportVersion(library, studyId)).toBe(1)
	})
})

test('annotations of an image are replaced as a whole', () => {
	const length: Annotation = { uid: 'a', tool: 'length', points: [[0, 0], [3.25, 4]], label: 'heart', text: '5 px' }
	saveAnnotations(library, instanceId, 0, [length, { ...length, uid: 'b' }])
	saveAnnotations(library, instanceId, 0, [{ ...length, uid: 'b' }, { ...length, label: 'again' }])
	expect(getAnnotations(library, instanceId, 0)).toEqual([{ ...length, uid: 'b' }, { ...length, label: 'again' }])
	expect(() => saveAnnotations(library, instanceId, 1, [length])).toThrow(UserError)
	expect(() => saveAnnotations(library, instanceId, 0, [length, { ...length, uid: null as unknown as string }])).toThrow()
	expect(getAnnotations(library, instanceId, 0)).toHaveLength(2)
	saveAnnotations(library, instanceId, 0, [])
	expect(getAnnotations(library, instanceId, 0)).toEqual([])
})
