import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { displayGrey } from '../../../src/common/imaging/window.ts'
import { phantomDicomFile } from '../../../src/common/imaging/phantomDicom.ts'
import { decodeFrameOf, sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'
import { saveAnalysis } from '../../../src/main/library/analyses.ts'
import { decidedImages } from '../../../src/main/library/decidedImages.ts'
import { exportDataSet } from '../../../src/main/library/exportDataSet.ts'
import { addFinding, listFindings, prefillFindings, updateFinding } from '../../../src/main/library/findings.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { saveSignedReport } from '../../../src/main/library/reports.ts'
import { getInstance, removeStudy } from '../../../src/main/library/studies.ts'
import { parseCsv } from '../../support/csv.ts'
import { importFilm } from '../../support/films.ts'
import { newHome, removeHome, startWorkstation } from '../../support/workstation.ts'
import { addSynthetic, predictionOf, temporaryFolder } from './synthetic.ts'

const LABELS = { covid: { name: 'covid', finding: true }, pneumonia: { name: 'pneumonia', finding: true }, normal: { name: 'normal', finding: false } }

/** A student's answer that calls these findings positive. */
function analyse(library: Library, instanceId: number, positive: (keyof typeof LABELS)[]): void {
	const labels = Object.values(LABELS).map((label) => ({ ...label, positive: (positive as string[]).includes(label.name), probability: (positive as string[]).includes(label.name) ? 0.9 : 0.05 }))
	prefillFindings(library, saveAnalysis(library, { instanceId, frameIndex: 0, role: 'student', softwareVersion: '0.1.0', modelTitle: 'Toy', prediction: predictionOf(getInstance(library, instanceId).sha256, labels) }))
}

function decide(library: Library, studyId: number, label: string, status: 'accepted' | 'rejected'): void {
	const finding = listFindings(library, studyId).find((each) => each.label === label)
	if (!finding) throw new Error(`There is no finding ${label}.`)
	updateFinding(library, finding.id, { status })
}

async function sign(library: Library, studyId: number): Promise<void> {
	const { sha256: pdfSha256 } = await library.objects.put(Buffer.from('report'))
	saveSignedReport(library, { studyId, version: 1, signedBy: 'Dr Weber', signedAt: '2026-01-01T10:00:00.000Z', pdfSha256, content: {} })
}

describe('what readers decided', () => {
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
	const film = (patient: string, salt: string) => addSynthetic(library, { patient: { name: `Doe^${patient}`, patientId: patient }, study: { instanceUid: `1.2.${salt}` }, salt })

	test('accepted is 1, rejected 0, untouched and unsaid are not known before the report is signed', async () => {
		const { studyId, instanceId } = await film('7', '1')
		analyse(library, instanceId, ['covid', 'pneumonia'])
		expect(decidedImages(library)).toEqual([])
		decide(library, studyId, 'covid', 'accepted')
		const [image] = decidedImages(library)
		expect(image).toEqual({ instanceId, frameIndex: 0, group: image?.group, truth: { covid: 1, pneumonia: null, normal: 0 } })
		decide(library, studyId, 'pneumonia', 'rejected')
		expect(decidedImages(library)[0]?.truth).toEqual({ covid: 1, pneumonia: 0, normal: 0 })
		removeStudy(library, studyId)
		expect(decidedImages(library)).toEqual([])
	})

	test('a signed study settles what nobody found', async () => {
		const clean = await film('7', '1')
		analyse(library, clean.instanceId, [])
		expect(decidedImages(library)).toEqual([])
		await sign(library, clean.studyId)
		expect(decidedImages(library)[0]?.truth).toEqual({ covid: 0, pneumonia: 0, normal: 1 })
		const own = await film('8', '2')
		analyse(library, own.instanceId, ['covid'])
		decide(library, own.studyId, 'covid', 'rejected')
		addFinding(library, own.studyId, 'Fracture of the fifth rib')
		await sign(library, own.studyId)
		const [first, second] = decidedImages(library)
		expect(second?.truth).toEqual({ covid: 0, pneumonia: 0, normal: null })
		expect(first?.group).not.toBe(second?.group)
		const untouched = await film('7', '3')
		analyse(library, untouched.instanceId, ['pneumonia'])
		await sign(library, untouched.studyId)
		const [, , third] = decidedImages(library)
		expect(third?.truth).toEqual({ covid: 0, pneumonia: null, normal: null })
		expect(third?.group).toBe(first?.group)
	})

	test('nothing decided and a folder that is in use are refused, and nothing is written', async () => {
		const used = join(folder.path, 'used')
		await mkdir(used)
		await writeFile(join(used, 'mine.txt'), '')
		const none = { frames: { frame: () => Promise.reject(new Error('unexpected')) }, hosts: { call: () => Promise.reject(new Error('unexpected')), status: () => [] } }
		await expect(exportDataSet({ library, ...none, folder: used })).rejects.toThrow('is not empty')
		await expect(exportDataSet({ library, ...none, folder: join(folder.path, 'new') })).rejects.toThrow('nothing to learn from')
		const { studyId, instanceId } = await film('7', '1')
		analyse(library, instanceId, ['covid'])
		decide(library, studyId, 'covid', 'accepted')
		await expect(exportDataSet({ library, ...none, folder: join(folder.path, 'new') })).rejects.toThrow('unexpected')
		expect(existsSync(join(folder.path, 'new'))).toBe(false)
		expect((await readdir(folder.path)).filter((name) => name.endsWith('.part'))).toEqual([])
	})
})

test('a film goes out with its display values, a pseudonym and its labels, and nothing else', async () => {
	const home = await newHome()
	const workstation = await startWorkstation(home)
	try {
		const { studyId, instanceId } = await importFilm(workstation)
		const { library, frames, supervisor } = workstation.rooms
		analyse(library, instanceId, ['covid'])
		decide(library, studyId, 'covid', 'accepted')
		await sign(library, studyId)
		const folder = join(home, 'own')
		expect(await exportDataSet({ library, frames, hosts: supervisor, folder })).toEqual({ images: 1, labels: ['covid', 'normal', 'pneumonia'], patients: 1 })
		const [row, ...others] = parseCsv(await readFile(join(folder, 'manifest.csv'), 'utf8'))
		expect(others).toEqual([])
		expect(row).toEqual({ file: `images/${instanceId}_0.png`, label: 'covid', covid: '1', normal: '0', pneumonia: '0', patient_or_group: expect.stringMatching(/^p\d+$/), source: 'negatoscope' })
		const [png, film] = [await readFile(join(folder, row?.['file'] ?? '')), phantomDicomFile()]
		const [written, original] = [await decodeFrameOf(png, sha256Of(png), 0), await decodeFrameOf(film, sha256Of(film), 0)]
		expect(displayGrey(written)).toEqual(displayGrey(original))
	} finally {
		await workstation.close()
		await removeHome(home)
	}
})
