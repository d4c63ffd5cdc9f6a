import { rmSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { packManifest } from '../../support/inferenceFixtures.ts'
import { importFilm, phantomWith } from '../../support/films.ts'
import { makeBuiltInModels } from '../../support/builtInModels.ts'
import { addPack, addUserPack, WRONG_GOLDEN } from '../../support/packs.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let workstation: TestWorkstation
let image: { instanceId: number; frameIndex: number }
let studyId: number

beforeEach(async () => {
	home = await newHome()
})
afterEach(async () => {
	await workstation.close()
	await removeHome(home)
})

/** After the packs are in place: the registry looks at the folder when it is made. */
async function open(models?: string): Promise<void> {
	workstation = await startWorkstation(home, models)
	const film = await importFilm(workstation)
	image = { instanceId: film.instanceId, frameIndex: 0 }
	studyId = film.studyId
}

const inferencePid = () => workstation.rooms.supervisor.status().find(({ name }) => name === 'inference')?.pid

/** The model of every prediction that the inference host is asked for from now on. */
function asked(): string[] {
	const models: string[] = []
	const { supervisor } = workstation.rooms
	const call = supervisor.call.bind(supervisor)
	vi.spyOn(supervisor, 'call').mockImplementation(((host: never, method: string, input: { modelSha256: string }, options: never) => {
		if (method === 'predict') models.push(input.modelSha256)
		return call(host, method as never, input as never, options)
	}) as never)
	return models
}

describe('a teacher', () => {
	it('begins when the student has answered, and the student never waits for it', async () => {
		const teacher = addUserPack(home, 'second-look', { role: 'teacher' })
		await open()
		const order: string[] = []
		workstation.program.subscribe((event, payload) => {
			if (event === 'analysis.changed') order.push((payload as { role: string }).role)
		})
		const { supervisor } = workstation.rooms
		const call = supervisor.call.bind(supervisor)
		const gate = Promise.withResolvers<void>()
		// The teacher cannot even be loaded before the student's answer is here: if it waited, this would never end.
		vi.spyOn(supervisor, 'call').mockImplementation((async (host: never, method: never, input: { manifest?: { id: string } }, options: never) => {
			if (method === 'load' && input.manifest?.id === teacher.id) await gate.promise
			return call(host, method, input as never, options)
		}) as never)
		const taught = workstation.next('analysis.changed', ({ role }) => role === 'teacher')
		const answer = await workstation.call('analysis.run', image)
		order.push('answered')
		gate.resolve()
		expect((await taught).prediction.model.id).toBe('second-look')
		expect(order).toEqual(['student', 'answered', 'teacher'])
		expect(answer).toMatchObject({ role: 'student', prediction: { model: { id: packManifest.id } } })
		const { analyses } = await workstation.call('studies.get', { studyId })
		expect(analyses.map(({ role }) => role).toSorted()).toEqual(['student', 'teacher'])
	})

	it('is not asked again where its answer is stored, and suggests no findings of its own', async () => {
		addUserPack(home, 'second-look', { role: 'teacher' })
		await open()
		const taught = workstation.next('analysis.changed', ({ role }) => role === 'teacher')
		await workstation.call('analysis.run', image)
		await taught
		const models = asked()
		await workstation.call('analysis.run', image)
		// Whatever a second opinion would do has begun by the time that a call of the host comes back.
		await workstation.call('instances.metadata', { instanceId: image.instanceId })
		expect(models).toEqual([])
		for (const { model } of await workstation.call('findings.list', { studyId })) expect(model?.id).toBe(packManifest.id)

		const again = workstation.next('analysis.changed', ({ role }) => role === 'teacher')
		await workstation.call('analysis.run', { ...image, again: true })
		await again
		expect(models).toHaveLength(2)
	})

	it('that fails its self-test is told of, and the student\'s answer stands', async () => {
		addUserPack(home, 'broken-teacher', { role: 'teacher', golden: WRONG_GOLDEN })
		await open()
		const notice = workstation.next('notice')
		const { prediction } = await workstation.call('analysis.run', image)
		expect(prediction.labels).toHaveLength(3)
		expect(await notice).toMatchObject({ level: 'warning', message: expect.stringMatching(/^The teacher did not answer\. The student's answer stands\. The network's self-test failed/) as string })
		const { analyses } = await workstation.call('studies.get', { studyId })
		expect(analyses.map(({ role }) => role)).toEqual(['student'])
	})

	it('gives no answer on an image that the student\'s gate refuses', async () => {
		addUserPack(home, 'second-look', { role: 'teacher' })
		await open()
		const knee = await importFilm(workstation, phantomWith([{ tag: 0x00180015, vr: 'CS', value: 'KNEE' }, { tag: 0x00080018, vr: 'UI', value: '2.25.4711' }]))
		const models = asked()
		const { prediction } = await workstation.call('analysis.run', { instanceId: knee.instanceId, frameIndex: 0 })
		expect(prediction).toMatchObject({ gate: { ok: false }, labels: [], tensorSha256: null })
		await workstation.call('instances.metadata', { instanceId: knee.instanceId })
		expect(models).toEqual([packManifest.sha256])
	})
})

/** A tile in the colours of a stain, or a grey one stored in colour. */
async function importTile(saturation: number): Promise<{ studyId: number; instanceId: number }> {
	const pixels = Uint8Array.from({ length: 256 * 256 * 3 }, (_, index) => 120 + 60 * Math.sin(index / 700) + saturation * ([1, 0, 0.7][index % 3] ?? 0))
	return importFilm(workstation, await sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } }).png().toBuffer(), 'tile.png')
}

