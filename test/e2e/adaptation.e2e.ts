import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/common/contract/analysis.ts'
import type { TrainingRun } from '../../src/common/contract/training/desk.ts'
import { sharedData } from '../support/sharedData.ts'
import { aroundTests } from './support/aroundTests.ts'
import { goToSection, importFiles, openStudy, openTab, PATIENCE } from './support/rooms.ts'
import { wardFilms } from './support/wardFilms.ts'
import { picture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser') ?? (sharedData ? null : '../shared/data is not there')
const NAME = 'Films of the ward'
const RUN = 'films-of-the-ward-1'
const SHIPPED = 'cxr3-ofa595'

/** What an administrator does without a command line, from a folder of real films to a student that reads, and back. */
describe.skipIf(reason)(`adapting the student to films of one's own${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let folder: string
	let film: string

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'negatoscope-ward-'))
		film = (await wardFilms(sharedData ?? '', folder))[0] ?? ''
	})
	afterAll(() => rm(folder, { recursive: true, force: true }))
	aroundTests('adaptation', async (home) => {
		session = await startSession({ shell: 'browser', home })
		page = session.page
		await page.getByRole('grid', { name: 'Worklist' }).waitFor()
	}, () => session)

	const part = (title: string) => page.getByRole('button', { name: new RegExp(`^${title}`) }).and(page.locator('[data-group]'))
	const group = (title: string) => page.getByRole('group', { name: title, exact: true })
	const field = (name: string) => page.locator(`[data-field="${name}"]`)
	const before = () => page.getByRole('complementary', { name: 'Before it starts' })
	const button = (name: string | RegExp) => page.getByRole('main').getByRole('button', { name, exact: typeof name === 'string' })
	const section = (name: string) => page.getByRole('region', { name, exact: true })
	const state = (words: string) => page.getByRole('main').getByText(words, { exact: true })
	const run = async () => (await session.call<{ runs: TrainingRun[] }>('training.list', {})).runs.find(({ id }) => id === RUN)

	async function opened(title: string): Promise<Locator> {
		if ((await part(title).getAttribute('aria-expanded')) === 'false') await part(title).click()
		return group(title)
	}

	async function sign(why: string, title: string): Promise<void> {
		await page.getByLabel('Name of who decides').fill('Dr Weber')
		await page.getByLabel('Reason', { exact: true }).fill(why)
		await button(title).click()
	}

	/** Opens the film of the ward at the reading desk. @returns the analysis that is shown, and ids of the models of all of them, the newest first. */
	async function read(): Promise<{ shown: Analysis; models: string[] }> {
		await openStudy(page, basename(film))
		await openTab(page, 'Analysis')
		await page.getByRole('list', { name: 'Labels' }).waitFor()
		const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
		const study = () => session.call<{ series: { instances: { id: number }[] }[]; analyses: Analysis[] }>('studies.get', { studyId: rows[0]?.studyId })
		const shown = await session.call<Analysis>('analysis.run', { instanceId: (await study()).series[0]?.instances[0]?.id, frameIndex: 0 })
		await section('Model').getByText(shown.prediction.model.sha256.slice(0, 12)).waitFor()
		const { analyses } = await study()
		return { shown, models: analyses.map(({ prediction }) => prediction.model.id) }
	}

	let first: Analysis

	it('a film is read by the student that came with the program', async () => {
		await importFiles(page, [film])
		await page.getByRole('button', { name: 'Close import summary' }).click()
		const { shown, models } = await read()
		first = shown
		expect(models).toEqual([SHIPPED])
	})

	it('a folder of real films becomes a data set', async () => {
		await goToSection(page, 'Data sets')
		await page.getByRole('main').getByRole('button', { name: 'Add a data set' }).first().click()
		const path = page.getByRole('combobox', { name: 'Path of the folder' })
		// The home folder comes first.
		await expect.poll(() => path.inputValue()).not.toBe('')
		await path.fill(`${folder}/`)
		await path.press('Enter')
		await page.getByRole('group', { name: 'Read it as' }).waitFor()
		await page.getByRole('textbox', { name: 'Name of the data set' }).fill(NAME)
		await page.getByRole('button', { name: 'Add and survey' }).click()
		await page.getByRole('table', { name: 'Images by class and split' }).waitFor()
		expect(await page.getByText('Refused for training').count()).toBe(0)
		await picture(page, 'adaptation-data-set')
	})

	it('a run is put together that distils, looked at, and started', async () => {
		await page.getByRole('button', { name: 'Train on it' }).click()
		await expect.poll(() => part('Images').innerText()).toContain('120 images, 3 labels')
		await (await opened('Student')).getByRole('combobox').first().selectOption(SHIPPED)
		const teachers = await opened('Teachers')
		await teachers.getByRole('button', { name: 'Add a teacher' }).click()
		await field('teachers[0].pack').selectOption(SHIPPED)
		await expect.poll(() => part('Losses').innerText()).toContain('KL of softened answers')
		await opened('Schedule')
		await field('epochs').fill('4')
		await field('batch').fill('12')
		await picture(page, 'adaptation-new-run')
		await before().getByRole('button', { name: /^Look/ }).click()
		await before().getByText('The run can begin').waitFor({ timeout: PATIENCE })
		await picture(page, 'adaptation-looked-at')
		await before().getByRole('button', { name: 'Start', exact: true }).click()
		await page.getByRole('main', { name: 'Runs' }).waitFor()
	})

	it('it is killed and goes on, is paused and resumed, and ends', async () => {
		await page.getByRole('heading', { level: 1, name: NAME }).waitFor()
		const loss = page.getByRole('figure', { name: /^Loss of/ }).getByRole('slider')
		await expect.poll(async () => Number(await loss.getAttribute('aria-valuemax')), { timeout: PATIENCE }).toBeGreaterThan(6)
		const { hosts } = await session.call<{ hosts: { name: string; pid: number }[] }>('system.status', {})
		process.kill(hosts.find(({ name }) => name === 'training')?.pid ?? 0, 'SIGKILL')
		await state('Preparing').waitFor({ timeout: PATIENCE })
		await state('Running').waitFor({ timeout: PATIENCE })
		await button(/^Pause/).click()
		await state('Paused').waitFor({ timeout: PATIENCE })
		expect((await run())?.record?.step).toBeGreaterThan(0)
		await button(/^Resume/).click()
		await state('Finished').waitFor({ timeout: PATIENCE })
		await picture(page, 'adaptation-results')
		expect((await run())?.record?.steps).toBe(24)
	})

	it('it is compared with the student that reads, on films that neither has seen', async () => {
		await button('Compare with the model that reads now').click()
		await page.getByRole('radio', { name: /^The test split of its own run/ }).check()
		await page.getByLabel('Films whose maps are compared').fill('1')
		await button('Compare').click()
		await section('Comparisons').getByRole('button', { name: /^1/ }).click({ timeout: PATIENCE })
		await page.getByRole('article', { name: 'Report' }).waitFor()
		// Eight patients of each label are too few to say which is better.
		await section('Verdict').getByText('Insufficient').waitFor()
		await section('Maps').getByText(/Correlation/).first().waitFor()
		await picture(page, 'adaptation-report')
	})

	it('it is promoted by a signature, and reads', async () => {
		await page.keyboard.press('Escape')
		await button('Decide').click()
		await page.getByRole('radio', { name: /^Accept/ }).check()
		await page.getByRole('checkbox', { name: /too few patients to say which model is better, and accept/ }).check()
		await sign('To try it on the films of our ward.', 'Sign and accept')
		await page.getByRole('region', { name: 'Reads now' }).getByText(NAME).waitFor()
		const { shown, models } = await read()
		expect(shown.prediction.model.sha256).not.toBe(first.prediction.model.sha256)
		// What the other one has said is still there, under its own name.
		expect(models).toEqual([shown.prediction.model.id, SHIPPED])
		await picture(page, 'adaptation-reading')
	})

	it('it is rolled back in one step, and the student of before reads again', async () => {
		await goToSection(page, 'Promotion')
		await page.getByRole('region', { name: 'Reads now' }).getByRole('button', { name: /^Roll back to/ }).click()
		await sign('Too little to go by.', 'Sign and roll back')
		await page.getByRole('region', { name: 'Reads now' }).getByText(NAME).waitFor({ state: 'detached' })
		const { shown } = await read()
		expect(shown.prediction).toEqual(first.prediction)
	})
})
