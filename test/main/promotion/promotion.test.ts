import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProcedureInput } from '../../../src/common/contract/procedures.ts'
import type { CandidateReference, ComparisonJob } from '../../../src/common/contract/promotion.ts'
import { recipeSchema } from '../../../src/common/contract/training/recipe.ts'
import { addRun, writeSmallPack, writeTestFilms } from '../../support/candidates.ts'
import { smallRecipe } from '../../support/smallRun.ts'
import { importFilm } from '../../support/films.ts'
import { packManifest } from '../../support/inferenceFixtures.ts'
import { makeBuiltInModels } from '../../support/builtInModels.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let workstation: TestWorkstation

beforeEach(async () => {
	home = await newHome()
	workstation = await startWorkstation(home)
})
afterEach(async () => {
	await workstation.close()
	await removeHome(home)
})

const SIGNED = { decidedBy: 'Dr Weber', reason: 'Looked at the films.' }
const ofRun = (id: string): CandidateReference => ({ origin: 'run', id })

async function compare(candidate: CandidateReference, films?: ProcedureInput<'promotion.compare'>['films']): Promise<ComparisonJob> {
	const folder = join(home, 'films')
	if (!existsSync(folder)) await writeTestFilms(folder, 12)
	const ended = workstation.next('promotion.changed', ({ phase }) => phase !== 'running')
	await workstation.call('promotion.compare', { candidate, films: films ?? { kind: 'folder', folder }, maps: 0 })
	return ended
}

/** Compares and promotes. @returns the decision. */
async function promote(candidate: CandidateReference) {
	const { comparisonId, reason } = await compare(candidate)
	if (comparisonId === null) throw new Error(reason)
	return workstation.call('promotion.decide', { ...SIGNED, candidate, kind: 'accepted', comparisonIds: [comparisonId] })
}

async function student(): Promise<string | undefined> {
	return (await workstation.call('system.status', {})).student?.id
}

/** Ids of the students that read, chest films first. */
async function reads(): Promise<(string | undefined)[]> {
	const { student: first, others } = await workstation.call('system.status', {})
	return [first, ...others.map((other) => other.student)].map((model) => model?.id)
}

/** Ids of the chosen students by what they read. */
async function chosen(): Promise<object> {
	return (await workstation.call('settings.get', {})).students
}

/** The finished map of an analysis. */
async function explain(analysisId: number) {
	const ended = workstation.next('explanation.changed', ({ phase, analysisId: of }) => of === analysisId && !['queued', 'running'].includes(phase))
	await workstation.call('explanation.start', { analysisId, layer: null })
	return ended
}

describe('candidates', () => {
	it('are packs of runs, with the model that reads now, or with the reason why they cannot be promoted', async () => {
		const good = addRun(home, 'small-1', 8)
		addRun(home, 'other-1', 9, { labels: packManifest.labels.map((label, index) => ({ ...label, name: `tissue ${index}` })) })
		addRun(home, 'broken-1', 10, { sha256: '0'.repeat(64) })
		addRun(home, 'bare-1', 11)
		rmSync(join(home, 'runs', 'bare-1', 'pack', 'CARD.md'))
		mkdirSync(join(home, 'runs', 'unfinished-1', 'checkpoints'), { recursive: true })
		mkdirSync(join(home, 'runs', 'lungs-1', 'pack'), { recursive: true })
		writeFileSync(join(home, 'runs', 'lungs-1', 'pack', 'lungs.json'), '{}')
		const listed = await workstation.call('promotion.candidates', {})
		expect(listed.map(({ candidate, state, reason }) => [candidate.id, state, reason])).toEqual([
			['bare-1', 'refused', expect.stringContaining('has no card')],
			['broken-1', 'refused', expect.stringContaining('SHA-256 of model.onnx is not the one')],
			['other-1', 'ready', expect.stringContaining('answers with other labels (tissue 0, tissue 1, tissue 2) than')],
			['small-1', 'ready', ''],
		])
		expect(listed[3]).toMatchObject({ about: { id: 'small-1', sha256: good.sha256, labels: ['covid19', 'normal', 'pneumonia'] }, current: { id: packManifest.id, sha256: packManifest.sha256 }, installed: null })
		expect(existsSync(join(home, 'models'))).toBe(false)
		const { manifest, card } = await workstation.call('promotion.card', { candidate: ofRun('small-1') })
		expect([manifest, card]).toEqual([good, expect.stringContaining('Research use only')])
		await expect(compare(ofRun('other-1'))).rejects.toThrow('answers with other labels')
		await expect(compare(ofRun('broken-1'))).rejects.toThrow('The run broken-1 cannot be used. The SHA-256')
		await expect(compare(ofRun('none-1'))).rejects.toThrow('has no finished model pack')
	})
})

