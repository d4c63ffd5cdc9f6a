import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { saveComparison } from '../../src/main/library/comparisons.ts'
import { checkDatabase } from '../../src/main/library/database.ts'
import { lastHash, readDecisions, saveDecision } from '../../src/main/library/decisions.ts'
import { cleanLibrary, openLibrary } from '../../src/main/library/library.ts'
import { isOutOfSpace } from '../../src/main/library/outOfSpace.ts'
import { comparedModel } from '../../src/main/models/identity.ts'
import { openPack } from '../../src/main/models/pack.ts'
import { importPack } from '../../src/main/promotion/importPack.ts'
import { finishInterrupted, writeIntent } from '../../src/main/promotion/intent.ts'
import { openSettings } from '../../src/main/settings.ts'
import { addRun, writeSmallPack } from '../support/candidates.ts'
import { emptyReport } from '../support/comparedPacks.ts'
import { packDirectory, packManifest, temporaryFolder } from '../support/inferenceFixtures.ts'
import { packFileOf } from '../support/packFiles.ts'
import { openPromotionRooms, type PromotionRooms } from '../support/promotionRooms.ts'
import { fillDisk, mountSmall } from '../support/smallDisk.ts'

let home: ReturnType<typeof temporaryFolder>
let models: ReturnType<typeof temporaryFolder>
beforeEach(() => {
	home = temporaryFolder()
	models = temporaryFolder()
	writeSmallPack(join(models.path, 'first'), 'first', 6)
})
afterEach(() => {
	home.remove()
	models.remove()
})

const SIGNED = { decidedBy: 'Dr Weber', reason: 'As discussed.' }

