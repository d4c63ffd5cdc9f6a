import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FEWEST_PATIENTS } from '../../../src/common/contract/learning.ts'
import type { ReadyModel } from '../../../src/common/contract/model.ts'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { dataRecipeSchema, type LabelledDataRecipe } from '../../../src/common/contract/training/data.ts'
import { listCases } from '../../../src/hosts/training/evaluation/listCases.ts'
import { createEventHub } from '../../../src/main/eventHub.ts'
import { createLearning, type Learning, type LearningOptions } from '../../../src/main/learning/learning.ts'
import { saveAnalysis } from '../../../src/main/library/analyses.ts'
import { decidedImages } from '../../../src/main/library/decidedImages.ts'
import { addFinding, listFindings, prefillFindings, updateFinding } from '../../../src/main/library/findings.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { saveSignedReport } from '../../../src/main/library/reports.ts'
import { getInstance, removeStudy } from '../../../src/main/library/studies.ts'
import { importFilm } from '../../support/films.ts'
import { packManifest } from '../../support/inferenceFixtures.ts'
import { parseCsv } from '../../support/csv.ts'
import { newHome, removeHome, startWorkstation } from '../../support/workstation.ts'
import { addSynthetic, predictionOf, temporaryFolder } from '../library/synthetic.ts'

const LABELS = ['covid', 'pneumonia', 'normal']
let folder: ReturnType<typeof temporaryFolder>
let library: Library
let learning: Learning
let fail: string | null = null
let progress: unknown[] = []
/** What was put among the data sets, and surveyed. */
let registered: { title: string; recipe: LabelledDataRecipe; surveyed: boolean }[] = []
let cannotRegister: Error | null = null

const dataSets: LearningOptions['dataSets'] = {
	add(title, recipe) {
		if (cannotRegister) return Promise.reject(cannotRegister)
		return Promise.resolve({ id: registered.push({ title, recipe, surveyed: false }) } as never)
	},
	survey(id) {
		const one = registered[id - 1]
		if (one) one.surveyed = true
		return {} as never
	},
}

beforeEach(() => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
	fail = null
	progress = []
	registered = []
	cannotRegister = null
	const pack = { state: 'ready', manifest: { ...packManifest, labels: LABELS.map((name) => ({ ...packManifest.labels[0], name })) } } as ReadyModel
	const events = createEventHub()
	events.subscribe((event, payload) => void (event === 'learning.progress' && progress.push(payload)))
	learning = createLearning({
		home: folder.path, library, events, dataSets, registry: { list: () => [pack] } as never, frames: { frame: () => Promise.resolve({ path: '', decodeMilliseconds: 0 }) } as never,
		hosts: {
			call: (async (_: string, method: string, { output }: { output: string }) => {
				if (fail) throw new Error(fail)
				writeFileSync(output, `${method} ${output.split('/').at(-1) ?? ''}`)
				return { width: 1, height: 1 }
			}) as never,
			status: () => [],
		},
	})
})
afterEach(() => {
	library.close()
	folder.remove()
})

/** A film of a patient whose answer calls these findings. */
async function film(patient: string, salt: string, positive: readonly string[]): Promise<{ studyId: number; instanceId: number }> {
	const { studyId, instanceId } = await addSynthetic(library, { patient: { name: `Doe^${patient}`, patientId: patient }, study: { instanceUid: `1.2.${salt}`, date: '2026-01-05' }, salt })
	const labels = LABELS.map((name) => ({ name, title: name.toUpperCase(), finding: name !== 'normal', positive: positive.includes(name), probability: positive.includes(name) ? 0.9 : 0.05 }))
	prefillFindings(library, saveAnalysis(library, { instanceId, frameIndex: 0, role: 'student', softwareVersion: '0.1.0', modelTitle: 'Toy', prediction: predictionOf(getInstance(library, instanceId).sha256, labels) }))
	return { studyId, instanceId }
}