describe('a comparison', () => {
	it('runs beside reading, is told as it goes, and is kept whole with its hash', async () => {
		addRun(home, 'small-1', 8)
		const progress: ComparisonJob[] = []
		workstation.program.subscribe((event, payload) => void (event === 'promotion.changed' && progress.push(payload as ComparisonJob)))
		const job = await compare(ofRun('small-1'))
		expect(job).toMatchObject({ phase: 'finished', reason: '', comparisonId: 1 })
		expect(new Set(progress.map((one) => one.progress?.phase))).toEqual(new Set(['current', 'candidate', 'latency']))
		const { row, report } = await workstation.call('promotion.comparison', { comparisonId: 1 })
		expect(await workstation.call('promotion.comparisons', { candidate: ofRun('small-1') })).toEqual([row])
		expect(await workstation.call('promotion.comparisons', { candidate: ofRun('small-2') })).toEqual([])
		expect(row).toMatchObject({ kind: 'labelled', films: join(home, 'films'), n: 12, verdict: { outcome: 'insufficient' } })
		expect(report).toMatchObject({ current: { id: packManifest.id }, candidate: { id: 'small-1' }, labelled: { split: 'test' }, films: { groups: 6 } })
		expect((await workstation.call('promotion.job', {})).job).toEqual(job)
	})
	it('takes the test split of the candidate\'s own run', async () => {
		addRun(home, 'small-1', 8)
		const data = await writeTestFilms(join(home, 'films'), 12)
		const recipe = recipeSchema.parse(smallRecipe({ data, student: 'student.onnx' }))
		writeFileSync(join(home, 'runs', 'small-1', 'recipe.json'), JSON.stringify(recipe))
		const { comparisonId } = await compare(ofRun('small-1'), { kind: 'run' })
		expect((await workstation.call('promotion.comparison', { comparisonId: comparisonId ?? 0 })).report).toMatchObject({ films: { n: 12, groups: 6, title: data }, labelled: { split: 'test' } })
	})
	it('is one at a time, and leaves nothing when it is cancelled or fails', async () => {
		addRun(home, 'small-1', 8)
		const ended = compare(ofRun('small-1'))
		await workstation.next('promotion.changed')
		await expect(workstation.call('promotion.compare', { candidate: ofRun('small-1'), films: { kind: 'library' } })).rejects.toThrow('Another comparison runs')
		await workstation.call('promotion.cancel', { jobId: (await workstation.call('promotion.job', {})).job?.jobId ?? '' })
		expect(await ended).toMatchObject({ phase: 'cancelled', comparisonId: null })
		expect(await compare(ofRun('small-1'), { kind: 'folder', folder: join(home, 'nowhere') })).toMatchObject({ phase: 'failed', reason: expect.stringContaining('manifest.csv cannot be opened') })
		expect(await workstation.call('promotion.comparisons', {})).toEqual([])
		await expect(compare(ofRun('small-1'), { kind: 'folder', folder: 'films' })).rejects.toThrow('whole path')
		await expect(compare(ofRun('small-1'), { kind: 'library' })).rejects.toThrow('No film of the library has been analysed yet')
		await expect(compare(ofRun('small-1'), { kind: 'run' })).rejects.toThrow('The recipe of the run small-1 cannot be read')
	})
	it('on films of the library names the studies whose answer changes', async () => {
		addRun(home, 'small-1', 8)
		const { studyId, instanceId } = await importFilm(workstation)
		await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const { comparisonId } = await compare(ofRun('small-1'), { kind: 'library' })
		const { row, report } = await workstation.call('promotion.comparison', { comparisonId: comparisonId ?? 0 })
		expect(row).toMatchObject({ kind: 'library', n: 1, verdict: { outcome: 'insufficient', metric: null } })
		expect(report.library).toMatchObject({ passed: { both: 1 }, differs: { n: 1 } })
		for (const change of report.library?.changes ?? []) expect(change).toMatchObject({ studyId, instanceId })
	})
})

