import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KeyImage, ReportText } from '../../../src/common/contract/report.ts'
import { decodeReportContent, type ReportContent } from '../../../src/main/reports/content.ts'
import { importFilm, phantomWith } from '../../support/films.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let workstation: TestWorkstation
let studyId: number
let instanceId: number
let films = 0

beforeAll(async () => {
	home = await newHome()
	workstation = await startWorkstation(home)
})
/** A study of its own for each test. */
beforeEach(async () => {
	films++
	;({ studyId, instanceId } = await importFilm(workstation, phantomWith([
		{ tag: 0x00080018, vr: 'UI', value: `2.25.1${films}.3` }, { tag: 0x0020000d, vr: 'UI', value: `2.25.1${films}.1` }, { tag: 0x0020000e, vr: 'UI', value: `2.25.1${films}.2` },
	])))
})
afterAll(async () => {
	await workstation.close()
	await removeHome(home)
})

const textOf = (narrative: string, keyImages: KeyImage[] = []): ReportText => ({ clinicalInformation: '', comparison: '', narrative, impression: 'Normal.', keyImages })
const write = (text: ReportText) => workstation.call('reports.saveDraft', { studyId, text })
const sign = () => workstation.call('reports.sign', { studyId, signedBy: 'Dr Reader' })
const signed = (reportId: number): ReportContent => decodeReportContent(JSON.parse(workstation.rooms.reports.signedJson(reportId)))

function keyImage(map: KeyImage['map'] = null): KeyImage {
	return { instanceId, frameIndex: 0, caption: 'the left base', window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false, map }
}

describe('a signed report', () => {
	it('is frozen: what is done to findings, draft and answers afterwards does not change it', async () => {
		await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const finding = await workstation.call('findings.add', { studyId, text: 'Heart of normal size.' })
		await write(textOf('No opacity.', [keyImage()]))
		const report = await sign()
		expect(report).toMatchObject({ version: 1, kind: 'report', signedBy: 'Dr Reader' })
		const json = workstation.rooms.reports.signedJson(report.id)
		const csv = workstation.rooms.reports.signedCsv(report.id)
		const pdf = await workstation.rooms.reports.signedPdf(report.id)
		expect(signed(report.id)).toMatchObject({ kind: 'report', text: { narrative: 'No opacity.' }, keyImages: [{ caption: 'the left base', map: null }] })
		expect(signed(report.id).findings.filter(({ origin }) => origin === 'reader')).toMatchObject([{ text: 'Heart of normal size.', status: 'accepted' }])

		await workstation.call('findings.update', { findingId: finding.id, text: 'Heart enlarged.', status: 'rejected' })
		await workstation.call('findings.add', { studyId, text: 'Another.' })
		await workstation.call('analysis.run', { instanceId, frameIndex: 0, again: true })
		await expect(write(textOf('Changed my mind.'))).rejects.toThrow('This report is signed.')
		expect(workstation.rooms.reports.signedJson(report.id)).toBe(json)
		expect(workstation.rooms.reports.signedCsv(report.id)).toBe(csv)
		expect(await workstation.rooms.reports.signedPdf(report.id)).toEqual(pdf)
	})

	it('is added to by an addendum, which quotes it with the hash of its PDF', async () => {
		await workstation.call('findings.add', { studyId, text: 'Clear lungs.' })
		await write(textOf('First reading.'))
		const first = await sign()
		expect((await workstation.call('reports.beginAddendum', { studyId })).addendumTo).toBe(1)
		await write(textOf('On second look, a nodule.'))
		const second = await sign()
		expect(second).toMatchObject({ version: 2, kind: 'addendum' })
		expect(signed(second.id)).toMatchObject({
			kind: 'addendum', version: 2, text: { narrative: 'On second look, a nodule.' },
			earlier: [{ version: 1, kind: 'report', pdfSha256: first.pdfSha256, signedBy: 'Dr Reader', text: { narrative: 'First reading.' }, findings: ['Clear lungs.'] }],
		})
		expect((await workstation.call('reports.ofStudy', { studyId })).map(({ version }) => version)).toEqual([2, 1])
	})

	it('whose stored PDF is damaged or gone is refused with the reason, and its content is still there', async () => {
		await write(textOf('Words.'))
		const { id, pdfSha256 } = await sign()
		const path = workstation.rooms.library.objects.pathOf(pdfSha256)
		const bytes = await readFile(path)
		bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
		await writeFile(path, bytes)
		await expect(workstation.rooms.reports.signedPdf(id)).rejects.toThrow('The stored PDF of this report is damaged. Its content is still there as JSON and CSV.')
		const response = await workstation.program.handle(new Request(`http://localhost/reports/${id}.pdf`))
		expect(response.status).toBe(422)
		expect(await response.text()).toContain('damaged')
		expect(signed(id).text.narrative).toBe('Words.')
	})

	it('needs a name, and is not made of words that changed while it was being signed', async () => {
		await write(textOf('Before.', [keyImage()]))
		await expect(workstation.call('reports.sign', { studyId, signedBy: '  ' })).rejects.toThrow('signed with a name')
		const signing = sign()
		const refused = expect(signing).rejects.toThrow('changed while it was being signed')
		await write(textOf('After.', [keyImage()]))
		await refused
		// The later words are still the draft, and nothing is signed.
		expect((await workstation.call('reports.draft', { studyId })).text.narrative).toBe('After.')
		expect(await workstation.call('reports.ofStudy', { studyId })).toEqual([])
		expect(signed((await sign()).id).text.narrative).toBe('After.')
	})

	it('signed from two windows at once is signed once', async () => {
		await write(textOf('Once.'))
		const outcomes = await Promise.allSettled([sign(), sign()])
		expect(outcomes.map((outcome) => outcome.status === 'rejected' ? String(outcome.reason) : 'signed').toSorted()).toEqual([expect.stringContaining('Another version of this report was signed meanwhile'), 'signed'])
		expect(await workstation.call('reports.ofStudy', { studyId })).toHaveLength(1)
	})
})

