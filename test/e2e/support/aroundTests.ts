import { afterAll, afterEach, beforeAll } from 'vitest'
import { newHome, picture, type Session } from './workstation.ts'

/**
 * Around the tests of a `describe`: a workstation with a folder of its own, a picture of the window where a test fails (failed-<name>-<test>), and nothing left at the end.
 * @param start is given the folder, and gives the session that the tests use.
 */
export function aroundTests(name: string, start: (home: string) => Promise<Session>): void {
	let session: Session | null = null
	let cleanUp: (() => Promise<void>) | null = null
	beforeAll(async () => {
		const { home, remove } = await newHome()
		cleanUp = remove
		session = await start(home)
	})
	afterEach(async ({ task }) => {
		if (session && task.result?.state === 'fail') await picture(session.page, `failed-${name}-${task.name.slice(0, 40)}`)
	})
	afterAll(async () => {
		await session?.quit()
		await cleanUp?.()
	})
}