describe('a decision', () => {
	it('needs a comparison, a name and a reason', async () => {
		addRun(home, 'small-1', 8)
		const decide = (change: object) => workstation.call('promotion.decide', { ...SIGNED, candidate: ofRun('small-1'), kind: 'accepted', comparisonIds: [1], ...change })
		await expect(decide({})).rejects.toThrow('This comparison is not in the library')
		await compare(ofRun('small-1'))
		await expect(decide({ comparisonIds: [] })).rejects.toThrow('not valid')
		await expect(decide({ decidedBy: '  ' })).rejects.toThrow('not valid')
		await expect(decide({ reason: '' })).rejects.toThrow('not valid')
		expect((await workstation.call('promotion.decisions', {})).decisions).toEqual([])
		expect(await student()).toBe(packManifest.id)
		expect(existsSync(join(home, 'models'))).toBe(false)
	})

	it('to accept installs the pack and selects it; to decline keeps all as it is', async () => {
		const manifest = addRun(home, 'small-1', 8)
		addRun(home, 'small-2', 9)
		const { comparisonId: declined = 0 } = await compare(ofRun('small-2'))
		await workstation.call('promotion.decide', { ...SIGNED, candidate: ofRun('small-2'), kind: 'declined', comparisonIds: [declined ?? 0] })
		expect([await student(), existsSync(join(home, 'models'))]).toEqual([packManifest.id, false])
		const changed = workstation.next('system.changed', ({ student: now }) => now?.id === 'small-1')
		const decision = await promote(ofRun('small-1'))
		await changed
		expect(decision.content).toMatchObject({
			kind: 'accepted', role: 'student', ...SIGNED, candidate: { id: 'small-1', sha256: manifest.sha256, reference: ofRun('small-1') }, before: { id: packManifest.id, sha256: packManifest.sha256 },
			after: { id: 'small-1', sha256: manifest.sha256 }, settings: { before: null, after: 'small-1' }, undoes: null, comparisons: [{ id: 2, outcome: 'insufficient' }],
		})
		expect(readdirSync(join(home, 'models', 'small-1')).toSorted()).toEqual(['CARD.md', 'model.json', 'model.onnx'])
		expect(readFileSync(join(home, 'models', 'small-1', 'model.onnx'))).toEqual(readFileSync(join(home, 'runs', 'small-1', 'pack', 'model.onnx')))
		expect((await workstation.call('settings.get', {})).students).toEqual({ 'chest-radiograph': 'small-1' })
		expect(readdirSync(join(home, 'temporary'))).toEqual([])
		expect(existsSync(join(home, 'promotion.json'))).toBe(false)
		const { decisions, fault, rollbacks } = await workstation.call('promotion.decisions', {})
		expect(decisions.map(({ content }) => content.kind)).toEqual(['accepted', 'declined'])
		expect(decisions[0]?.content.previous).toBe(decisions[1]?.sha256)
		expect(fault).toBe('')
		expect(rollbacks).toEqual([{ decisionId: 2, role: 'student', domain: 'chest-radiograph', to: decision.content.before, reason: '' }])
		const again = await workstation.call('promotion.candidates', {})
		expect(again.find(({ candidate }) => candidate.id === 'small-1')).toMatchObject({ installed: 'small-1', reason: expect.stringContaining('is the model that reads now') })
	})

	it('is made on what is there: a candidate or a reading model that has changed is to be compared again', async () => {
		addRun(home, 'small-1', 8)
		addRun(home, 'small-2', 9)
		const [{ comparisonId: one }, { comparisonId: two }] = [await compare(ofRun('small-1')), await compare(ofRun('small-2'))]
		const decide = (run: string, id: number | null) => workstation.call('promotion.decide', { ...SIGNED, candidate: ofRun(run), kind: 'accepted', comparisonIds: [id ?? 0] })
		await expect(decide('small-2', one)).rejects.toThrow('is of another candidate')
		const path = join(home, 'runs', 'small-2', 'pack', 'model.json')
		const text = readFileSync(path, 'utf8')
		writeFileSync(path, text.replace('"operatingPoint":{"value":0.', '"operatingPoint":{"value":0.9'))
		expect(readFileSync(path, 'utf8')).not.toBe(text)
		await expect(decide('small-2', two)).rejects.toThrow('has changed since comparison 2')
		writeFileSync(path, text)
		await decide('small-1', one)
		await expect(decide('small-2', two)).rejects.toThrow('Another model reads now (Small small-1) than the one of comparison 2')
		expect(await student()).toBe('small-1')
	})

	it('installs under an id that no other pack has, and refuses one network under two descriptions', async () => {
		addRun(home, 'small-1', 8, { id: packManifest.id })
		await promote(ofRun('small-1'))
		expect(await student()).toBe(`${packManifest.id}-2`)
		const twin = join(home, 'runs', 'twin-1', 'pack')
		cpSync(join(home, 'runs', 'small-1', 'pack'), twin, { recursive: true })
		writeSmallPack(join(home, 'runs', 'twin-1', 'pack'), 'twin-1', 8)
		await workstation.call('models.select', { role: 'student', id: packManifest.id })
		const { comparisonId } = await compare(ofRun('twin-1'))
		await expect(workstation.call('promotion.decide', { ...SIGNED, candidate: ofRun('twin-1'), kind: 'accepted', comparisonIds: [comparisonId ?? 0] })).rejects.toThrow(`${packManifest.id}-2 has the same network with another description`)
		expect(readdirSync(join(home, 'models'))).toEqual([`${packManifest.id}-2`])
	})

	it('about a teacher changes the second opinion alone, which a rollback takes away again', async () => {
		addRun(home, 'teacher-1', 8, { role: 'teacher' })
		const { id } = await promote(ofRun('teacher-1'))
		const status = await workstation.call('system.status', {})
		expect([status.student?.id, status.teacher?.id]).toEqual([packManifest.id, 'teacher-1'])
		await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: id })
		const after = await workstation.call('system.status', {})
		expect([after.student?.id, after.teacher]).toEqual([packManifest.id, null])
	})
})