function decide(studyId: number, label: string, status: 'accepted' | 'rejected'): void {
	updateFinding(library, listFindings(library, studyId).find((each) => each.label === label)?.id ?? 0, { status })
}

async function sign(studyId: number): Promise<void> {
	const { sha256: pdfSha256 } = await library.objects.put(Buffer.from('report'))
	saveSignedReport(library, { studyId, version: 1, signedBy: 'Dr Weber', signedAt: '2036-01-01T10:00:00.000Z', pdfSha256, content: {} })
}

/** So many patients with accepted COVID, and as many whose clean film was signed; the first of each has two films. */
async function addPatients(count: number): Promise<void> {
	for (let patient = 0; patient < count; patient++) {
		for (const salt of patient === 0 ? ['a', 'b'] : ['a']) {
			const { studyId } = await film(`c${patient}`, `1${patient}${salt}`, ['covid'])
			decide(studyId, 'covid', 'accepted')
			await sign(studyId)
			await sign((await film(`n${patient}`, `2${patient}${salt}`, [])).studyId)
		}
	}
}

describe('cases', () => {
	it('show what the network said beside what readers decided, corrected or accepted', async () => {
		const accepted = await film('7', '1', ['covid'])
		decide(accepted.studyId, 'covid', 'accepted')
		const corrected = await film('8', '2', ['covid'])
		decide(corrected.studyId, 'covid', 'rejected')
		addFinding(library, corrected.studyId, 'Fracture of the fifth rib')
		await sign(corrected.studyId)
		await film('9', '3', ['pneumonia'])
		const page = learning.cases({ labels: LABELS, show: 'all', present: null, offset: 0, limit: 60 })
		expect(page.matching).toBe(2)
		expect(page.cases[0]).toMatchObject({
			...corrected, frameIndex: 0, patientName: 'Doe^8', patientId: '8', studyDate: '2026-01-05', model: { id: 'toy', title: 'Toy' }, decidedAt: '2036-01-01T10:00:00.000Z', outcome: 'corrected',
			added: ['Fracture of the fifth rib'], leftOut: false,
		})
		expect(page.cases[0]?.labels.map(({ name, called, truth }) => [name, called, truth])).toEqual([['covid', true, 0], ['pneumonia', false, 0], ['normal', false, null]])
		expect(page.cases[1]).toMatchObject({ ...accepted, outcome: 'accepted' })
		const shown = (show: 'accepted' | 'corrected' | 'left out', present: string | null = null) => learning.cases({ labels: LABELS.toReversed(), show, present, offset: 0, limit: 60 }).cases.map(({ instanceId }) => instanceId)
		expect([shown('accepted'), shown('corrected'), shown('left out'), shown('accepted', 'covid'), shown('corrected', 'covid')]).toEqual([[accepted.instanceId], [corrected.instanceId], [], [accepted.instanceId], []])
		expect(learning.cases({ labels: ['other'], show: 'all', present: null, offset: 0, limit: 60 })).toEqual({ cases: [], matching: 0 })
		expect(learning.cases({ labels: LABELS, show: 'all', present: null, offset: 1, limit: 1 })).toMatchObject({ cases: [accepted], matching: 2 })
	})

	it('are left out and put back, for the command line too, and go with their study', async () => {
		const { studyId, instanceId } = await film('7', '1', ['covid'])
		decide(studyId, 'covid', 'accepted')
		expect(decidedImages(library)).toHaveLength(1)
		learning.leaveOut([{ instanceId, frameIndex: 0 }], true)
		learning.leaveOut([{ instanceId, frameIndex: 0 }], true)
		expect([decidedImages(library), learning.sets()[0]?.leftOut, learning.sets()[0]?.images]).toEqual([[], 1, 0])
		expect(learning.cases({ labels: LABELS, show: 'left out', present: null, offset: 0, limit: 60 }).cases).toMatchObject([{ instanceId, leftOut: true }])
		learning.leaveOut([{ instanceId, frameIndex: 0 }], false)
		expect(decidedImages(library)).toHaveLength(1)
		expect(() => learning.leaveOut([{ instanceId: 99, frameIndex: 0 }], true)).toThrow('not in the library')
		removeStudy(library, studyId)
		expect(learning.sets()).toEqual([])
	})
})