describe('where students of several kinds of images come with the program', () => {
	const labels = packManifest.labels.map((label, index) => ({ ...label, name: `tissue ${index}` }))
	let models: string

	beforeEach(() => {
		models = makeBuiltInModels()
		addPack(models, 'tissue', { domain: 'histology', labels, input: { ...packManifest.input, colour: 'rgb', modalities: [], bodyParts: [], views: [] } })
		addPack(models, 'tissue-teacher', { domain: 'histology', role: 'teacher', labels, input: { ...packManifest.input, colour: 'rgb', modalities: [], bodyParts: [], views: [] } })
	})
	afterEach(() => rmSync(models, { recursive: true }))

	it('tissue is read by the student for tissue and its teacher, and chest films by the other', async () => {
		await open(models)
		const tile = await importTile(30)
		const taught = workstation.next('analysis.changed', ({ role }) => role === 'teacher')
		const answer = await workstation.call('analysis.run', { instanceId: tile.instanceId, frameIndex: 0 })
		expect(answer.prediction).toMatchObject({ model: { id: 'tissue' }, gate: { ok: true } })
		expect((await taught).prediction.model.id).toBe('tissue-teacher')
		// What the chest student refused is nobody's answer, and the tissue student's is found again.
		expect((await workstation.call('studies.get', { studyId: tile.studyId })).analyses.map(({ prediction }) => prediction.model.id).toSorted()).toEqual(['tissue', 'tissue-teacher'])
		const asking = asked()
		expect((await workstation.call('analysis.run', { instanceId: tile.instanceId, frameIndex: 0 })).id).toBe(answer.id)
		expect(asking).toEqual([])
		expect((await workstation.call('analysis.run', image)).prediction.model.id).toBe(packManifest.id)
		expect((await workstation.call('system.status', {})).others).toMatchObject([{ student: { id: 'tissue' }, teacher: { id: 'tissue-teacher' } }])
	})

	it('a grey image is never put to the student for tissue', async () => {
		await open(models)
		const grey = await importTile(0)
		const asking = asked()
		await workstation.call('analysis.run', { instanceId: grey.instanceId, frameIndex: 0 })
		expect(asking).toEqual([packManifest.sha256])
	})

	it('a student that is chosen reads its own kind of image, and the other one the other kind as before', async () => {
		const chest = addUserPack(home, 'my-chest')
		const tissue = addUserPack(home, 'my-tissue', { domain: 'histology', labels, input: { ...packManifest.input, colour: 'rgb', modalities: [], bodyParts: [], views: [] } })
		await open(models)
		const tile = await importTile(30)
		const readBy = async () => [(await workstation.call('analysis.run', image)).prediction, (await workstation.call('analysis.run', { instanceId: tile.instanceId, frameIndex: 0 })).prediction].map(({ model, gate }) => [model.id, gate.ok])
		await workstation.call('models.select', { role: 'student', id: chest.id })
		expect(await readBy()).toEqual([['my-chest', true], ['tissue', true]])
		await workstation.call('models.select', { role: 'student', id: tissue.id })
		expect(await readBy()).toEqual([['my-chest', true], ['my-tissue', true]])
		await workstation.call('models.giveBack', { domain: 'chest-radiograph' })
		expect(await readBy()).toEqual([[packManifest.id, true], ['my-tissue', true]])
	})

	describe('and one that was chosen cannot be used, its kind of image gets no answer but the reason, and the other kind is read', () => {
		const kinds = [
			{ what: 'chest films, gone', domain: 'chest-radiograph' as const, change: {}, gone: true, reason: 'No student reads chest radiographs. The chosen pack "mine" is not there.' },
			{ what: 'tissue, gone', domain: 'histology' as const, change: { input: { ...packManifest.input, colour: 'rgb' as const, modalities: [], bodyParts: [], views: [] } }, gone: true, reason: 'No student reads histology patches. The chosen pack "mine" is not there.' },
			{ what: 'chest films, failing its self-test', domain: 'chest-radiograph' as const, change: { golden: WRONG_GOLDEN }, gone: false, reason: 'self-test failed' },
			{ what: 'tissue, failing its self-test', domain: 'histology' as const, change: { golden: WRONG_GOLDEN, input: { ...packManifest.input, colour: 'rgb' as const, modalities: [], bodyParts: [], views: [] } }, gone: false, reason: 'self-test failed' },
		]
		it.each(kinds)('$what', async ({ domain, change, gone, reason }) => {
			addUserPack(home, 'mine', { domain, ...change })
			await open(models)
			const tile = await importTile(30)
			await workstation.call('models.select', { role: 'student', id: 'mine' })
			if (gone) {
				rmSync(join(home, 'models', 'mine'), { recursive: true })
				await workstation.call('models.list', {})
			}
			const ofTile = { instanceId: tile.instanceId, frameIndex: 0 }
			const isTissue = domain === 'histology'
			await expect(workstation.call('analysis.run', isTissue ? ofTile : image)).rejects.toThrow(reason)
			expect((await workstation.call('analysis.run', isTissue ? image : ofTile)).prediction).toMatchObject({ model: { id: isTissue ? packManifest.id : 'tissue' }, gate: { ok: true } })
			expect((await workstation.call('studies.get', { studyId: isTissue ? tile.studyId : studyId })).analyses).toEqual([])
			expect((await workstation.call('system.status', {})).studentFault).toContain(reason)
			// Nor is what the other student would read as its own put to it: a grey image may be a film.
			if (!isTissue) await expect(workstation.call('analysis.run', { instanceId: (await importTile(0)).instanceId, frameIndex: 0 })).rejects.toThrow(reason)
		})
	})
})