describe('a rollback', () => {
	it('is one step to the model before, again and again, and every analysis keeps and explains with the model that made it', async () => {
		const first = addRun(home, 'small-1', 8)
		const second = addRun(home, 'small-2', 9)
		const { instanceId } = await importFilm(workstation)
		const analyse = () => workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const byBuiltIn = await analyse()
		await promote(ofRun('small-1'))
		const byFirst = await analyse()
		await promote(ofRun('small-2'))
		const bySecond = await analyse()
		expect([byBuiltIn, byFirst, bySecond].map(({ prediction }) => prediction.model.sha256)).toEqual([packManifest.sha256, first.sha256, second.sha256])
		await expect(workstation.call('promotion.rollBack', { ...SIGNED, decisionId: 1 })).rejects.toThrow('Decision 1 is no promotion that could be taken back')
		const back = await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: 2 })
		expect(back.content).toMatchObject({ kind: 'rolled back', undoes: 2, before: { sha256: second.sha256 }, after: { sha256: first.sha256 }, settings: { before: 'small-2', after: 'small-1' }, candidate: null, comparisons: [] })
		expect(await student()).toBe('small-1')
		expect((await analyse()).id).toBe(byFirst.id)
		const further = await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: 1 })
		expect(further.content).toMatchObject({ undoes: 1, after: { sha256: packManifest.sha256 }, settings: { after: null } })
		expect(await student()).toBe(packManifest.id)
		expect((await analyse()).id).toBe(byBuiltIn.id)
		await expect(workstation.call('promotion.rollBack', { ...SIGNED, decisionId: 1 })).rejects.toThrow('Decision 1 is no promotion that could be taken back')
		for (const [analysis, channels] of [[byFirst, 8], [bySecond, 9]] as const) expect(await explain(analysis.id)).toMatchObject({ phase: 'finished', state: { channels, layer: 'features' } })
		const study = await workstation.call('studies.get', { studyId: byBuiltIn.studyId })
		expect(study.analyses.map(({ prediction }) => prediction.model.id)).toEqual(['small-2', 'small-1', packManifest.id])
		expect((await workstation.call('promotion.decisions', {})).decisions.map(({ content }) => content.kind)).toEqual(['rolled back', 'rolled back', 'accepted', 'accepted'])
		// Without its pack an analysis still says whose it is, and that it cannot be explained.
		rmSync(join(home, 'models', 'small-2'), { recursive: true })
		await workstation.call('models.list', {})
		const { id } = await workstation.call('analysis.run', { instanceId, frameIndex: 0, again: true })
		expect(id).toBeGreaterThan(bySecond.id)
		await expect(workstation.call('explanation.start', { analysisId: bySecond.id, layer: 'other' })).rejects.toThrow('(small-2 1.0.0) is no longer installed')
	})

	it('is refused where the pack of the model before is gone, and works when it is back', async () => {
		addRun(home, 'small-1', 8)
		addRun(home, 'small-2', 9)
		await promote(ofRun('small-1'))
		await promote(ofRun('small-2'))
		const [there, away] = [join(home, 'models', 'small-1'), join(home, 'away')]
		renameSync(there, away)
		await expect(workstation.call('promotion.rollBack', { ...SIGNED, decisionId: 2 })).rejects.toThrow(/The pack of Small small-1 \(small-1 1\.0\.0, [0-9a-f]{12}\) is no longer among the model packs\. Put it back/)
		expect((await workstation.call('promotion.decisions', {})).rollbacks[0]?.reason).toContain('no longer among')
		expect(await student()).toBe('small-2')
		renameSync(away, there)
		await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: 2 })
		expect(await student()).toBe('small-1')
	})

	describe('where students of several kinds of images read', () => {
		let models: string

		beforeEach(async () => {
			models = makeBuiltInModels()
			writeSmallPack(join(models, 'tissue'), 'tissue', 7, { domain: 'histology' })
			addRun(home, 'chest-1', 8)
			addRun(home, 'tissue-1', 9, { domain: 'histology' })
			await workstation.close()
			workstation = await startWorkstation(home, models)
		})
		afterEach(() => rmSync(models, { recursive: true }))

		it('is of one kind and leaves the others, as the promotion was', async () => {
			const chest = await promote(ofRun('chest-1'))
			expect(await reads()).toEqual(['chest-1', 'tissue'])
			const tissue = await promote(ofRun('tissue-1'))
			expect(await reads()).toEqual(['chest-1', 'tissue-1'])
			expect(tissue.content).toMatchObject({ before: { id: 'tissue' }, settings: { before: null, after: 'tissue-1' } })
			const { rollbacks } = await workstation.call('promotion.decisions', {})
			expect(rollbacks.map(({ decisionId, domain, to }) => [decisionId, domain, to?.id])).toEqual([[tissue.id, 'histology', 'tissue'], [chest.id, 'chest-radiograph', packManifest.id]])
			const back = await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: chest.id })
			expect(back.content).toMatchObject({ undoes: chest.id, before: { id: 'chest-1' }, after: { id: packManifest.id }, settings: { before: 'chest-1', after: null } })
			expect([await reads(), await chosen()]).toEqual([[packManifest.id, 'tissue-1'], { histology: 'tissue-1' }])
			await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: tissue.id })
			expect([await reads(), await chosen()]).toEqual([[packManifest.id, 'tissue'], {}])
			expect((await workstation.call('promotion.decisions', {})).rollbacks).toEqual([])
		})

		it('is not offered past a later promotion whose packs are gone, because that may be of the same kind', async () => {
			addRun(home, 'chest-2', 10)
			const first = await promote(ofRun('chest-1'))
			const second = await promote(ofRun('chest-2'))
			for (const id of ['chest-1', 'chest-2']) rmSync(join(home, 'models', id), { recursive: true })
			await workstation.call('models.list', {})
			const { rollbacks } = await workstation.call('promotion.decisions', {})
			expect(rollbacks).toMatchObject([{ decisionId: second.id, domain: null, reason: expect.stringContaining('The pack of Small chest-1') }])
			await expect(workstation.call('promotion.rollBack', { ...SIGNED, decisionId: second.id })).rejects.toThrow('no longer among')
			await expect(workstation.call('promotion.rollBack', { ...SIGNED, decisionId: first.id })).rejects.toThrow('another one came after it')
			// Nobody reads in the place of the promoted one, and the other kind is read.
			expect(await reads()).toEqual(['tissue'])
			expect((await workstation.call('system.status', {})).studentFault).toBe('No student reads chest radiographs. The chosen pack "chest-2" is not there. Choose another one under Admin, Models.')
			expect((await workstation.call('promotion.candidates', {}))[0]).toMatchObject({ current: null, reason: 'No student reads chest radiographs. The chosen pack "chest-2" is not there. Choose another one under Admin, Models.' })
		})

		it('and decisions that an older program signed, with one student for every kind, stand and are taken back as ever', async () => {
			const { id, content } = await promote(ofRun('chest-1'))
			await workstation.close()
			const path = join(home, 'settings.json')
			const { students: before, ...settings } = JSON.parse(readFileSync(path, 'utf8')) as { students: unknown }
			expect(before).toEqual({ 'chest-radiograph': 'chest-1' })
			writeFileSync(path, JSON.stringify({ ...settings, student: content.settings.after }))
			workstation = await startWorkstation(home, models)
			expect([await reads(), await chosen()]).toEqual([['chest-1', 'tissue'], { 'chest-radiograph': 'chest-1' }])
			expect(await workstation.call('promotion.decisions', {})).toMatchObject({ fault: '', rollbacks: [{ decisionId: id, reason: '' }] })
			await workstation.call('promotion.rollBack', { ...SIGNED, decisionId: id })
			expect([await reads(), await chosen()]).toEqual([[packManifest.id, 'tissue'], {}])
		})
	})
})
