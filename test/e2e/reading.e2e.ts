import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { sharedData } from '../support/sharedData.ts'
import { shippedManifest } from '../support/shipped.ts'
import { aroundTests } from './support/aroundTests.ts'
import { pagesOfPdf } from './support/pdf.ts'
import { drag, filmReady, goTo, importFiles, mapExact, median, openStudy, openTab, stated } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

declare global {
	interface Window {
		__inputToPaint?: number[]
	}
}

const SHELLS: ShellUnderTest[] = ['browser', 'electron']
const COVID_FILM = 'covid19/cxr3_00000.jpg'

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell) ?? (sharedData ? null : 'the shared films are not beside this repository')

	describe.skipIf(reason)(`one study from end to end, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page
		let film: Locator
		const data = sharedData ?? ''

		aroundTests(shell, async (home) => {
			session = await startSession({ shell, home })
			page = session.page
		}, () => session)

		async function kill(host: 'imaging' | 'inference'): Promise<void> {
			const pid = (await session.hosts())[host]
			if (!pid) throw new Error(`The ${host} host does not run.`)
			process.kill(pid, 'SIGKILL')
		}

		it('begins with an empty worklist that says what to do', async () => {
			await page.getByText('No studies yet.').waitFor()
			expect(await page.title()).toMatch(/research use only/i)
			await page.getByText('Research use only. Not a medical device.').first().waitFor()
			await picture(page, `${shell}-worklist-empty`)
		})

		it('imports films and says of every refused file why', async () => {
			const text = join(session.home, 'letter.dcm')
			await writeFile(text, 'Dear colleague, the films are on their way.')
			const summary = await importFiles(page, [
				join(data, 'cxr3', COVID_FILM),
				join(data, 'dicom/cr_dx/dwv__gdcm-CR-MONO1-10-chest.dcm'),
				join(data, 'dicom/cr_dx/dicom-test-files__RG2_J2KI.dcm'),
				join(data, 'dicom/malformed_or_edge/cornerstone3D__no-pixel-data.dcm'),
				text,
			])
			expect(summary).toMatch(/3 files added, no duplicates, 2 files refused/)
			expect(summary).toContain('letter.dcm')
			expect(summary).toContain('cornerstone3D__no-pixel-data.dcm')
			await picture(page, `${shell}-import-summary`)
			const again = await importFiles(page, [join(data, 'cxr3', COVID_FILM)])
			expect(again).toMatch(/0 files added, 1 duplicate/)
			expect((await session.call<{ total: number }>('worklist.query', {})).total).toBe(3)
			await page.getByRole('button', { name: 'Close import summary' }).click()
		})

		it('finds a study by what one types', async () => {
			await page.getByLabel('Search', { exact: true }).fill('anonym')
			await expect.poll(() => page.getByRole('status', { name: 'Studies shown' }).innerText()).toMatch(/^1 of 3/)
			await picture(page, `${shell}-worklist-search`)
			await page.getByLabel('Search', { exact: true }).fill('')
			await expect.poll(() => page.getByRole('status', { name: 'Studies shown' }).innerText()).toMatch(/^3/)
		})

		it('opens a film and windows it by mouse, numbers, presets and keys', async () => {
			film = await openStudy(page, 'Anonymized')
			const [center, width] = [await stated(film, 'center'), await stated(film, 'width')]
			await drag(page, film, [[0.5, 0.5], [0.6, 0.6]])
			await expect.poll(() => stated(film, 'width')).not.toBe(width)
			await page.getByLabel('Window centre').fill('500')
			await page.getByLabel('Window centre').press('Enter')
			await page.getByLabel('Window width').fill('800')
			await page.getByLabel('Window width').press('Enter')
			await expect.poll(async () => [await stated(film, 'center'), await stated(film, 'width')]).toEqual([500, 800])
			await film.focus()
			await page.keyboard.press('1')
			await expect.poll(async () => [await stated(film, 'center'), await stated(film, 'width')]).toEqual([center, width])

			await page.keyboard.press('i')
			await expect.poll(() => film.getAttribute('data-invert')).toBe('true')
			await page.keyboard.press('r')
			await expect.poll(() => stated(film, 'rotation')).toBe(90)
			await page.keyboard.press('h')
			await expect.poll(() => film.getAttribute('data-flip-horizontal')).toBe('true')
			const fitted = await stated(film, 'zoom')
			await page.keyboard.press('+')
			await expect.poll(() => stated(film, 'zoom')).toBeGreaterThan(fitted)
			await page.keyboard.press('=')
			await expect.poll(() => stated(film, 'zoom')).toBeCloseTo(fitted, 5)
			await page.keyboard.press('`')
			await expect.poll(async () => [await film.getAttribute('data-invert'), await stated(film, 'rotation'), await film.getAttribute('data-flip-horizontal')]).toEqual(['false', 0, 'false'])
		})

		it('measures in pixels where the file has no spacing, undoes and redoes', async () => {
			await page.keyboard.press('d')
			await drag(page, film, [[0.4, 0.4], [0.6, 0.4]])
			await openTab(page, 'Measurements')
			const list = page.getByRole('region', { name: 'Measurements, film 1' })
			await expect.poll(() => list.getByRole('listitem').count()).toBe(1)
			const text = await list.innerText()
			expect(text).toMatch(/px/)
			expect(text).not.toMatch(/\bmm\b/)
			await page.keyboard.press('e')
			await drag(page, film, [[0.3, 0.5], [0.45, 0.7]])
			await expect.poll(() => list.getByRole('listitem').count()).toBe(2)
			expect(await list.innerText()).toMatch(/mean/i)
			await film.focus()
			await page.keyboard.press('Control+z')
			await expect.poll(() => list.getByRole('listitem').count()).toBe(1)
			await page.keyboard.press('Control+y')
			await expect.poll(() => list.getByRole('listitem').count()).toBe(2)
			await page.keyboard.press('w')
			await picture(page, `${shell}-measurements`)
		})

		it('shows the header of the file and searches it', async () => {
			await openTab(page, 'Metadata')
			await page.getByLabel('Search the header').fill('photometric')
			await page.getByText('MONOCHROME1').first().waitFor()
			await picture(page, `${shell}-metadata`)
		})

		it('refuses to answer on a film of a hip, and says why', async () => {
			await openStudy(page, 'CompressedSamples')
			await openTab(page, 'Analysis')
			await page.getByText(/body part HIP/).first().waitFor()
			expect(await page.getByRole('list', { name: 'Labels' }).count()).toBe(0)
			await picture(page, `${shell}-refused`)
		})

		it('answers on a chest film, with the operating point and the model', async () => {
			film = await openStudy(page, 'cxr3_00000')
			await openTab(page, 'Analysis')
			const labels = page.getByRole('list', { name: 'Labels' })
			await labels.waitFor()
			expect(await labels.getByRole('listitem').count()).toBe(3)
			await page.getByRole('region', { name: 'Model', exact: true }).getByText(shippedManifest().sha256.slice(0, 12)).waitFor()
		})

		it('draws the exact map over the film while the film stays responsive', async () => {
			await page.getByRole('button', { name: /^(Why|Show anyway) COVID-19$/ }).click()
			await page.evaluate(() => void (window.__inputToPaint = []))
			await film.focus()
			await page.keyboard.press('w')
			for (let pass = 0; pass < 4; pass++) await drag(page, film, [[0.4, 0.4], [0.6, 0.5], [0.5, 0.6], [0.4, 0.4]])
			const times = await page.evaluate(() => window.__inputToPaint ?? [])
			process.stdout.write(`input to paint with a Score-CAM running (${shell}): median ${median(times).toFixed(1)} ms, 95th percentile ${median(times, 0.95).toFixed(1)} ms, ${times.length} inputs\n`)
			expect(times.length).toBeGreaterThan(20)
			await mapExact(page)
			await page.keyboard.press('1')
			await picture(page, `${shell}-map`)
			await page.getByRole('button', { name: 'Contour' }).click()
			await picture(page, `${shell}-map-contour`)
			await page.getByRole('button', { name: 'Colour' }).click()
		})

		it('lets the reader accept a finding and write the report', async () => {
			await openTab(page, 'Findings')
			const findings = page.getByRole('list', { name: 'Findings' })
			await findings.getByText(/COVID-19/).waitFor()
			await picture(page, `${shell}-findings`)
			await findings.getByRole('button', { name: 'Accept' }).first().click()
			await findings.getByText('Accepted').waitFor()

			await openTab(page, 'Report')
			await page.getByLabel('Clinical information').fill('Fever and cough for five days.')
			await page.getByLabel('Impression').fill('Peripheral opacities on both sides.')
			await page.getByRole('button', { name: 'Add current view', exact: true }).click()
			await page.getByRole('button', { name: 'Add current view with map' }).click()
			await page.getByLabel('Caption of key image 2').fill('Where the network looked')
			await expect.poll(() => page.getByRole('status', { name: 'Draft' }).innerText()).toMatch(/saved/i)
			await picture(page, `${shell}-report-draft`)
		})

		it('signs a PDF with everything that it must say', async () => {
			const sign = page.getByRole('form', { name: 'Sign' })
			await sign.getByLabel('Signed by').fill('Dr. Ada Reader')
			await sign.getByRole('button', { name: /^Sign/ }).click()
			const versions = page.getByRole('region', { name: 'Signed versions' })
			await versions.waitFor()
			await picture(page, `${shell}-report-signed`)

			const [report] = await session.call<{ id: number }[]>('reports.all', {})
			const response = await page.context().request.get(new URL(`/reports/${report?.id}.pdf`, page.url()).href)
			const bytes = await response.body()
			await writeFile(join(process.env['ARTIFACTS'] ?? session.home, `${shell}-report.pdf`), bytes)
			const pages = await pagesOfPdf(bytes)
			const text = pages.join(' ')
			const { id, version, sha256 } = shippedManifest()
			for (const wanted of [
				'Fever and cough for five days.', 'Peripheral opacities on both sides.', 'Dr. Ada Reader', 'COVID-19', 'Where the network looked',
				id, version, sha256.slice(0, 12), 'operating point',
			]) expect(text.toLowerCase()).toContain(wanted.toLowerCase())
			pages.forEach((content, index) => {
				expect(content).toContain('Research use only. Not a medical device.')
				expect(content).toContain(`Page ${index + 1} of ${pages.length}`)
			})
			const json = JSON.parse(await (await page.context().request.get(new URL(`/reports/${report?.id}.json`, page.url()).href)).text()) as unknown
			expect(JSON.stringify(json)).toContain('Research use only')
		})

		it('has everything again after a restart', async () => {
			const { home } = session
			await session.quit()
			session = await startSession({ shell, home })
			page = session.page
			film = await openStudy(page, 'cxr3_00000')
			await openTab(page, 'Analysis')
			await page.getByRole('button', { name: /^(Why|Show anyway) COVID-19$/ }).click()
			await mapExact(page)
			await openTab(page, 'Report')
			await page.getByRole('region', { name: 'Signed versions' }).waitFor()
			film = await openStudy(page, 'Anonymized')
			await openTab(page, 'Measurements')
			await expect.poll(() => page.getByRole('region', { name: 'Measurements, film 1' }).getByRole('listitem').count()).toBe(2)
			await goTo(page, 'Reports')
			await page.getByText('Dr. Ada Reader').first().waitFor()
			await picture(page, `${shell}-reports`)
			await goTo(page, 'Worklist')
			await page.getByRole('grid', { name: 'Worklist' }).getByText('Signed').first().waitFor()
			await picture(page, `${shell}-worklist`)
		})

		it('survives the death of either host, with a message', async () => {
			film = await openStudy(page, 'Anonymized')
			await openTab(page, 'Analysis')
			await page.getByRole('button', { name: /^(Why|Show anyway) COVID-19$/ }).click()
			const legend = page.getByRole('region', { name: 'Map legend' })
			await expect.poll(() => legend.getByRole('status').innerText(), { interval: 20 }).toMatch(/%/)
			await kill('inference')
			await page.getByText(/inference process stopped/).first().waitFor()
			await picture(page, `${shell}-host-killed`)
			await page.getByRole('button', { name: 'Try the map again' }).click()
			await mapExact(page)

			// The first import starts the imaging host where it has had nothing to do yet.
			await importFiles(page, [join(data, 'cxr3/normal/cxr3_00008.jpg')])
			await kill('imaging')
			expect(await importFiles(page, [join(data, 'dicom/cr_dx/dicom-test-files__RG1_J2KI.dcm')])).toMatch(/1 file added/)
			await openStudy(page, 'cxr3_00008')
			await page.getByRole('list', { name: 'Labels' }).waitFor()
		})

		it('shows what it cannot find out as an error in words', async () => {
			const response = await page.context().request.get(new URL('/frames/99999/0', page.url()).href)
			expect(response.status()).toBe(422)
			expect(await response.text()).toMatch(/not in the library/)
			expect(await readFile(join(session.home, 'library.sqlite'))).toBeTruthy()
			await filmReady(page)
		})
	})
}