function start(...parameters: string[]): ChildProcess {
	const [action = '', ...rest] = parameters
	return spawn(process.execPath, [join(import.meta.dirname, 'promotionChild.ts'), action, home.path, models.path, ...rest], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A run with a pack and a comparison with the model that reads now. @returns the comparison's number. */
function addCompared({ library, registry }: PromotionRooms, run: string, channels: number): number {
	const candidate = addRun(home.path, run, channels)
	const current = registry.readers()[0]?.student
	if (!current) throw new Error('Nothing reads.')
	return saveComparison(library, { origin: 'run', id: run }, emptyReport(comparedModel(current.manifest), comparedModel(candidate))).id
}

/** Ends a process so many milliseconds after it is ready, or after something is there to be seen of its work. */
async function kill(child: ChildProcess, milliseconds: number, isAtWork: () => boolean = () => true): Promise<void> {
	const ended = once(child, 'exit')
	await once(child.stdout ?? child, 'data')
	while (!isAtWork() && child.exitCode === null) await delay(0)
	await delay(milliseconds)
	child.kill('SIGKILL')
	await ended
}

/** What every start does, and everything that must hold then. @returns how many decisions there are. */
async function expectConsistent(): Promise<number> {
	const library = openLibrary(home.path)
	try {
		await cleanLibrary(library)
		const settings = openSettings(home.path)
		finishInterrupted({ home: home.path, library, settings })
		checkDatabase(library.paths)
		const { decisions, fault } = readDecisions(library)
		expect(fault).toBe('')
		expect(settings.get().students['chest-radiograph'] ?? null).toBe(decisions.at(-1)?.content.settings.after ?? null)
		const promoted = new Set(decisions.flatMap(({ content }) => (content.kind === 'accepted' ? [content.after?.id ?? ''] : [])))
		const folder = join(home.path, 'models')
		expect(existsSync(folder) ? readdirSync(folder).toSorted() : []).toEqual([...promoted].toSorted())
		for (const { content } of decisions) if (content.kind === 'accepted') expect(openPack(join(folder, content.after?.id ?? ''), new Map()).manifest.sha256).toBe(content.after?.sha256)
		expect(readdirSync(library.paths.temporary)).toEqual([])
		expect(existsSync(join(home.path, 'promotion.json'))).toBe(false)
		return decisions.length
	} finally {
		library.close()
	}
}

describe('a process that is killed', () => {
	it('at any moment of promotions and rollbacks leaves pack, decision and setting together, or none of them', async () => {
		let before = 0
		let cutOff = 0
		for (let round = 0; round < 14; round++) {
			const rooms = openPromotionRooms(home.path, models.path)
			// From where the last round left it, the first model reads again, so that the next run can be held against it.
			const [last] = rooms.promotions.list().rollbacks
			if (last) await rooms.promotions.rollBack({ ...SIGNED, decisionId: last.decisionId })
			expect(rooms.settings.get().students).toEqual({})
			const comparison = addCompared(rooms, `run-${round}`, 7 + round)
			rooms.library.close()
			const intent = join(home.path, 'promotion.json')
			await kill(start('promote', `run-${round}`, String(comparison)), Math.random() * (round % 2 === 0 ? 10 : 400), () => round % 2 === 1 || existsSync(intent))
			if (existsSync(intent)) cutOff++
			const now = await expectConsistent()
			expect(now).toBeGreaterThanOrEqual(before)
			before = now
		}
		console.info(`${cutOff} of 14 were killed between the first and the last step of a change; ${before} decisions`)
		expect(cutOff).toBeGreaterThan(0)
	})

	it('at any moment of imports leaves whole packs or nothing, and what was missing comes in afterwards', async () => {
		const files = join(models.path, 'files')
		mkdirSync(files)
		for (let index = 0; index < 24; index++) {
			const id = `pack-${String(index).padStart(2, '0')}`
			writeSmallPack(join(models.path, 'packs', id), id, 8 + index)
			writeFileSync(join(files, `${id}.zip`), (await packFileOf(join(models.path, 'packs', id))).bytes)
		}
		const folder = join(home.path, 'candidates')
		let stored = 0
		let cutOff = 0
		mkdirSync(join(home.path, 'temporary'))
		for (let round = 0; round < 8; round++) {
			const temporary = join(home.path, 'temporary')
			await kill(start('import', files), Math.random() * 100, () => readdirSync(temporary).length > 0)
			if (readdirSync(temporary).length > 0) cutOff++
			await expectConsistent()
			const there = existsSync(folder) ? readdirSync(folder) : []
			for (const id of there) for (const name of readdirSync(join(models.path, 'packs', id))) expect(readFileSync(join(folder, id, name))).toEqual(readFileSync(join(models.path, 'packs', id, name)))
			expect(there.length).toBeGreaterThanOrEqual(stored)
			stored = there.length
		}
		console.info(`${cutOff} of 8 imports were killed at work; ${stored} of 24 packs were in by then`)
		expect(cutOff).toBeGreaterThan(0)
		const rooms = openPromotionRooms(home.path, models.path)
		for (const name of readdirSync(files)) await importPack(join(files, name), name, rooms).catch((error: unknown) => expect(String(error)).toContain('already has the same network'))
		expect(readdirSync(folder)).toHaveLength(24)
		rooms.library.close()
	})
})

/** Who is chosen in settings.json. */
function chosen(): object {
	const { student, students } = openSettings(home.path).get()
	return { student, students }
}

describe('a change that was cut off', () => {
	const decidedAt = '2026-01-01T10:00:00.000Z'
	const model = comparedModel(packManifest)
	/** As a process that is gone has left it. */
	const leave = (previous: string, installed: string | null, domain?: 'histology') => {
		writeIntent(home.path, { role: 'student', domain, settings: { before: 'one', after: 'two' }, previous, decidedAt, installed })
		const path = join(home.path, 'promotion.json')
		writeFileSync(path, readFileSync(path, 'utf8').replace(/"processId":\d+/, '"processId":999999999'))
	}

	it.each([
		['of the student for a kind of image', 'histology' as const, (id: string) => ({ student: null, students: { 'chest-radiograph': 'stays', histology: id } })],
		['of an older program, which had one student for every kind', undefined, (id: string) => ({ student: id, students: { 'chest-radiograph': 'stays' } })],
	])('%s is ended at the next start where it was signed, and taken back where it was not', (_, domain, choice) => {
		const library = openLibrary(home.path)
		const settings = openSettings(home.path)
		const installed = join(home.path, 'models', 'two')
		mkdirSync(installed, { recursive: true })
		settings.set(choice('two'))
		leave(lastHash(library), installed, domain)
		finishInterrupted({ home: home.path, library, settings })
		expect([chosen(), existsSync(installed)]).toEqual([choice('one'), false])
		mkdirSync(installed, { recursive: true })
		leave(lastHash(library), installed, domain)
		saveDecision(library, { schemaVersion: 1, kind: 'accepted', role: 'student', ...SIGNED, decidedAt, softwareVersion: '', candidate: null, comparisons: [], before: model, after: model, settings: { before: 'one', after: 'two' }, undoes: null })
		finishInterrupted({ home: home.path, library, settings })
		expect([chosen(), existsSync(installed), existsSync(join(home.path, 'promotion.json'))]).toEqual([choice('two'), true, false])
		library.close()
	})
	it('removes nothing but a folder of a pack, whatever its file says, and leaves a running process alone', () => {
		const library = openLibrary(home.path)
		const settings = openSettings(home.path)
		const precious = join(home.path, 'objects')
		leave(lastHash(library), precious)
		finishInterrupted({ home: home.path, library, settings })
		leave(lastHash(library), join(home.path, 'models', '..', 'objects'))
		finishInterrupted({ home: home.path, library, settings })
		leave(lastHash(library), join(home.path, 'models'))
		finishInterrupted({ home: home.path, library, settings })
		expect(existsSync(precious)).toBe(true)
		writeFileSync(join(home.path, 'promotion.json'), '{"processId":')
		finishInterrupted({ home: home.path, library, settings })
		const installed = join(home.path, 'models', 'two')
		mkdirSync(installed, { recursive: true })
		leave(lastHash(library), installed)
		const path = join(home.path, 'promotion.json')
		writeFileSync(path, readFileSync(path, 'utf8').replace('999999999', String(process.ppid)))
		finishInterrupted({ home: home.path, library, settings })
		expect([existsSync(installed), existsSync(path)]).toEqual([true, true])
		// A number that another process got since.
		utimesSync(path, new Date(0), new Date(0))
		finishInterrupted({ home: home.path, library, settings })
		expect([existsSync(installed), existsSync(path)]).toEqual([false, false])
		library.close()
	})
})

/** What some work ends with; null where it succeeds. */
function failed(work: Promise<unknown>): Promise<unknown> {
	return work.then(() => null, (error: unknown) => error)
}

describe('a full disk', () => {
	it('ends an import and a promotion with nothing left behind and nothing changed', async (context) => {
		const unmount = mountSmall(home.path, 40)
		if (!unmount) return context.skip('This account may not mount a file system of its own.')
		try {
			const rooms = openPromotionRooms(home.path, models.path)
			const comparison = addCompared(rooms, 'run-1', 9)
			const path = join(models.path, 'large.zip')
			writeFileSync(path, (await packFileOf(packDirectory)).bytes)
			const filler = fillDisk(home.path)
			expect(isOutOfSpace(await failed(importPack(path, 'large.zip', rooms)))).toBe(true)
			expect(isOutOfSpace(await failed(rooms.promotions.decide({ ...SIGNED, candidate: { origin: 'run', id: 'run-1' }, kind: 'accepted', comparisonIds: [comparison] })))).toBe(true)
			expect([existsSync(join(home.path, 'candidates')), rooms.settings.get().students]).toEqual([false, {}])
			rooms.library.close()
			rmSync(filler)
			expect(await expectConsistent()).toBe(0)
			const again = openPromotionRooms(home.path, models.path)
			await importPack(path, 'large.zip', again)
			await again.promotions.decide({ ...SIGNED, candidate: { origin: 'run', id: 'run-1' }, kind: 'accepted', comparisonIds: [comparison] })
			expect(again.settings.get().students).toEqual({ 'chest-radiograph': 'run-1' })
			again.library.close()
		} finally {
			unmount()
		}
	})
})
