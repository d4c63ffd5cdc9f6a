import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { sharedData } from '../support/sharedData.ts'
import { aroundTests } from './support/aroundTests.ts'
import { goToSection, importFiles, openStudy, openTab } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']
const SIDE = 300

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell) ?? (sharedData ? null : 'no tissue on this machine')

	describe.skipIf(reason)(`tissue beside chest films, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page
		let tile: string
		let sunset: string

		aroundTests(shell, async (home) => {
			const folder = join(sharedData ?? '', 'lc25000')
			const rows = readFileSync(join(folder, 'manifest.csv'), 'utf8').split('\n')
			const [, file = ''] = rows.find((row) => row.includes(',colon_n,') && row.includes(',test,'))?.split(',') ?? []
			tile = join(folder, file)
			sunset = resolve(home, 'sunset.png')
			const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, index) => {
				const [row, channel] = [Math.floor(index / 3 / SIDE), index % 3]
				return (channel === 0 ? 250 - row / 3 : channel === 1 ? 150 - row / 3 : 30) + ((index * 7919) % 13)
			})
			await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).png().toFile(sunset)
			session = await startSession({ shell, home })
			page = session.page
		}, () => session)

		it('is read by the student for tissue, without anyone choosing it', async () => {
			await importFiles(page, [tile, sunset])
			await openStudy(page, 'colonn')
			await openTab(page, 'Analysis')
			const labels = page.getByRole('list', { name: 'Labels' })
			await labels.waitFor()
			expect(await labels.innerText()).toContain('Colon, benign')
			expect(await page.getByRole('region', { name: 'Model', exact: true }).innerText()).toContain('Lung and colon tissue, five classes')
			expect(await page.getByText('Answer of another model').count()).toBe(0)
			await picture(page, `${shell}-tissue`)
		})

		it('and another picture in colour by nobody', async () => {
			await openStudy(page, 'sunset')
			await openTab(page, 'Analysis')
			await page.getByText(/^Not analysed\. This is a colour image, not a radiograph/).waitFor()
			expect(await page.getByRole('list', { name: 'Labels' }).count()).toBe(0)
		})

		it('a student that is chosen reads its own kind of image alone, until the choice is given back', async () => {
			await goToSection(page, 'Models')
			const students = page.getByRole('region', { name: 'Students' })
			const inUse = () => students.getByRole('button').filter({ hasText: 'In use' }).allInnerTexts()
			await expect.poll(inUse).toHaveLength(2)
			await students.getByText('fourteen findings').click()
			await page.getByRole('button', { name: 'Use as student' }).click()
			const giveBack = page.getByRole('button', { name: 'Let the program choose the student for chest radiographs' })
			await giveBack.waitFor()
			await expect.poll(inUse).toEqual([expect.stringContaining('tissue'), expect.stringContaining('fourteen findings')])
			await picture(page, `${shell}-models`)
			await openStudy(page, 'colonn')
			await openTab(page, 'Analysis')
			await page.getByRole('region', { name: 'Model', exact: true }).getByText('Lung and colon tissue, five classes').waitFor()
			expect(await page.getByText('Answer of another model').count()).toBe(0)
			await goToSection(page, 'Models')
			await giveBack.click()
			await giveBack.waitFor({ state: 'detached' })
			await expect.poll(inUse).toEqual([expect.stringContaining('three classes'), expect.stringContaining('tissue')])
		})
	})
}