const map = (analysisId: number) => ({ analysisId, label: 'pneumonia', layer: 'last_block', opacity: 0.5, threshold: 0.2 })

describe('a key image with a map', () => {
	it('is refused while the map is not finished, and drawn when it is', async () => {
		const { id } = await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		await write(textOf('See image.', [keyImage(map(id))]))
		await expect(sign()).rejects.toThrow('The map of pneumonia on the key image "the left base" is not finished or no longer there.')
		expect(await workstation.call('reports.ofStudy', { studyId })).toEqual([])
		expect((await workstation.call('reports.draft', { studyId })).text.narrative).toBe('See image.')

		const finished = workstation.next('explanation.changed', ({ phase }) => phase === 'finished' || phase === 'failed')
		await workstation.call('explanation.start', { analysisId: id, layer: 'last_block' })
		expect((await finished).phase).toBe('finished')
		expect(signed((await sign()).id).keyImages).toMatchObject([{ map: { label: 'pneumonia', layer: 'last_block', exact: true, opacity: 0.5, threshold: 0.2 } }])
	})

	it('of another image than the one that was explained is refused', async () => {
		const other = instanceId
		const { id } = await workstation.call('analysis.run', { instanceId: other, frameIndex: 0 })
		films++
		const here = await importFilm(workstation, phantomWith([{ tag: 0x00080018, vr: 'UI', value: `2.25.1${films}.3` }, { tag: 0x0020000d, vr: 'UI', value: `2.25.1${films}.1` }]))
		studyId = here.studyId
		instanceId = here.instanceId
		await write(textOf('', [keyImage(map(id))]))
		await expect(sign()).rejects.toThrow('not finished or no longer there')
	})
})
