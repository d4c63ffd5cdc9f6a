import { afterAll, afterEach, beforeAll } from 'vitest'
import { newHome, picture, type Session } from './workstation.ts'

/**
 * Around the tests of a `describe`: a folder for a workstation, a picture of the window where a test fails (failed-<name>-<test>), and nothing left at the end.
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
		if (session && task.result?.state === 'fail') await picture(session.page, `failed-${name}-${task.name.slice(0, 40)}`)
	})
	afterAll(async () => {
		await current()?.quit()
		await cleanUp?.()
	})
}
