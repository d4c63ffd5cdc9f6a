import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeFindsNothing, DESK, WALL } from './support/look.ts'
import { aroundTests } from './support/aroundTests.ts'
import { goTo, goToSection } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	describe.skipIf(reason)(`the Admin room, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page

		aroundTests(`admin-${shell}`, async (home) => {
			session = await startSession({ shell, home })
			page = session.page
			await page.getByRole('grid', { name: 'Worklist' }).waitFor()
		}, () => session)

		const scripts = () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js')))

		it('is fetched by nobody who does not open it', async () => {
			// The reading room comes half a second after the worklist, by itself.
			await expect.poll(async () => (await scripts()).some((name) => name.includes('ReadingRoom'))).toBe(true)
			expect((await scripts()).filter((name) => name.includes('Section'))).toEqual([])
			await page.keyboard.press('Alt+4')
			await page.getByRole('main', { name: 'Models' }).waitFor()
			expect((await scripts()).filter((name) => name.includes('Section'))).toHaveLength(1)
			expect(await page.title()).toMatch(/^Models - Admin - Negatoscope/)
		})

		it('opens a section by its command from any room', async () => {
			await goTo(page, 'Worklist')
			await page.keyboard.press('Control+k')
			await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').fill('go to models')
			await page.keyboard.press('Enter')
			await page.getByRole('main', { name: 'Models' }).waitFor()
			expect(await page.getByRole('navigation', { name: 'Rooms' }).getByRole('button', { name: 'Admin' }).getAttribute('aria-current')).toBe('page')
		})

		it('is gone through by keyboard, and keeps its place when a section is chosen', async () => {
			await goTo(page, 'Worklist')
			await page.keyboard.press('Alt+4')
			const section = page.getByRole('navigation', { name: 'Admin sections' }).getByRole('button', { name: 'Models' })
			const hasFocus = () => section.evaluate((element) => element === document.activeElement)
			for (let step = 0; step < 20 && !(await hasFocus()); step++) await page.keyboard.press('Tab')
			expect(await hasFocus()).toBe(true)
			expect(await section.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none')
			await page.keyboard.press('Enter')
			expect(await hasFocus()).toBe(true)
			// Past the other sections, what the section holds is next.
			const place = () => page.evaluate(() => document.activeElement?.closest('nav')?.getAttribute('aria-label'))
			for (let step = 0; step < 20 && (await place()) === 'Admin sections'; step++) await page.keyboard.press('Tab')
			expect(await place()).toBe('Model packs')
		})

		it.each([DESK, WALL])('fits $width x $height and passes axe', async (size) => {
			await page.setViewportSize(size)
			await goToSection(page, 'Models')
			await page.getByRole('article', { name: 'Model' }).waitFor()
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width)
			await axeFindsNothing(page, 'models')
			await picture(page, `${shell}-admin-models-${size.width}`)
		})
	})
}
