import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compareMaps } from '../../../src/common/cam/compareMaps.ts'
import type { Analysis, CamState } from '../../../src/common/contract/analysis.ts'
import { saveCam, storedCams } from '../../../src/main/library/analyses.ts'
import { saveFaithfulness, storedFaithfulness } from '../../../src/main/library/faithfulness.ts'
import { decodeReportContent, type ReportContent } from '../../../src/main/reports/content.ts'
import { faithfulnessOf } from '../../support/faithfulness.ts'
import { importFilm, phantomWith } from '../../support/films.ts'
import { addSmallPack } from '../../support/packs.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

const LAYER = 'features'

let home: string
let workstation: TestWorkstation
let studyId: number
let student: Analysis
let teacher: Analysis
let films = 0

beforeAll(async () => {
	home = await newHome()
	addSmallPack(home, 'first-look', 'student', 8)
	addSmallPack(home, 'second-look', 'teacher', 9)
	workstation = await startWorkstation(home)
	await workstation.call('models.select', { role: 'student', id: 'first-look' })
})
/** A study of its own for each test, read by both networks, with a key image of the student's map. */
beforeEach(async () => {
	films++
	const film = await importFilm(workstation, phantomWith([
		{ tag: 0x00080018, vr: 'UI', value: `2.25.3${films}.3` }, { tag: 0x0020000d, vr: 'UI', value: `2.25.3${films}.1` }, { tag: 0x0020000e, vr: 'UI', value: `2.25.3${films}.2` },
	]))
	studyId = film.studyId
	const taught = workstation.next('analysis.changed', ({ role }) => role === 'teacher')
	student = await workstation.call('analysis.run', { instanceId: film.instanceId, frameIndex: 0 })
	teacher = await taught
	const view = { instanceId: film.instanceId, frameIndex: 0, window: null, invert: false, rotation: 0 as const, flipHorizontal: false, flipVertical: false }
	const keyImages = [{ ...view, caption: 'the left base', map: { analysisId: student.id, label: 'pneumonia', layer: LAYER, opacity: 0.5, threshold: 0.2 } }]
	await workstation.call('reports.saveDraft', { studyId, text: { clinicalInformation: '', comparison: '', narrative: '', impression: 'Normal.', keyImages } })
})
afterAll(async () => {
	await workstation.close()
	await removeHome(home)
})

const library = () => workstation.rooms.library
const draft = async (): Promise<ReportContent> => decodeReportContent(JSON.parse(await workstation.rooms.reports.draftJson(studyId)))
const explained = async () => (await draft()).keyImages[0]?.map?.explanation

function keep(analysis: Analysis, change: Partial<CamState> = {}): CamState {
	const maps = { covid19: [0, 0, 0, 1], normal: [1, 0, 0, 0], pneumonia: [0.1, 0.2, 0.4, 1] }
	return saveCam(library(), analysis.id, {
		layer: LAYER, mode: 'paper', height: 2, width: 2, channels: 8, passes: 8, channelsDone: 8, exact: true, errorBound: 0, maps, peaks: { covid19: 1, normal: 1, pneumonia: 2.5 }, seconds: 1, ...change,
	}).state
}

function measured(analysis: Analysis, mode: CamState['mode'] = 'paper'): void {
	const cam = storedCams(library(), analysis.id).find(({ state }) => state.mode === mode && state.layer === LAYER)
	if (!cam) throw new Error('There is no such map.')
	saveFaithfulness(library(), cam, 'pneumonia', faithfulnessOf({ layer: LAYER, label: 'pneumonia', mode, verdict: mode === 'paper' ? 'no better than chance' : 'better', chance: mode === 'paper' ? 0.4 : 0.025 }))
}