describe('a data set of cases', () => {
	it('is refused where too few patients stand behind it, with what is missing', async () => {
		await expect(learning.makeSet({ labels: LABELS, name: 'Ours' })).rejects.toThrow('there is nothing to learn from')
		await addPatients(FEWEST_PATIENTS - 1)
		expect(learning.sets()).toMatchObject([{ labels: LABELS, task: 'multiclass', images: 2 * FEWEST_PATIENTS, patients: 2 * (FEWEST_PATIENTS - 1), corrected: 0, missing: [expect.stringContaining('At least two labels need 10 patients each; 0 have them.'), expect.stringContaining('COVID: 9 with it; PNEUMONIA: 0 with it; NORMAL: 9 with it')] }])
		await expect(learning.makeSet({ labels: LABELS, name: 'Ours' })).rejects.toThrow('There is too little to learn from. At least two labels')
		expect(existsSync(join(folder.path, 'data-sets'))).toBe(false)
	})

	it('has what is left, by patient, and is what a recipe reads', async () => {
		await addPatients(FEWEST_PATIENTS + 1)
		const unclear = await film('u', '9', ['covid', 'pneumonia'])
		decide(unclear.studyId, 'covid', 'rejected')
		const out = learning.cases({ labels: LABELS, show: 'all', present: 'covid', offset: 0, limit: 1 }).cases[0]
		learning.leaveOut([{ instanceId: out?.instanceId ?? 0, frameIndex: 0 }], true)
		const [set] = learning.sets()
		expect(set).toMatchObject({ missing: [], images: 2 * (FEWEST_PATIENTS + 2) - 1, leftOut: 1, notes: [expect.stringContaining('Too few patients for PNEUMONIA: 0 with it'), expect.stringContaining('1 image has no single label')] })
		const made = await learning.makeSet({ labels: LABELS, name: 'Ours: winter 2026' })
		expect(made).toMatchObject({ id: 'ours-winter-2026', folder: join(folder.path, 'data-sets', 'ours-winter-2026'), images: 2 * (FEWEST_PATIENTS + 2) })
		expect(progress.at(-1)).toEqual({ done: made.images, of: made.images })
		// No window has to be there for it.
		expect(registered).toEqual([{ title: 'Ours: winter 2026', recipe: expect.objectContaining(made.data) as unknown, surveyed: true }])
		expect(made).toMatchObject({ dataSet: { id: 1 }, fault: '' })
		const rows = parseCsv(readFileSync(join(made.folder, 'manifest.csv'), 'utf8'))
		expect(rows.map(({ file }) => file)).not.toContain(`images/${out?.instanceId}_0.png`)
		expect(new Set(rows.map(({ patient_or_group: group }) => group)).size).toBe(made.patients)
		expect(readFileSync(join(made.folder, 'manifest.csv'), 'utf8')).not.toContain('Doe')
		// The recipe's part is whole, and its labels are found in the table.
		expect(dataRecipeSchema.parse(made.data)).toMatchObject({ layout: 'manifest', folder: made.folder, labels: ['covid', 'normal'] })
		const listed = await listCases(made.folder, { task: 'multiclass', labels: LABELS }, null, [])
		expect(listed.samples).toHaveLength(set?.images ?? 0)
		expect((await learning.makeSet({ labels: LABELS, name: 'Ours: winter 2026' })).id).toBe('ours-winter-2026-2')
		expect(readdirSync(join(folder.path, 'temporary'))).toEqual([])
	})

	it('that cannot be put among the data sets is kept, with the reason', async () => {
		await addPatients(FEWEST_PATIENTS)
		cannotRegister = new UserError('The library is full.')
		const made = await learning.makeSet({ labels: LABELS, name: 'Ours' })
		expect(made).toMatchObject({ id: 'ours', dataSet: null, fault: 'The library is full.' })
		expect(existsSync(join(made.folder, 'manifest.csv'))).toBe(true)
		expect(registered).toEqual([])
	})

	it('that fails or is cancelled leaves nothing, and is one at a time', async () => {
		await addPatients(FEWEST_PATIENTS)
		fail = 'The image reader stopped.'
		await expect(learning.makeSet({ labels: LABELS, name: 'Ours' })).rejects.toThrow('The image reader stopped.')
		fail = null
		const run = learning.makeSet({ labels: LABELS, name: 'Ours' })
		await expect(learning.makeSet({ labels: LABELS, name: 'Ours' })).rejects.toThrow('just being written')
		learning.cancelSet()
		await expect(run).rejects.toThrow('cancelled; nothing was written')
		expect([existsSync(join(folder.path, 'data-sets')), readdirSync(join(folder.path, 'temporary'))]).toEqual([false, []])
		expect(await learning.makeSet({ labels: LABELS, name: '...' })).toMatchObject({ id: 'data-set' })
	})

	it('of labels that do not exclude each other needs patients with and without one of them', async () => {
		// No pack is there to say that they do.
		learning = createLearning({ home: folder.path, library, events: createEventHub(), dataSets, registry: { list: () => [] } as never, frames: {} as never, hosts: {} as never })
		await addPatients(FEWEST_PATIENTS)
		expect(learning.sets()).toMatchObject([{ task: 'multilabel', missing: [], counts: [{ name: 'covid', positivePatients: 10, negativePatients: 10 }, { name: 'pneumonia', positives: 0 }, { name: 'normal' }], notes: [expect.stringContaining('Too few patients for PNEUMONIA')] }])
	})
})

