import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedData } from '../support/sharedData.ts'
import { aroundTests } from './support/aroundTests.ts'
import { filmsWithFaults, HOSTILE, type FaultyFilms } from './support/filmsWithFaults.ts'
import { keysOf } from './support/keyboard.ts'
import { DESK, lookAt, picturesAreThere, WALL } from './support/look.ts'
import { goTo, goToSection, PATIENCE } from './support/rooms.ts'
import { syntheticFilms } from './support/syntheticFilms.ts'
import { documentationPicture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser') ?? (sharedData ? null : '../shared/data is not there')

async function rowsOf(table: Locator): Promise<string[]> {
	return (await table.getByRole('row').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim())
}

describe.skipIf(reason)(`data sets in the Admin room${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let films: FaultyFilms
	let parent: string
	const { press, goWith } = keysOf(() => page)

	beforeAll(async () => {
		parent = await mkdtemp(join(tmpdir(), 'negatoscope-films-'))
		films = await filmsWithFaults(sharedData ?? '', join(parent, 'films'))
	})
	afterAll(() => rm(parent, { recursive: true, force: true }))
	aroundTests('data-sets', async (home) => {
		session = await startSession({ shell: 'browser', home })
		page = session.page
		await page.getByRole('grid', { name: 'Worklist' }).waitFor()
	}, () => session)

	const look = (name: string, sizes = [DESK]) => lookAt(page, `data-sets-${name}`, sizes)
	const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) })
	const images = () => page.getByRole('listbox', { name: 'Images' })
	const option = (index: number) => images().getByRole('option').nth(index)
	const tile = (text: string) => images().getByRole('option').filter({ hasText: text })
	const activeTile = () => images().evaluate((element) => document.getElementById(element.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label') ?? '')
	const shown = () => page.getByRole('status', { name: 'Samples shown' }).innerText()
	const sample = () => page.getByRole('complementary', { name: 'Image' })
	/** Names in it are kept apart from the sentence by characters that nobody sees. */
	const notice = (text: string) => page.getByRole('region', { name: 'Notices' }).getByRole('article').filter({ hasText: new RegExp(text.split(' ').join('[\\u2068\\u2069 ]+').replaceAll('.', '.?.')) })
	const heading = (name: string) => page.getByRole('heading', { level: 1, name })
	const list = () => page.getByRole('list', { name: 'Data sets' })
	const back = () => page.getByRole('main').getByRole('button', { name: 'Data sets' })

	async function surveyEnds(): Promise<void> {
		await page.getByRole('button', { name: /^Cancel the survey/ }).waitFor({ state: 'detached', timeout: PATIENCE })
		await tab('Overview').waitFor()
	}

	/** Chooses a folder by its path and waits for what it holds. */
	async function useFolder(folder: string): Promise<void> {
		const field = page.getByRole('combobox', { name: 'Path of the folder' })
		await field.fill(`${folder}/`)
		await field.press('Enter')
		await page.getByRole('group', { name: 'Read it as' }).waitFor()
	}

	it('says what to do where there are none', async () => {
		await press('Control+k')
		await page.keyboard.type('go to data sets')
		await press('Enter')
		await page.getByText('No data sets yet.').waitFor()
		await look('none')
	})

	describe('by keyboard alone', () => {
		it('a folder is found, recognised, named and added, and its survey begins by itself', async () => {
			await press('Insert')
			const field = page.getByRole('combobox', { name: 'Path of the folder' })
			await goWith('Tab', field)
			// The beginning of a name completes the path; Enter takes the one that is marked.
			await press('Control+a')
			await page.keyboard.type(`${dirname(parent)}/${parent.slice(dirname(parent).length + 1, -2)}`)
			await page.getByRole('option', { name: parent.slice(dirname(parent).length + 1) }).waitFor()
			await press('ArrowDown', 'Enter')
			await expect.poll(() => field.inputValue()).toBe(`${parent}/`)
			const folders = page.getByRole('listbox', { name: 'Folders' })
			await folders.getByRole('option', { name: 'films' }).waitFor()
			await goWith('Tab', folders)
			await press('f', 'Enter')
			await folders.getByRole('option', { name: 'covid19' }).waitFor()
			await press('Enter')
			await page.getByText('There is no folder in this one.').waitFor()
			await press('Backspace')
			// It comes back to the folder that it came from.
			await expect.poll(() => folders.getByRole('option', { selected: true }).allInnerTexts()).toEqual(['covid19'])
			await look('folders')
			await goWith('Tab', page.getByRole('button', { name: 'Use this folder' }))
			await press('Enter')
			const first = page.getByRole('radio', { name: /^Table, one label for each image/ })
			await first.waitFor()
			await goWith('Tab', first)
			await look('recognised')
			await goWith('Tab', page.getByRole('textbox', { name: 'Name of the data set' }))
			await press('Control+a')
			await page.keyboard.type('Films with faults')
			await goWith('Tab', page.getByRole('button', { name: 'Add and survey' }))
			await press('Enter')
			await heading('Films with faults').waitFor()
			await surveyEnds()
		})

		it('is opened, looked through, selected, left out, relabelled, undone and surveyed anew', async () => {
			await goWith('Tab', tab('Overview'))
			await press('ArrowRight')
			await goWith('Tab', images())
			expect(await shown()).toBe(`${films.films} images`)
			const [first, second, third] = await Promise.all([0, 1, 2].map((index) => option(index).getAttribute('aria-label')))
			await expect.poll(activeTile).toBe(first)
			await press('ArrowRight')
			await expect.poll(activeTile).toBe(second)
			await press('ArrowDown')
			expect([first, second, third]).not.toContain(await activeTile())
			await press('ArrowUp', 'Space', 'Shift+ArrowRight')
			await page.getByText('2 selected').waitFor()
			expect(await images().getByRole('option', { selected: true }).evaluateAll((tiles) => tiles.map((own) => own.getAttribute('aria-label')))).toEqual([second, third])

			await press('x')
			await notice('Left out 2 images of Films with faults.').waitFor()
			await expect.poll(() => tile('Left out').count()).toBe(2)
			expect(await tile('Left out').first().getAttribute('aria-label')).toContain('Left out by hand, covid19 by the data')
			await press('Control+z')
			await expect.poll(() => tile('Left out').count()).toBe(0)
			await press('2')
			await expect.poll(() => tile('normal').filter({ hasText: 'covid19' }).count()).toBe(1)
			await page.getByText('Corrected since the survey', { exact: true }).waitFor()
			await press('u')
			await expect.poll(() => page.getByText('Corrected since the survey', { exact: true }).count()).toBe(0)
			await press('x')
			await page.getByText('Corrected since the survey', { exact: true }).waitFor()
			await press('s')
			await surveyEnds()
			await expect.poll(() => page.getByText('Refused for training').count()).toBe(1)
			// Where it was, and what it was done with, stands.
			expect(await images().evaluate((element) => element === document.activeElement)).toBe(true)
			await expect.poll(() => tile('Left out').count()).toBe(1)
			await press('u')
			await expect.poll(() => tile('Left out').count()).toBe(0)
		})

		it('is filtered, and goes back to the list, from which it is removed and brought back', async () => {
			await press('/')
			await page.keyboard.type('stored-anew')
			await expect.poll(shown).toBe(`1 of ${films.films} images`)
			await press('Enter')
			await expect.poll(activeTile).toContain('stored-anew.jpg')
			await press('Alt+c')
			await expect.poll(shown).toBe(`${films.films} images`)
			await press('Escape')
			await goWith('Tab', list().getByRole('button', { name: /^Films with faults/ }))
			await press('Delete')
			await page.getByText('No data sets yet.').waitFor()
			await goWith('Tab', notice('Removed from the list: Films with faults.').getByRole('button', { name: 'Undo' }))
			await press('Enter')
			await list().getByRole('button', { name: /^Films with faults/ }).waitFor()
			await look('list')
		})
	})

	it('counts classes, sources, subgroups and patients, and points at a class that comes from one source', async () => {
		await list().getByRole('button', { name: /^Films with faults/ }).click()
		await page.getByText('Images were corrected since the survey').waitFor()
		await page.getByRole('button', { name: 'Survey anew' }).click()
		await surveyEnds()
		await page.getByText('No network can be trained on it as it is. One patient or group stands in more than one split.').waitFor()
		expect(await rowsOf(page.getByRole('table', { name: 'Images by class and split' }))).toEqual(['Class Train Validation Test All', 'covid19 20 3 6 29', 'normal 21 7 9 37', 'pneumonia 24 7 7 38'])
		expect(await rowsOf(page.getByRole('table', { name: 'Patients or groups by split' }))).toEqual(['Split Patients or groups', 'Train 65', 'Validation 17', 'Test 22'])
		const bySource = await rowsOf(page.getByRole('table', { name: 'Images that show a class, by source' }))
		expect(bySource.slice(0, 4)).toEqual(['Source covid19 normal pneumonia Images Patients or groups', 'kermany 0 20 22 42 42', 'nih14 0 16 16 32 32', 'hannover 29 0 0 29 29'])
		await page.getByText('All 29 images of covid19 come from hannover.').waitFor()
		await page.getByRole('table', { name: 'Images by age_group and split' }).waitFor()
		await page.getByRole('table', { name: 'Images by eval_domain and split' }).waitFor()
		// Text of a table is text.
		expect(await page.getByRole('table', { name: 'Images by source and split' }).getByText(HOSTILE).getAttribute('class')).toBeNull()
		expect([await page.locator('img[src="x"]').count(), await page.title()]).toEqual([0, expect.stringMatching(/^Data sets - Admin/)])
		await look('overview')
	})

	it('shows leaks: a patient in two splits, a file that was copied, and two pictures side by side', async () => {
		await tab('Leaks').click()
		const [first, second] = films.similar
		const patients = page.getByRole('region', { name: 'Patients or groups in several splits', exact: true })
		await patients.getByRole('row', { name: films.patient }).getByText('Train, Test').waitFor()
		const pairs = page.getByRole('region', { name: 'Nearly the same picture in two splits' })
		expect(await pairs.getByRole('listitem').count()).toBe(1)
		await pairs.getByText(/^Likeness 0\.9/).waitFor()
		expect(await pairs.getByText(new RegExp(`^(${first}|${second})$`)).count()).toBe(2)
		const [kept, leftOut] = films.identical
		await page.getByText(`Kept: ${kept}`).waitFor()
		await page.getByText(`Left out: ${leftOut}`).waitFor()
		await look('leaks')

		await pairs.getByRole('button', { name: `Leave out ${first}` }).click()
		await pairs.getByText('Left out', { exact: true }).waitFor()
		await pairs.getByRole('button', { name: `Take back what was corrected of ${first}` }).click()
		await pairs.getByText('Left out', { exact: true }).waitFor({ state: 'detached' })
		await patients.getByRole('button', { name: `Show the images of ${films.patient}` }).click()
		await expect.poll(shown).toBe(`2 of ${films.films} images`)
		expect(await page.getByRole('textbox', { name: 'Patient or group' }).inputValue()).toBe(films.patient)
		await page.getByRole('button', { name: 'Clear filters' }).click()
	})

	it('lists what cannot be used with the reason', async () => {
		await tab('Not used').click()
		const grid = page.getByRole('grid', { name: 'Images that cannot be used' })
		const row = grid.getByRole('row').filter({ hasText: films.unreadable })
		await row.getByText('The JPEG image is damaged or cut off.').waitFor()
		await row.click()
		await look('unused')
	})

	it('filters the samples by split, label, source, leaks, corrections and words', async () => {
		await tab('Samples').click()
		await page.getByLabel('Split', { exact: true }).selectOption({ label: 'Test' })
		await expect.poll(shown).toBe(`22 of ${films.films} images`)
		await page.getByLabel('Label', { exact: true }).selectOption({ label: 'covid19' })
		await expect.poll(shown).toBe(`6 of ${films.films} images`)
		await page.getByLabel('Source', { exact: true }).selectOption({ label: 'nih14' })
		await expect.poll(shown).toBe(`0 of ${films.films} images`)
		await page.getByText('No image fits.').waitFor()
		await look('no-samples')
		await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).last().click()
		await page.getByRole('button', { name: 'Leaking' }).click()
		// The patient's two films, the two that look the same, and the copy that was kept.
		await expect.poll(shown).toBe(`5 of ${films.films} images`)
		await tile('stored-anew.jpg').click()
		await sample().getByText('Nearly the same picture stands in another split.').waitFor()
		await sample().getByRole('button', { name: 'Show all images of stored-anew' }).click()
		await expect.poll(shown).toBe(`1 of ${films.films} images`)
		await page.getByRole('button', { name: 'Clear filters' }).click()
		await page.getByRole('textbox', { name: 'Search' }).fill('KERMANY pediatric')
		await expect.poll(shown).toBe(`43 of ${films.films} images`)
		// Another question begins at the first image, whatever was in sight; what was typed a moment before does not come after it.
		await page.getByRole('textbox', { name: 'Search' }).evaluate((input) => {
			input.focus()
			document.execCommand('insertText', false, ' x')
			document.querySelector<HTMLElement>('button[aria-label="Clear filters"]')?.click()
		})
		await expect.poll(shown).toBe(`${films.films} images`)
		await page.waitForTimeout(300)
		expect(await shown()).toBe(`${films.films} images`)
		expect(await page.getByRole('textbox', { name: 'Search' }).inputValue()).toBe('')
		await expect.poll(activeTile).toContain('cxr3_00085.jpg')
	})

	it('selects by mouse, relabels and leaves out with undo, and marks what was corrected', async () => {
		await option(0).click()
		await option(2).click({ modifiers: ['Shift'] })
		await option(4).click({ modifiers: ['Control'] })
		await page.getByText('4 selected').waitFor()
		await sample().getByRole('button', { name: 'pneumonia' }).click()
		await notice('4 images of Films with faults show pneumonia now.').waitFor()
		await expect.poll(() => tile('covid19').filter({ hasText: 'pneumonia' }).count()).toBe(4)
		await option(3).click()
		await sample().getByRole('button', { name: 'Leave out this image' }).click()
		await expect.poll(() => tile('Left out').count()).toBe(1)
		await expect.poll(() => sample().getByText('By hand').count()).toBe(1)
		await option(1).click()
		// Under the pointer it stays, however long the pictures take.
		await notice('Left out 1 image').hover()
		await look('samples', [WALL, DESK])

		await page.getByRole('button', { name: 'Corrected', exact: true }).click()
		await expect.poll(shown).toBe(`5 of ${films.films} images`)
		await page.getByRole('button', { name: 'Clear filters' }).click()
		await expect.poll(shown).toBe(`${films.films} images`)
		// One notice at a time, whatever was done; the keyboard undoes further back.
		expect(await notice('4 images of Films with faults show pneumonia now.').count()).toBe(0)
		await notice('Left out 1 image').getByRole('button', { name: 'Undo' }).click()
		await expect.poll(() => tile('Left out').count()).toBe(0)
		expect(await tile('covid19').filter({ hasText: 'pneumonia' }).count()).toBe(4)
		await page.keyboard.press('Control+z')
		await expect.poll(() => tile('covid19').filter({ hasText: 'pneumonia' }).count()).toBe(0)
	})

	it('becomes fit for training when the film that leaks is left out and it is surveyed anew', async () => {
		await page.getByRole('textbox', { name: 'Patient or group' }).fill(films.patient)
		await page.getByRole('textbox', { name: 'Patient or group' }).press('Enter')
		await expect.poll(shown).toBe(`2 of ${films.films} images`)
		await images().getByRole('option', { name: /, Test,/ }).click()
		await sample().getByRole('button', { name: 'Leave out this image' }).click()
		await page.getByText('Corrected since the survey', { exact: true }).waitFor()
		await page.getByRole('button', { name: 'Survey anew' }).click()
		await surveyEnds()
		await page.getByText('Surveyed', { exact: true }).first().waitFor()
		await tab('Overview').click()
		const warnings = page.getByRole('region', { name: 'Warnings' })
		await warnings.getByText(/^1 pairs of images in different splits look nearly the same/).waitFor()
		await page.getByText('1 image left out').waitFor()
	})

	it('is renamed with undo', async () => {
		await page.getByRole('button', { name: 'Rename' }).click()
		await page.getByRole('textbox', { name: 'Name of the data set' }).fill('  Our films ')
		await page.keyboard.press('Enter')
		await heading('Our films').waitFor()
		await notice('Films with faults is called Our films now.').getByRole('button', { name: 'Undo' }).click()
		await heading('Films with faults').waitFor()
		await page.keyboard.press('F2')
		await page.keyboard.type('Nothing of this')
		await page.keyboard.press('Escape')
		await heading('Films with faults').waitFor()
	})

	it('says why a picture or a survey cannot be had when the folder is gone', async () => {
		await tab('Samples').click()
		await page.getByRole('button', { name: 'Clear filters' }).click()
		await expect.poll(shown).toBe(`${films.films} images`)
		await rename(films.folder, `${films.folder} elsewhere`)
		await images().getByRole('option').last().click()
		// What was looked at before may still be shown by the browser.
		await page.reload()
		await goToSection(page, 'Data sets')
		await list().getByRole('button', { name: /^Films with faults/ }).click()
		await tab('Samples').click()
		await images().getByRole('option').first().click()
		await sample().getByText('is no longer there. Survey the data set anew to see what changed.').waitFor()
		await page.getByRole('button', { name: 'Survey anew' }).click()
		await page.getByText('Survey failed', { exact: true }).waitFor()
		await look('failed')
		await rename(`${films.folder} elsewhere`, films.folder)
		await page.getByRole('button', { name: 'Survey anew' }).click()
		await surveyEnds()
	})

	it('is added once more with other columns, after a word that it is there already', async () => {
		await back().click()
		await page.getByRole('button', { name: 'Add a data set' }).click()
		await useFolder(films.folder)
		await page.getByText('This folder is in the list already, as Films with faults.').waitFor()
		await page.getByRole('radio', { name: /^Table, columns named by you/ }).check()
		await page.getByLabel('Split', { exact: true }).selectOption({ label: 'None: draw the splits' })
		await page.getByLabel('Label', { exact: true }).selectOption({ label: 'file' })
		await page.getByText('The column file cannot name both the image files and their labels.').waitFor()
		expect(await page.getByRole('button', { name: 'Add and survey' }).isDisabled()).toBe(true)
		await page.getByLabel('Label', { exact: true }).selectOption({ label: 'age_group' })
		await page.getByRole('checkbox', { name: /^eval_domain/ }).check()
		await page.getByRole('textbox', { name: 'Name of the data set' }).fill('By age')
		await look('columns')
		await page.getByRole('button', { name: 'Add and survey' }).click()
		await heading('By age').waitFor()
		await surveyEnds()
		expect((await rowsOf(page.getByRole('table', { name: 'Images by class and split' }))).map((row) => row.split(' ')[0])).toEqual(['Class', 'adult_or_unstated', 'pediatric(1-5y)'])
		await page.getByText('Drawn by the program').waitFor()
		await page.getByRole('table', { name: 'Images by eval_domain and split' }).waitFor()
		// All films of a patient stand in one split now.
		expect(await page.getByText('Refused for training').count()).toBe(0)
	})

	it('may have several labels for each image', async () => {
		await back().click()
		await page.getByRole('button', { name: 'Add a data set' }).click()
		await useFolder(join(sharedData ?? '', 'nih14'))
		await page.getByRole('radio', { name: /^Table, several labels for each image/ }).first().check()
		await page.getByText('14 chosen').waitFor()
		await look('label-columns')
		await page.getByRole('button', { name: 'Add and survey' }).click()
		await surveyEnds()
		await page.getByRole('table', { name: 'Images by sex and split' }).waitFor()
		await tab('Samples').click()
		await images().getByRole('option').first().click()
		const labels = sample().getByRole('group', { name: 'Labels of this image' })
		const before = await labels.getByRole('checkbox', { checked: true }).count()
		await labels.getByRole('checkbox', { name: 'Mass' }).check()
		await labels.getByRole('checkbox', { name: 'Hernia' }).check()
		await sample().getByRole('button', { name: 'Give this image these labels' }).click()
		await expect.poll(() => images().getByRole('option').first().getAttribute('aria-label')).toMatch(/Mass.*Hernia by hand/)
		expect(await labels.getByRole('checkbox', { checked: true }).count()).toBe(before + 2)
		await look('several-labels')
	})

	it('tells how far a survey is, lets another wait, goes on while one works elsewhere, and is cancelled', async () => {
		await back().click()
		await page.getByRole('button', { name: 'Add a data set' }).click()
		await useFolder(join(sharedData ?? '', 'cxr3'))
		await page.getByRole('textbox', { name: 'Name of the data set' }).fill(`Many films ${HOSTILE}`)
		await page.getByRole('button', { name: 'Add and survey' }).click()
		const progress = page.getByRole('progressbar', { name: /^Survey of Many films/ })
		await expect.poll(async () => Number(await progress.getAttribute('value'))).toBeGreaterThan(0)
		await page.getByText(/^[\d,]+ of 5,753 images, (about|a few) .* left$/).waitFor()
		await look('surveying')
		await goTo(page, 'Worklist')
		await goTo(page, 'Admin')
		const before = Number(await progress.getAttribute('value'))
		await expect.poll(async () => Number(await progress.getAttribute('value'))).toBeGreaterThan(before)
		await back().click()
		await list().getByRole('button', { name: /^By age/ }).focus()
		await page.keyboard.press('s')
		await list().getByText('Waiting for another survey to end').waitFor()
		await look('list-surveying')
		await list().getByRole('button', { name: 'Cancel the survey of By age' }).click()
		await list().getByRole('button', { name: /^Cancel the survey of Many films/ }).click()
		await list().getByText('Never surveyed').waitFor()
		await list().getByText('The survey was cancelled.').waitFor()
		await list().getByRole('button', { name: /^Many films/ }).click()
		await page.getByRole('heading', { name: 'The survey was cancelled.' }).waitFor()
		await look('never-surveyed')
		await page.getByRole('button', { name: 'Remove' }).click()
		await list().getByRole('button', { name: /^By age/ }).waitFor()
	})

	it('is shown in the guide with synthetic films', async () => {
		const dismiss = page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Dismiss' })
		while ((await dismiss.count()) > 0) await dismiss.first().click()
		await page.getByRole('button', { name: 'Add a data set' }).click()
		await useFolder(await syntheticFilms(join(parent, 'Synthetic films')))
		await documentationPicture(page, 'data-set-adding')
		await page.getByRole('button', { name: 'Add and survey' }).click()
		await heading('Synthetic films').waitFor()
		await surveyEnds()
		await documentationPicture(page, 'data-set-overview')
		await tab('Leaks').click()
		await picturesAreThere(page)
		await documentationPicture(page, 'data-set-leaks')
		await tab('Samples').click()
		await option(1).click()
		await page.keyboard.press('x')
		await expect.poll(() => tile('Left out').count()).toBe(1)
		await option(4).click({ modifiers: ['Shift'] })
		await page.getByText('4 selected').waitFor()
		await sample().getByRole('button', { name: 'no opacity' }).click()
		await option(3).click()
		await option(8).click({ modifiers: ['Shift'] })
		await notice('show no opacity now').getByRole('button', { name: 'Dismiss' }).click()
		await picturesAreThere(page)
		await documentationPicture(page, 'data-set-samples')
		await back().click()
		await page.keyboard.press('Delete')
		await list().getByRole('button', { name: /^By age/ }).waitFor()
	})

	it('has a hundred thousand samples as well as sixty', async () => {
		const TOTAL = 100_000
		let pages = 0
		await page.routeWebSocket(/\/socket$/, (socket) => {
			const server = socket.connectToServer()
			const asked = new Map<number, number>()
			socket.onMessage((message) => {
				const { id, name, input } = JSON.parse(String(message)) as { id: number; name: string; input: { offset?: number } }
				if (name === 'dataSets.samples') asked.set(id, input.offset ?? 0)
				server.send(name === 'dataSets.samples' ? JSON.stringify({ id, name, input: { ...input, offset: 0 } }) : message)
			})
			server.onMessage((message) => {
				const answer = JSON.parse(String(message)) as { id: number; reply?: { output: { rows: { id: string }[] } } }
				const offset = asked.get(answer.id)
				if (offset === undefined || !answer.reply) return socket.send(message)
				pages += 1
				const { rows } = answer.reply.output
				const many = Array.from({ length: Math.min(100, TOTAL - offset) }, (_, index) => ({ ...rows[index % rows.length], id: `film-${offset + index}.jpg` }))
				socket.send(JSON.stringify({ id: answer.id, reply: { output: { rows: many, matching: TOTAL, total: TOTAL } } }))
			})
		})
		await page.reload()
		await goToSection(page, 'Data sets')
		await list().getByRole('button', { name: /^Films with faults/ }).click()
		await tab('Samples').click()
		await expect.poll(shown).toBe('100,000 images')
		await images().getByRole('option').first().click()
		await page.keyboard.press('End')
		await expect.poll(activeTile).toContain('film-99999.jpg')
		expect(await images().getByRole('option').count()).toBeLessThan(120)
		const pagesAtTheEnd = pages
		// Dragging the scroll bar through everything asks for what comes into sight: at 51 places two pages at most, of a thousand.
		await images().evaluate(async (element) => {
			for (let step = 50; step >= 0; step--) {
				element.scrollTop = (element.scrollHeight * step) / 50
				await new Promise(requestAnimationFrame)
			}
		})
		await tile('film-0.jpg').waitFor()
		expect(pages - pagesAtTheEnd).toBeLessThanOrEqual(102)
		await images().getByRole('option').first().click()
		await page.keyboard.press('Control+a')
		await page.getByText('2,000 selected').waitFor()
		await notice('At most 2,000 images are corrected at once.').waitFor()
	})
})