describe('a map in a report', () => {
	it('is of the paper\'s definition, with its own numbers, whatever other maps there are', async () => {
		keep(student, { mode: 'torchcam', maps: { covid19: [1, 1, 1, 0], normal: [0, 0, 0, 1], pneumonia: [1, 0.4, 0.2, 0] } })
		measured(student, 'torchcam')
		await expect(draft()).rejects.toThrow('The map of pneumonia on the key image "the left base" is not finished')
		keep(student)
		keep(student, { layer: 'early' })
		const { logit, probability, operatingPoint, positive } = student.prediction.labels.find(({ name }) => name === 'pneumonia')!
		expect(await explained()).toEqual({
			analysisId: student.id, fileName: 'film.dcm', frameIndex: 0, mode: 'paper', peak: 2.5, faithfulness: null, beside: null,
			maker: { role: 'student', modelTitle: student.modelTitle, model: student.prediction.model },
			answer: { logit, probability, operatingPoint, call: positive ? 'positive' : 'negative' },
		})
		measured(student)
		expect((await explained())?.faithfulness).toEqual({
			verdict: 'no better than chance', chance: 0.4, score: 0.15, probability: 0.8, maskedProbability: 0.6, drop: 0.25, increased: false, randomMaps: 39, deletionArea: 0.375, insertionArea: 0.525,
		})
	})

	it('stands beside the teacher\'s of the same label and definition, where that is finished', async () => {
		const own = keep(student)
		keep(teacher, { mode: 'official', maps: { pneumonia: [1, 1, 1, 0] } })
		keep(teacher, { layer: 'early', maps: { covid19: [1, 0, 0, 0] } })
		expect((await explained())?.beside).toBeNull()
		const other = keep(teacher, { maps: { pneumonia: [1, 0.5, 0.2, 0.8] } })
		const { correlation, topFifthOverlap } = compareMaps({ ...own, values: own.maps['pneumonia'] ?? [] }, { ...other, values: other.maps['pneumonia'] ?? [] })
		expect(correlation).toBeGreaterThan(-1)
		expect((await explained())?.beside).toEqual({
			analysisId: teacher.id, layer: LAYER, correlation, topFifthOverlap, maker: { role: 'teacher', modelTitle: 'second-look', model: teacher.prediction.model },
		})
		keep(teacher, { maps: { pneumonia: [0, 0, 0, 0] }, peaks: { pneumonia: 0 } })
		expect((await explained())?.beside).toMatchObject({ correlation: null, topFifthOverlap: null })
	})

	it('stays as it was signed, whatever is measured or made anew afterwards', async () => {
		keep(student)
		measured(student)
		const { id } = await workstation.call('reports.sign', { studyId, signedBy: 'Dr Reader' })
		const files = async () => [workstation.rooms.reports.signedJson(id), workstation.rooms.reports.signedCsv(id), Buffer.from(await workstation.rooms.reports.signedPdf(id)).toString('base64')]
		const before = await files()
		expect(before[1]).toContain('no better than chance,0.4,39')
		keep(student, { maps: { covid19: [0, 1, 0, 0], normal: [1, 0, 0, 0], pneumonia: [1, 0, 0, 0] } })
		keep(teacher)
		expect(storedFaithfulness(workstation.rooms.library, student.id)).toEqual([])
		expect(await files()).toEqual(before)
	})

	it('carries what the inference process measured of the map that it made', async () => {
		const finished = workstation.next('explanation.changed', ({ phase }) => phase === 'finished' || phase === 'failed')
		await workstation.call('explanation.start', { analysisId: student.id, layer: LAYER })
		expect((await finished).phase).toBe('finished')
		const faithfulness = await workstation.call('explanation.faithfulness', { analysisId: student.id, label: 'pneumonia', layer: LAYER })
		expect(faithfulness).toMatchObject({ layer: LAYER, mode: 'paper', label: 'pneumonia' })
		// Of the same image by the same network: the answer's own probability.
		expect(faithfulness.probability).toBeCloseTo(student.prediction.labels.find(({ name }) => name === 'pneumonia')?.probability ?? -1, 5)
		expect(storedFaithfulness(workstation.rooms.library, student.id)).toEqual([faithfulness])
		expect((await explained())?.faithfulness).toMatchObject({ verdict: faithfulness.verdict, chance: faithfulness.chance, deletionArea: faithfulness.deletion.area, insertionArea: faithfulness.insertion.area })
	})
})
