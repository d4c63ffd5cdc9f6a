import { cp, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { libraryPaths } from '../../../src/main/library/home.ts'
import { newHome, picture, type Session } from './workstation.ts'

/**
 * Around the tests of a `describe`: a folder for a workstation, and nothing left at the end. Where a test fails, a picture of the window (failed-<name>-<test>), the answers and the
 * decoded films that they were given on: an answer that differs between runs has to be looked into afterwards.
 * @param start is given the folder and starts the session.
 * @param current the session then: a test may have started another one.
 */
export function aroundTests(name: string, start: (home: string) => Promise<void>, current: () => Session | undefined): void {
	let cleanUp: (() => Promise<void>) | null = null
	beforeAll(async () => {
		const { home, remove } = await newHome()
		cleanUp = remove
		await start(home)
	})
	afterEach(async ({ task }) => {
		const session = current()
		if (!session || task.result?.state !== 'fail') return
		const failed = `failed-${name}-${task.name.slice(0, 40)}`
		await picture(session.page, failed)
		await keepAnswers(session, failed)
	})
	afterAll(async () => {
		await current()?.quit()
		await cleanUp?.()
	})
}

async function keepAnswers(session: Session, failed: string): Promise<void> {
	const folder = process.env['ARTIFACTS']
	if (!folder) return
	try {
		const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
		const studies = await Promise.all(rows.map(({ studyId }) => session.call('studies.get', { studyId })))
		await writeFile(join(folder, `${failed}.json`), JSON.stringify(studies, null, '\t'))
		const { frames } = libraryPaths(session.home)
		await cp(frames, join(folder, `${failed}-${basename(frames)}`), { recursive: true })
	} catch (error) {
		process.stderr.write(`What the workstation answered could not be kept: ${String(error)}\n`)
	}
}
