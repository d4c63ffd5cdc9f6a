import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { dataSetBytes, dicomFile, type DicomElement } from '../../src/common/imaging/dicomWriter.ts'
import { imageElements, nativeBytes } from '../support/synthetic/syntheticDicom.ts'
import { axeFindsNothing } from './support/look.ts'
import { aroundTests } from './support/aroundTests.ts'
import { pagesOfPdf } from './support/pdf.ts'
import { drag, filmReady, goTo, importFiles, mapExact, openStudy, openTab, PATIENCE, stated } from './support/rooms.ts'
import { documentationPicture, picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	describe.skipIf(reason)(`the phantom, without any other data, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page

		aroundTests(shell, async (home) => {
			session = await startSession({ shell, home, parameters: ['--sample'] })
			page = session.page
		}, () => session)

		it('opens by itself, and by keyboard from the worklist', async () => {
			// The sample opens by itself; the worklist opens it again.
			await filmReady(page)
			await goTo(page, 'Worklist')
			const worklist = page.getByRole('grid', { name: 'Worklist' })
			await worklist.getByText('Phantom').first().waitFor()
			await documentationPicture(page, 'worklist')
			await worklist.focus()
			await page.keyboard.press('Home')
			await page.keyboard.press('Enter')
			await filmReady(page)
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			await documentationPicture(page, 'reading')
		})

		it('shows with one press what the network that answered is worth, as text, and by keyboard', async () => {
			const card = page.getByRole('dialog', { name: 'Model card' })
			await page.getByRole('button', { name: 'Model card', exact: true }).click()
			for (const part of ['Intended use', 'What it is not', 'Data', 'How it answers', 'Measured', 'Licences']) await card.getByRole('heading', { name: part, exact: true }).waitFor()
			expect(await card.getByRole('heading', { level: 2 }).innerText()).toBe(await page.getByRole('region', { name: 'Model', exact: true }).locator('p').first().innerText())
			// Its text is under the keyboard at once: it can be read without the mouse.
			const text = card.getByRole('region', { name: 'Text of the card' })
			expect(await text.evaluate((element) => element === document.activeElement)).toBe(true)
			await page.keyboard.press('End')
			await expect.poll(() => text.evaluate((element) => element.scrollTop)).toBeGreaterThan(500)
			await page.keyboard.press('Home')
			expect(await text.locator('a, img, script, iframe, b').count()).toBe(0)
			await axeFindsNothing(page, 'card')
			await expect.poll(() => text.evaluate((element) => element.scrollTop)).toBe(0)
			await picture(page, `${shell}-card`)
			await card.getByRole('heading', { name: 'Data', exact: true }).scrollIntoViewIfNeeded()
			await picture(page, `${shell}-card-data`)
			await page.keyboard.press('Escape')
			await card.waitFor({ state: 'detached' })
			expect(await page.getByRole('button', { name: 'Model card', exact: true }).evaluate((element) => element === document.activeElement)).toBe(true)
			await page.keyboard.press('Control+k')
			await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').or(page.getByRole('dialog', { name: 'Commands' }).getByRole('textbox')).first().fill('card of the model')
			await page.keyboard.press('Enter')
			await card.getByRole('heading', { name: 'Intended use' }).waitFor()
			await card.getByRole('button', { name: 'Close' }).click()
			await filmReady(page)
		})

		it('is measured in the millimetres that its file states, and says which', async () => {
			const film = await filmReady(page)
			await page.keyboard.press('d')
			await drag(page, film, [[0.35, 0.6], [0.65, 0.6]])
			await openTab(page, 'Measurements')
			const list = page.getByRole('region', { name: 'Measurements, film 1' })
			await expect.poll(() => list.innerText()).toMatch(/\d mm/)
			expect(await list.innerText()).toMatch(/PixelSpacing/)
			await page.keyboard.press('a')
			await page.keyboard.press('w')
		})

		it('is compared with itself side by side, with linked views', async () => {
			await page.getByRole('button', { name: 'Compare side by side' }).click()
			const second = await filmReady(page, 2)
			const first = await filmReady(page, 1)
			await first.focus()
			if ((await page.getByRole('button', { name: 'Link light boxes' }).getAttribute('aria-pressed')) !== 'true') await page.keyboard.press('k')
			const before = await stated(second, 'zoom')
			await page.keyboard.press('+')
			await expect.poll(() => stated(second, 'zoom')).toBeGreaterThan(before)
			await picture(page, `${shell}-side-by-side`)
			await page.getByRole('button', { name: 'Close light box 2' }).click()
			await first.focus()
			await page.keyboard.press('=')
		})

		it('shows its map in register with the turned and flipped film', async () => {
			await openTab(page, 'Analysis')
			await page.getByRole('button', { name: /^(Why|Show anyway) / }).first().click()
			await mapExact(page)
			const film = await filmReady(page)
			await film.focus()
			for (const key of ['r', 'h', '+']) await page.keyboard.press(key)
			await picture(page, `${shell}-map-turned`)
			await page.keyboard.press('`')
			await page.getByRole('note', { name: 'Map on light box 1' }).getByText(/chance/).waitFor({ timeout: PATIENCE })
			await documentationPicture(page, 'map')
		})

		it('is reported and signed from the keyboard', async () => {
			const film = await filmReady(page)
			await film.focus()
			await page.keyboard.press('Control+k')
			await page.getByRole('textbox', { name: 'Find a command' }).or(page.getByRole('combobox', { name: 'Find a command' })).waitFor()
			await picture(page, `${shell}-palette`)
			await page.keyboard.type('report')
			await page.keyboard.press('Escape')
			await openTab(page, 'Report')
			await page.getByLabel('New finding').fill('Round opacity in the right lung.')
			await page.keyboard.press('Enter')
			await page.getByRole('list', { name: 'Findings' }).getByText('Round opacity').waitFor()
			await page.getByLabel('Impression').fill('Synthetic film: one opacity on the right.')
			await page.getByRole('button', { name: 'Add current view', exact: true }).press('Enter')
			await documentationPicture(page, 'report')
			await page.getByLabel('Signed by').fill('Dr. Ada Reader')
			await page.getByRole('button', { name: 'Sign report' }).press('Enter')
			await page.getByRole('region', { name: 'Signed versions' }).waitFor()
			const [report] = await session.call<{ id: number }[]>('reports.all', {})
			const pdf = await page.context().request.get(new URL(`/reports/${report?.id}.pdf`, page.url()).href)
			const text = (await pagesOfPdf(await pdf.body())).join(' ')
			expect(text).toContain('Round opacity in the right lung.')
			expect(text).toContain('Phantom')

			await page.getByRole('button', { name: 'Add addendum' }).click()
			await page.getByLabel('Impression').fill('Seen again with the former film.')
			await page.getByLabel('Signed by').fill('Dr. Ada Reader')
			await page.getByRole('button', { name: 'Sign addendum' }).click()
			await page.getByRole('link', { name: 'PDF of version 2' }).waitFor()
		})

		it('shows hostile and long names as text', async () => {
			const hostile = '<script>alert(1)</script>^<b>Bold</b>'
			const path = join(session.home, 'hostile.dcm')
			const image = { components: 1, photometric: 'MONOCHROME2', allocated: 16, stored: 12, signed: false, rows: 256, columns: 256 }
			const texts: DicomElement[] = [
				{ tag: 0x00080005, vr: 'CS', value: 'ISO_IR 192' },
				{ tag: 0x00081030, vr: 'LO', value: 'A description that is as long as the standard lets it be' },
				{ tag: 0x00100010, vr: 'PN', value: hostile },
			]
			const elements = [
				...imageElements(image).filter(({ tag }) => !texts.some((text) => text.tag === tag)),
				...texts,
				{ tag: 0x7fe00010, vr: 'OW', value: nativeBytes(Array.from({ length: 256 * 256 }, (_, index) => (index * 7) % 4096), image) },
			].toSorted((one, other) => one.tag - other.tag)
			await writeFile(path, dicomFile('1.2.840.10008.1.2.1', '1.2.840.10008.5.1.4.1.1.1.1', '2.25.77', dataSetBytes(elements)))
			let alarmed = false
			page.on('dialog', () => void (alarmed = true))
			await importFiles(page, [path])
			await openStudy(page, 'alert(1)')
			await page.getByRole('region', { name: 'Patient' }).or(page.getByRole('banner')).first().getByText('<script>alert(1)').first().waitFor()
			expect(await page.getByRole('main').locator('b', { hasText: 'Bold' }).count()).toBe(0)
			expect(alarmed).toBe(false)
			await picture(page, `${shell}-hostile-name`)
		})

		it('has rooms that axe finds no fault with', async () => {
			for (const room of ['Worklist', 'Reading', 'Reports', 'Admin', 'Settings']) {
				await goTo(page, room)
				await page.getByRole('main').waitFor()
				await page.waitForTimeout(300)
				await axeFindsNothing(page, room)
				await picture(page, `${shell}-${room.toLowerCase()}-hostile`)
			}
			await page.keyboard.press('?')
			await page.getByRole('dialog').waitFor()
			await picture(page, `${shell}-cheat-sheet`)
			await page.keyboard.press('Escape')
		})

		it('fills a 4K screen', async () => {
			await page.setViewportSize({ width: 3840, height: 2160 })
			await openStudy(page, 'Phantom')
			await picture(page, `${shell}-4k`)
			await page.setViewportSize({ width: 1366, height: 768 })
		})
	})
}

