import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { aroundTests } from './support/aroundTests.ts'
import { readWithFixture } from './support/fixtureStudent.ts'
import { keysOf } from './support/keyboard.ts'
import { filmReady, mapExact, stated } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	// Nothing here touches the mouse, nor gives an element the keyboard that no key had brought there.
	describe.skipIf(reason)(`a study read without a mouse, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page

		aroundTests(shell, async (home) => {
			readWithFixture(home)
			const first = await startSession({ shell, home, parameters: ['--sample'] })
			await first.page.getByRole('main', { name: 'Reading room' }).waitFor()
			await first.quit()
			// A fresh window, as on the next morning: nothing is open.
			session = await startSession({ shell, home })
			page = session.page
		}, () => session)

		const { press, goWith } = keysOf(() => page)

		it('opens the study from the worklist', async () => {
			const worklist = page.getByRole('grid', { name: 'Worklist' })
			await worklist.getByText('Phantom').first().waitFor()
			await goWith('Tab', worklist)
			await press('Home', 'Enter')
			await filmReady(page)
		})

		it('windows, turns and mirrors the film', async () => {
			const film = await filmReady(page)
			const [center, width] = [await stated(film, 'center'), await stated(film, 'width')]
			await press('i', 'r', 'h')
			await expect.poll(async () => [await film.getAttribute('data-invert'), await stated(film, 'rotation'), await film.getAttribute('data-flip-horizontal')]).toEqual(['true', 90, 'true'])
			await press('0')
			await expect.poll(async () => [await stated(film, 'center'), await stated(film, 'width')]).not.toEqual([center, width])
			await press('1')
			await expect.poll(async () => [await stated(film, 'center'), await stated(film, 'width')]).toEqual([center, width])
			await press('`')
			await expect.poll(() => stated(film, 'rotation')).toBe(0)
		})

		it('shows the map', async () => {
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			await press('g')
			await mapExact(page)
			await picture(page, `${shell}-keyboard-map`)
		})

		it('decides on the findings', async () => {
			await press('F6')
			await goWith('ArrowRight', page.getByRole('tab', { name: 'Findings' }))
			const rows = page.getByRole('list', { name: 'Findings' }).getByRole('listitem')
			await goWith('Tab', rows)
			await press('Enter')
			await rows.first().getByText('Accepted').waitFor()
			await press('x')
			await rows.first().getByText('Rejected').waitFor()
			await press('Enter')
			await rows.first().getByText('Accepted').waitFor()
			await picture(page, `${shell}-keyboard-findings`)
		})

		it('writes and signs the report', async () => {
			// To the film and back.
			await press('F6')
			await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Light box 1')
			await press('F6')
			await goWith('ArrowRight', page.getByRole('tab', { name: 'Report' }))
			await goWith('Tab', page.getByLabel('Impression'))
			await page.keyboard.type('One round opacity on the right.')
			await goWith('Tab', page.getByRole('button', { name: 'Add current view with map' }))
			await press('Enter')
			await page.getByLabel('Caption of key image 1').waitFor()
			await goWith('Tab', page.getByLabel('Signed by'))
			await page.keyboard.type('Dr. Ada Reader')
			await goWith('Tab', page.getByRole('button', { name: 'Sign report' }))
			await press('Enter')
			await page.getByRole('region', { name: 'Signed versions' }).waitFor()
			await picture(page, `${shell}-keyboard-signed`)
		})

		it('finds it signed in the worklist', async () => {
			await press('Alt+1')
			await page.getByRole('grid', { name: 'Worklist' }).getByText('Signed').waitFor()
		})
	})
}