describe('a student', () => {
	it('that fails its self-test gives no number at all, and is listed as refused', async () => {
		addUserPack(home, 'broken-student', { golden: WRONG_GOLDEN })
		await open()
		await workstation.call('models.select', { role: 'student', id: 'broken-student' })
		const models = asked()
		await expect(workstation.call('analysis.run', image)).rejects.toThrow(/self-test failed: its answer to the golden input is off by 1/)
		expect(models).toEqual([])
		expect((await workstation.call('studies.get', { studyId })).analyses).toEqual([])
		const entries = await workstation.call('models.list', {})
		expect(entries.find(({ state }) => state === 'refused')).toMatchObject({ reason: expect.stringMatching(/self-test failed/) as string })
		expect((await workstation.call('system.status', {})).studentFault).toMatch(/self-test failed/)
	})

	it('chosen in place of another one answers from a new process; what the other said keeps its name', async () => {
		addUserPack(home, 'other-student')
		await open()
		const first = await workstation.call('analysis.run', image)
		const before = inferencePid()
		await workstation.call('models.select', { role: 'student', id: 'other-student' })
		const second = await workstation.call('analysis.run', image)
		expect(inferencePid()).not.toBe(before)
		expect(second.prediction.model.id).toBe('other-student')
		const { analyses } = await workstation.call('studies.get', { studyId })
		expect(analyses.map(({ id, prediction }) => [id, prediction.model.id])).toEqual([[second.id, 'other-student'], [first.id, packManifest.id]])

		// The older answer can still be explained, by the network that gave it.
		const finished = workstation.next('explanation.changed', ({ phase }) => phase === 'finished' || phase === 'failed')
		await workstation.call('explanation.start', { analysisId: first.id, layer: 'last_block' })
		expect(await finished).toMatchObject({ phase: 'finished', analysisId: first.id })
	})

	it('that is no pack of this role cannot be chosen', async () => {
		addUserPack(home, 'second-look', { role: 'teacher' })
		await open()
		for (const id of ['none', 'second-look', '', '../x']) await expect(workstation.call('models.select', { role: 'student', id })).rejects.toThrow('There is no usable student')
		await workstation.call('models.select', { role: 'teacher', id: '' })
		expect((await workstation.call('system.status', {})).teacher).toBeNull()
		await workstation.call('models.select', { role: 'teacher', id: 'second-look' })
		expect((await workstation.call('system.status', {})).teacher?.id).toBe('second-look')
	})

	it('that was being loaded when another one was chosen is not called faulty', async () => {
		addUserPack(home, 'other-student')
		await open()
		const run = workstation.call('analysis.run', image)
		const ended = expect(run).rejects.toThrow('started anew for a change of model')
		await expect.poll(() => workstation.rooms.supervisor.status().find(({ name }) => name === 'inference')?.jobs, { interval: 1 }).toBeGreaterThan(0)
		await workstation.call('models.select', { role: 'student', id: 'other-student' })
		await ended
		expect((await workstation.call('models.list', {})).map(({ state }) => state)).toEqual(['ready', 'ready'])
		expect((await workstation.call('analysis.run', image)).prediction.model.id).toBe('other-student')
	})
})