it('cases and weeks of a film that was read come through the procedures', async () => {
	const home = await newHome()
	const workstation = await startWorkstation(home)
	try {
		const { studyId, instanceId } = await importFilm(workstation)
		const analysis = await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		expect(await workstation.call('learning.sets', {})).toEqual([])
		// Its probabilities lie at operating points, so that it depends on the processor which findings there are.
		for (const { id } of await workstation.call('findings.list', { studyId })) await workstation.call('findings.update', { findingId: id, status: 'rejected' })
		await workstation.call('reports.sign', { studyId, signedBy: 'Dr Weber' })
		const [set] = await workstation.call('learning.sets', {})
		expect(set?.labels).toEqual(packManifest.labels.map(({ name }) => name))
		expect((await workstation.call('learning.cases', { labels: set?.labels ?? [] })).cases).toMatchObject([{ studyId, instanceId, model: { id: packManifest.id } }])
		await workstation.call('learning.leaveOut', { cases: [{ instanceId, frameIndex: 0 }], leftOut: true })
		expect(await workstation.call('learning.sets', {})).toMatchObject([{ leftOut: 1 }])
		await expect(workstation.call('learning.makeSet', { labels: set?.labels ?? [], name: 'Ours' })).rejects.toThrow('too little to learn from')
		await workstation.call('learning.cancelSet', {})
		const { weeks, models, rule } = await workstation.call('drift.weeks', {})
		expect(rule).toContain('99 % intervals')
		expect(weeks).toMatchObject([{ modelSha256: packManifest.sha256, images: 1, refused: { found: 0, of: 1 }, labels: packManifest.labels.map(({ name }) => ({ name })), differs: [] }])
		for (const [index, label] of (weeks[0]?.labels ?? []).entries()) expect(label.probability).toBeCloseTo(analysis.prediction.labels[index]?.probability ?? Number.NaN, 12)
		expect(weeks[0]?.monday).toMatch(/^\d{4}-\d{2}-\d{2}$/)
		expect(new Date(`${weeks[0]?.monday ?? ''}T00:00:00Z`).getUTCDay()).toBe(1)
		expect(models).toMatchObject([{ model: { id: packManifest.id }, role: 'student' }])
	} finally {
		await workstation.close()
		await removeHome(home)
	}
})
