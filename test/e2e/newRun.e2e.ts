import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'onnxruntime-node'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dataRecipeSchema } from '../../src/common/contract/training/data.ts'
import type { DataSetSummary } from '../../src/common/contract/training/dataSets.ts'
import type { TrainingList } from '../../src/common/contract/training/desk.ts'
import { allPieces, pieceKey } from '../../src/zoo/ofa/pieces.ts'
import { writeSmallData } from '../support/smallRun.ts'
import { aroundTests } from './support/aroundTests.ts'
import { keysOf } from './support/keyboard.ts'
import { DESK, lookAt, WALL } from './support/look.ts'
import { goTo, goToSection, PATIENCE } from './support/rooms.ts'
import { syntheticFilms } from './support/syntheticFilms.ts'
import { documentationPicture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser')
const SIZES = [WALL, DESK]
/** Pictures of three labels, in two splits of which all images of one label were taken from training. */
const SMALL = 'صور صغيرة, small'
const UNTAUGHT = 'Without a label to learn'
const FILMS = 'Synthetic films'

describe.skipIf(reason)(`a new run in the Admin room${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let folder: string
	let student: string
	const { press, goWith } = keysOf(() => page)

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'negatoscope-new-run-'))
	})
	afterAll(() => rm(folder, { recursive: true, force: true }))
	aroundTests('new-run', async (home) => {
		const small = await writeSmallData(folder)
		student = small.student
		const untaught = join(folder, 'untaught')
		await cp(small.data, untaught, { recursive: true })
		const table = await readFile(join(untaught, 'manifest.csv'), 'utf8')
		await writeFile(join(untaught, 'manifest.csv'), table.replaceAll(/^(top\/.*),top,train/gm, '$1,top,test'))
		// A search measures this machine for minutes: here it was measured before.
		const times = Object.fromEntries(allPieces().map((piece) => [pieceKey(piece), 0.5]))
		await writeFile(join(home, 'block-times.json'), JSON.stringify({ version: 1, machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads, onnxruntime ${env.versions.node ?? 'unknown'}`, times }))
		session = await startSession({ shell: 'browser', home })
		page = session.page
		await page.getByRole('grid', { name: 'Worklist' }).waitFor()
		await register(SMALL, small.data)
		await register(UNTAUGHT, untaught)
	}, () => session)

	async function register(title: string, data: string, attributes: Record<string, unknown> = {}): Promise<void> {
		const { id } = await session.call<{ id: number }>('dataSets.add', { title, recipe: dataRecipeSchema.parse({ layout: 'manifest', folder: data, ...attributes }) })
		await session.call('dataSets.survey', { dataSetId: id })
		await vi.waitUntil(async () => (await session.call<DataSetSummary[]>('dataSets.list', {})).find((own) => own.id === id)?.found, { timeout: PATIENCE, interval: 200 })
	}

	/** @param shown is brought into sight first. @param sizes the smallest window, or a wall display too. */
	async function look(name: string, { shown, sizes = [DESK] }: { shown?: Locator; sizes?: typeof SIZES } = {}): Promise<void> {
		await shown?.evaluate((element) => element.scrollIntoView({ block: 'start' }))
		await lookAt(page, `new-run-${name}`, sizes)
	}

	const part = (title: string) => page.getByRole('button', { name: new RegExp(`^${title}`) }).and(page.locator('[data-group]'))
	const group = (title: string) => page.getByRole('group', { name: title, exact: true })
	const before = () => page.getByRole('complementary', { name: 'Before it starts' })
	const field = (name: string) => page.locator(`[data-field="${name}"]`)
	const json = () => page.getByRole('textbox', { name: 'Recipe as JSON' })
	const checks = () => before().getByRole('list', { name: 'Checklist' }).getByRole('listitem')
	const notice = (text: RegExp) => page.getByRole('region', { name: 'Notices' }).getByRole('article').filter({ hasText: text })
	const runs = async () => (await session.call<TrainingList>('training.list', {})).runs

	async function recipe(): Promise<Record<string, unknown>> {
		await page.getByRole('button', { name: 'JSON', exact: true }).click()
		const text = await json().inputValue()
		await page.getByRole('button', { name: 'Form', exact: true }).click()
		return JSON.parse(text) as Record<string, unknown>
	}

	async function writeJson(change: (text: string) => string): Promise<void> {
		await page.getByRole('button', { name: 'JSON', exact: true }).click()
		await json().fill(change(await json().inputValue()))
	}

	async function opened(title: string): Promise<Locator> {
		if ((await part(title).getAttribute('aria-expanded')) === 'false') await part(title).click()
		return group(title)
	}

	describe('by keyboard alone', () => {
		it('begins with a registered data set and sensible values', async () => {
			await press('Control+k')
			await page.keyboard.type('go to new run')
			await press('Enter')
			await page.getByRole('list', { name: 'Templates' }).getByText('First paper, LC25000').waitFor()
			await look('begin')
			await goWith('Tab', page.getByRole('list', { name: 'Data sets' }).getByRole('button', { name: SMALL }))
			await press('Enter')
			await part('Images').waitFor()
			await expect.poll(() => part('Images').innerText()).toContain('96 images, 3 labels; classes equally often')
			expect(await part('Student').innerText()).toContain('Goes on with')
			expect(await part('Teachers').innerText()).toContain('None: it learns from the truth alone')
			expect(await part('Losses').innerText()).toContain('Cross-entropy')
			expect(await before().getByText('Nothing has been looked at yet.').count()).toBe(1)
			expect(await before().getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
			await look('form', { sizes: SIZES })
		})

		it('takes a student from a file, and its size', async () => {
			await goWith('Tab', group('Student').getByRole('radio', { name: /^Go on with a model/ }))
			await press('ArrowDown', 'ArrowDown', 'ArrowDown')
			await page.getByText('Too small: expected string').first().waitFor()
			await goWith('Tab', field('student.file'))
			await page.keyboard.type(student)
			await goWith('Tab', field('input.size'))
			await page.keyboard.type('thirty-two')
			await page.getByText('The field "input.size" is not valid').first().waitFor()
			expect(await field('input.size').getAttribute('aria-invalid')).toBe('true')
			await look('problem')
			await press('Control+a')
			await page.keyboard.type('32')
			await expect.poll(() => before().getByRole('region', { name: 'Problems of the recipe' }).count()).toBe(0)
		})

		it('is looked at, which needs no start, and a change makes that old', async () => {
			await goWith('Tab', part('Schedule'))
			await press('Enter')
			await goWith('Tab', field('epochs'))
			await press('Control+a')
			await page.keyboard.type('300')
			await press('Control+Enter')
			await before().getByText('The run can begin').waitFor()
			const titles = (await checks().allInnerTexts()).map((text) => text.split('\n')[0]?.replace(/ \(.*/, ''))
			expect(titles).toEqual(expect.arrayContaining(['Few images', 'Images', 'Classes', 'Memory', 'Disk', 'Time']))
			expect(await before().getByText('bright 16 / 8 / 8').count()).toBe(1)
			await look('looked-at')
			await goWith('Tab', field('batch'))
			await press('Control+a')
			await page.keyboard.type('8')
			await before().getByText('Found before the recipe was changed.').waitFor()
			expect(await before().getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
			await press('Control+Shift+Enter')
			expect(await runs()).toEqual([])
		})

		it('is started, and shown among the runs', async () => {
			await press('Control+Enter')
			await expect.poll(() => before().getByRole('button', { name: 'Start', exact: true }).isEnabled()).toBe(true)
			await press('Control+Shift+Enter')
			await page.getByRole('main', { name: 'Runs' }).waitFor()
			await notice(/begins\. It goes on when this window is closed\./).waitFor()
			const [run] = await runs()
			expect(run?.name).toBe(SMALL)
			await session.call('training.cancel', { id: run?.id })
			await expect.poll(async () => (await runs())[0]?.state ?? 'gone').toMatch(/cancelled|gone/)
		})
	})

	it('keeps the draft while other rooms are looked at, and a second start of the same needs another look', async () => {
		await goTo(page, 'Worklist')
		await goToSection(page, 'New run')
		await part('Images').waitFor()
		await expect.poll(() => part('Student').innerText()).toContain('The network in \u2068student.onnx\u2069')
		await before().getByText('This recipe was started. To start it once more, look again.').waitFor()
		expect(await before().getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
	})

	it('shows samples as the network sees them, and changed', async () => {
		const samples = await opened('Augmentation')
		await samples.getByRole('button', { name: 'Show samples' }).click()
		const rows = samples.getByRole('row').filter({ has: page.getByRole('img') })
		await expect.poll(() => rows.count()).toBe(4)
		for (const row of await rows.all()) {
			const pictures = await row.getByRole('img').evaluateAll((images) => images.map((image) => ({ source: (image as HTMLImageElement).src, width: (image as HTMLImageElement).naturalWidth })))
			expect(pictures.map(({ width }) => width)).toEqual([32, 32, 32, 32, 32])
			expect(new Set(pictures.map(({ source }) => source)).size).toBe(5)
		}
		await look('samples', { shown: samples.getByRole('region', { name: 'Samples' }) })
		await field('augmentation.preset').selectOption('none')
		await samples.getByText('These were drawn before the last change.').waitFor()
		await samples.getByRole('button', { name: 'Show them with these changes' }).click()
		await samples.getByText('nothing is changed').waitFor()
		expect(await rows.first().getByRole('img').count()).toBe(1)
		await field('augmentation.preset').selectOption('chest-radiograph')
		await part('Augmentation').click()
	})

	it('says beforehand that a teacher has other labels, and the look refuses it', async () => {
		const teachers = await opened('Teachers')
		await teachers.getByRole('button', { name: 'Add a teacher' }).click()
		await field('teachers[0].pack').selectOption('lc5-densenet161')
		await teachers.getByText('A run with this teacher cannot begin.').waitFor()
		expect(await part('Losses').innerText()).toContain('KL of softened answers (T = 2)')
		await before().getByRole('button', { name: /^Look/ }).click()
		await before().getByText('The run cannot begin: one thing stops it.').waitFor()
		expect((await checks().first().innerText()).split('\n').slice(1).join(' ')).toContain('the labels of the teacher are not those of the data set')
		expect(await before().getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
		await look('other-labels')
		await checks().first().getByRole('button', { name: 'Go to teachers' }).click()
		await expect.poll(() => part('Teachers').evaluate((element) => element === document.activeElement)).toBe(true)
	})

	it('offers the losses that fit, with the layers of both networks', async () => {
		const losses = await opened('Losses')
		await losses.getByRole('button', { name: 'With hints' }).waitFor()
		await losses.getByRole('button', { name: 'With hints' }).click()
		await expect.poll(() => part('Losses').innerText()).toContain('0.3 Cross-entropy + 0.7 KL of softened answers (T = 3) + 5 Hints')
		expect(await field('losses[2].layers[2].student').inputValue()).toBe('stage_3')
		expect(await field('losses[2].layers[2].teacher').inputValue()).toBe('stage_5')
		await field('losses[1].temperature').fill('5')
		await look('losses', { shown: part('Losses') })
		const written = await recipe()
		expect(written['losses']).toMatchObject([{ weight: 0.3 }, { temperature: 5 }, { kind: 'hint', layers: [{}, {}, {}] }])
		// Without the teacher its losses have nobody to learn from.
		await group('Teachers').getByRole('button', { name: 'Remove teacher 1' }).click()
		await before().getByText('The loss kl needs a teacher, and the run has none.').click()
		await expect.poll(() => field('losses[1].kind').evaluate((element) => element === document.activeElement)).toBe(true)
		await losses.getByRole('button', { name: 'From the truth alone' }).click()
		await expect.poll(() => before().getByRole('region', { name: 'Problems of the recipe' }).count()).toBe(0)
		await part('Losses').click()
	})

	it('freezes parts of the student by their names', async () => {
		const freezing = await opened('Frozen layers')
		await freezing.getByRole('spinbutton').waitFor()
		await freezing.getByRole('spinbutton').fill('2')
		await look('freezing', { shown: part('Frozen layers') })
		expect(await freezing.getByRole('checkbox', { checked: true }).count()).toBe(2)
		expect(await recipe()).toMatchObject({ optimisation: { freeze: ['conv1.*', 'norm1.*'] } })
		await freezing.getByRole('checkbox', { name: /^Only the last layer learns/ }).check()
		expect(await recipe()).toMatchObject({ headOnly: true, augmentation: { preset: 'none' } })
		await freezing.getByRole('checkbox', { name: /^Only the last layer learns/ }).uncheck()
		expect(Object.keys(await recipe())).not.toContain('augmentation')
		await part('Frozen layers').click()
	})

	it('keeps what the form has no field for, shows a problem of the JSON at its field, and never loses text that is no JSON', async () => {
		await writeJson((text) => text.replace('"epochs": 300', '"data2": 1, "epochs": 0').replace('"layout": "manifest"', '"layout": "manifest", "unreadableShare": 0.5'))
		const list = page.getByRole('list', { name: 'Problems' })
		await list.getByText('There is no field "data2" in a recipe.').waitFor()
		await list.getByRole('button', { name: /The field "epochs" is not valid/ }).click()
		expect(await json().evaluate((area) => (area as HTMLTextAreaElement).value.slice((area as HTMLTextAreaElement).selectionStart))).toMatch(/^"epochs": 0/)
		await look('json')
		await before().getByRole('button', { name: /The field "epochs" is not valid/ }).click()
		await expect.poll(() => field('epochs').evaluate((element) => element === document.activeElement)).toBe(true)
		await field('epochs').fill('300')
		expect(await field('epochs').getAttribute('aria-invalid')).toBeNull()
		expect(await recipe()).toMatchObject({ data2: 1, epochs: 300, data: { unreadableShare: 0.5 } })
		await writeJson((text) => text.replace(/\s*"data2": 1,/, '').replace('"batch": 8,', '"batch": 8'))
		await page.getByText(/^It is no JSON, line \d+/).waitFor()
		await look('no-json')
		await page.getByRole('button', { name: 'Form', exact: true }).click()
		await page.getByText('What is written in the expert view is no JSON').waitFor()
		expect(await before().getByRole('button', { name: /^Look/ }).isDisabled()).toBe(true)
		await page.getByRole('button', { name: 'Go to the JSON' }).click()
		await json().fill((await json().inputValue()).replace('"batch": 8', '"batch": 8,'))
		await page.getByText('It is a recipe.').waitFor()
		expect(await recipe()).not.toHaveProperty('data2')
	})

	it('does not start where a class has no images to learn from', async () => {
		await (await opened('Images')).getByLabel('Data set').selectOption({ label: `${UNTAUGHT}: 96 images, 3 labels, 48 patients or groups` })
		await expect.poll(() => part('Images').innerText()).toContain(UNTAUGHT)
		await before().getByRole('button', { name: /^Look/ }).click()
		await before().getByText('The run cannot begin: one thing stops it.').waitFor()
		expect(await checks().first().innerText()).toMatch(/top[\s\S]*Add images, leave the class out/)
		await look('class-without-images')
	})

	it('is put away with undo', async () => {
		await page.getByRole('button', { name: 'Start anew' }).click()
		await page.getByRole('list', { name: 'Templates' }).waitFor()
		await notice(/^Put away:/).getByRole('button', { name: 'Undo' }).click()
		await expect.poll(() => part('Images').innerText()).toContain(UNTAUGHT)
		await page.keyboard.press('Alt+n')
		await page.getByRole('list', { name: 'Templates' }).waitFor()
	})

	it.each([
		['First paper, COVID-QU-Ex', 'covid-qu-ex-vgg19'], ['First paper, LC25000', 'lc25000-visformer-s'], ['Second paper, ChestX-ray14', 'chestx-ray14-densenet161'], ['Second paper, CheXpert', 'chexpert-densenet161'], ['Second paper, PadChest', 'padchest-densenet161'],
	])('the template "%s" names what is missing, and takes images that are here in one step', async (title, teacher) => {
		await page.getByRole('list', { name: 'Templates' }).getByRole('button', { name: title }).click()
		const missing = before().getByRole('region', { name: 'Missing files' })
		await missing.getByText(teacher).waitFor()
		if (title.endsWith('COVID-QU-Ex')) await look('template')
		await missing.getByRole('button', { name: /data\.folder/ }).click()
		await expect.poll(() => field('data.folder').first().evaluate((element) => element === document.activeElement)).toBe(true)
		await group('Images').getByLabel('Take in its place').selectOption({ label: `${SMALL}: 96 images, 3 labels, 48 patients or groups` })
		await expect.poll(() => missing.getByText('data.folder').count()).toBe(0)
		await missing.getByRole('button', { name: /student\.weights/ }).click()
		await group('Student').getByRole('button', { name: 'Begin without it' }).click()
		const teachers = await opened('Teachers')
		while ((await teachers.getByRole('button', { name: /^Remove teacher/ }).count()) > 0) await teachers.getByRole('button', { name: /^Remove teacher/ }).first().click()
		await expect.poll(() => missing.count()).toBe(0)
		// Losses of the template may need its teacher.
		const usual = (await opened('Losses')).getByRole('button', { name: 'From the truth alone' })
		if ((await usual.getAttribute('aria-pressed')) === 'false') await usual.click()
		await expect.poll(() => before().getByRole('region', { name: 'Problems of the recipe' }).count()).toBe(0)
		await page.keyboard.press('Alt+n')
		await page.getByRole('list', { name: 'Templates' }).waitFor()
	})

	it('counts the networks of the zoo, and builds a student for the time that it may take', async () => {
		await page.getByRole('list', { name: 'Data sets' }).getByRole('button', { name: SMALL }).click()
		const students = await opened('Student')
		await students.getByRole('radio', { name: /^A network of the zoo/ }).check()
		await students.getByRole('table').getByRole('row', { name: /EEEA-Net-C2/ }).getByText(/million at/).waitFor()
		await look('zoo')
		await students.getByRole('radio', { name: /^Build one for this machine/ }).check()
		await students.getByLabel('Milliseconds for an image').fill('2000')
		await students.getByRole('button', { name: 'Search' }).click()
		await students.getByText(/^Found: .* measured here .* ms for an image\.$/).waitFor()
		const found = await recipe() as { student: { from: string; kernels: number[] }; input: { size: number } }
		expect(found.student.from).toBe('ofa')
		expect(found.student.kernels.length).toBeGreaterThanOrEqual(10)
		expect(found.input.size).toBeGreaterThan(100)
		await look('builder', { shown: part('Student') })
		await page.keyboard.press('Alt+n')
	})

	it('is begun from a data set, and shown in the guide with synthetic films', async () => {
		await register(FILMS, await syntheticFilms(join(folder, 'films')), { columns: { group: 'patient_id' }, splits: { from: 'draw' } })
		await goToSection(page, 'Data sets')
		await page.getByRole('list', { name: 'Data sets' }).getByRole('button', { name: FILMS }).click()
		await page.getByRole('button', { name: 'Train on it' }).click()
		await part('Images').waitFor()
		await expect.poll(() => part('Images').innerText()).toContain('61 images, 2 labels')
		await expect.poll(() => part('Student').innerText()).toContain('Goes on with')
		const dismiss = page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Dismiss' })
		while ((await dismiss.count()) > 0) await dismiss.first().click()
		if (process.env['UPDATE_PICTURES'] === '1') {
			// The guide shows a look at a network of full size, which takes a minute.
			await before().getByRole('button', { name: /^Look/ }).click()
			await before().getByText('The run can begin').waitFor({ timeout: PATIENCE })
		}
		await documentationPicture(page, 'new-run')
		for (const title of ['Images', 'Student', 'Teachers']) await part(title).click()
		const samples = await opened('Augmentation')
		await samples.getByRole('button', { name: 'Show samples' }).click()
		await expect.poll(() => samples.getByRole('img').count()).toBe(20)
		await part('Augmentation').evaluate((element) => element.scrollIntoView({ block: 'start' }))
		await documentationPicture(page, 'new-run-samples')
	})
})
