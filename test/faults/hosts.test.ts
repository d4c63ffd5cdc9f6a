import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { checkDatabase } from '../../src/main/library/database.ts'
import { storedFaithfulness } from '../../src/main/library/faithfulness.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../support/workstation.ts'

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

/** Films that differ in a byte of their pixels, so that each is one of its own. */
async function films(count: number): Promise<string[]> {
	const folder = join(home, 'incoming')
	await mkdir(folder, { recursive: true })
	const film = phantomDicomFile()
	return Promise.all(Array.from({ length: count }, async (_, index) => {
		const bytes = Uint8Array.from(film)
		bytes[bytes.length - 2] = index
		const path = join(folder, `film ${index}.dcm`)
		await writeFile(path, bytes)
		return path
	}))
}

async function importOne(): Promise<{ studyId: number; instanceId: number }> {
	const [path = ''] = await films(1)
	const done = workstation.next('import.changed', ({ state }) => state !== 'running')
	workstation.importPaths([path])
	const { studyIds: [studyId = 0] } = await done
	const study = await workstation.call('studies.get', { studyId })
	return { studyId, instanceId: study.series[0]?.instances[0]?.id ?? 0 }
}

async function expectSoundLibrary(): Promise<void> {
	const { library } = workstation.rooms
	checkDatabase(library.paths)
	const rows = library.database.prepare<[], { sha256: string }>('SELECT sha256 FROM instances').all()
	for (const { sha256 } of rows) expect(await library.objects.verify(sha256)).toBe('whole')
}

describe('a host that is killed', () => {
	it('during an import: every film is in or refused with the reason, and the library is sound', async () => {
		const paths = await films(12)
		const done = workstation.next('import.changed', ({ state }) => state !== 'running')
		workstation.importPaths(paths)
		for (let kill = 0; kill < 3; kill++) {
			await workstation.next('import.changed', ({ filesDone }) => filesDone > kill * 2)
			workstation.signal('imaging', 'SIGKILL')
		}
		const summary = await done
		expect(summary.state).toBe('finished')
		expect(summary.added + summary.refused.length).toBe(12)
		for (const { reason } of summary.refused) expect(reason).toMatch(/stopped \(signal SIGKILL\)/)
		expect((await workstation.call('worklist.query', {})).matching).toBeGreaterThan(0)
		await expectSoundLibrary()
	})

	it('during an analysis: a message, no number, and the next try answers', async () => {
		const { instanceId, studyId } = await importOne()
		await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const before = (await workstation.call('studies.get', { studyId })).analyses.length
		// Held still first: a quick machine would answer before the kill.
		workstation.signal('inference', 'SIGSTOP')
		const run = workstation.call('analysis.run', { instanceId, frameIndex: 0, again: true })
		// Attached before the kill, so that the rejection is never unhandled.
		const failed = expect(run).rejects.toThrow(/inference process stopped \(signal SIGKILL\)/)
		await expect.poll(() => workstation.rooms.supervisor.status().find(({ name }) => name === 'inference')?.jobs, { interval: 1 }).toBeGreaterThan(0)
		workstation.signal('inference', 'SIGKILL')
		await failed
		expect((await workstation.call('studies.get', { studyId })).analyses).toHaveLength(before)
		const again = await workstation.call('analysis.run', { instanceId, frameIndex: 0, again: true })
		expect(again.prediction.labels).not.toHaveLength(0)
		await expectSoundLibrary()
	})

	it('during a Score-CAM: the job fails with the reason, no map is kept, and it can be started again', async () => {
		const { instanceId } = await importOne()
		const analysis = await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const failed = workstation.next('explanation.changed', ({ phase }) => phase === 'failed')
		const running = workstation.next('explanation.changed', ({ phase }) => phase === 'running')
		await workstation.call('explanation.start', { analysisId: analysis.id })
		await running
		workstation.signal('inference', 'SIGKILL')
		expect((await failed).reason).toMatch(/stopped \(signal SIGKILL\)/)
		expect(await workstation.call('explanation.stored', { analysisId: analysis.id })).toEqual([])

		const finished = workstation.next('explanation.changed', ({ phase }) => phase === 'finished')
		await workstation.call('explanation.start', { analysisId: analysis.id, layer: 'last_block' })
		const { state } = await finished
		expect(state?.exact).toBe(true)
		expect(await workstation.call('explanation.stored', { analysisId: analysis.id })).toHaveLength(1)
		await expectSoundLibrary()
	})

	it('during a Score-CAM that is cancelled, nothing is kept either', async () => {
		const { instanceId } = await importOne()
		const analysis = await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const running = workstation.next('explanation.changed', ({ phase }) => phase === 'running')
		const cancelled = workstation.next('explanation.changed', ({ phase }) => phase === 'cancelled')
		const { jobId } = await workstation.call('explanation.start', { analysisId: analysis.id })
		await running
		await workstation.call('explanation.cancel', { jobId })
		const { state } = await cancelled
		expect(state?.exact).toBe(false)
		expect(await workstation.call('explanation.stored', { analysisId: analysis.id })).toEqual([])
	})

	it('while the faithfulness of a map is measured: refused with the reason, no number is kept, and the map is', async () => {
		const { instanceId } = await importOne()
		const { id: analysisId } = await workstation.call('analysis.run', { instanceId, frameIndex: 0 })
		const finished = workstation.next('explanation.changed', ({ phase }) => phase === 'finished')
		await workstation.call('explanation.start', { analysisId, layer: 'last_block' })
		await finished
		const ask = () => workstation.call('explanation.faithfulness', { analysisId, label: 'covid19', layer: 'last_block' })
		const measuring = () => expect.poll(() => workstation.rooms.supervisor.status().find(({ name }) => name === 'inference')?.jobs, { interval: 1 }).toBeGreaterThan(0)

		const failed = Promise.all([ask(), ask()].map((call) => expect(call).rejects.toThrow(/inference process stopped \(signal SIGKILL\) while it worked on film 0\.dcm/)))
		await measuring()
		workstation.signal('inference', 'SIGKILL')
		await failed
		expect(storedFaithfulness(workstation.rooms.library, analysisId)).toEqual([])

		// Once more, by the process that was started again, and ended by the program's own end.
		const abandoned = expect(ask()).rejects.toThrow('The workstation is being closed.')
		await measuring()
		await workstation.close()
		await abandoned
		workstation = await startWorkstation(home)
		expect(storedFaithfulness(workstation.rooms.library, analysisId)).toEqual([])
		expect(await workstation.call('explanation.stored', { analysisId })).toHaveLength(1)
		await expectSoundLibrary()
	})
})
