import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrainingRun } from '../../src/common/contract/training/desk.ts'
import type { RecipeInput } from '../../src/common/contract/training/recipe.ts'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { LABELS, PICTURE_INPUT, SIDE } from '../support/pictures.ts'
import { smallRecipe, writeSmallData } from '../support/smallRun.ts'
import { aroundTests } from './support/aroundTests.ts'
import { keysOf } from './support/keyboard.ts'
import { DESK, lookAt, WALL } from './support/look.ts'
import { goTo, goToSection, importFiles, PATIENCE } from './support/rooms.ts'
import { documentationPicture, picture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser')
/** A run that nobody waits for the end of. */
const LONG = 5000
/** From right to left at both ends, with markup between, and as long as a name may be. */
const HOSTILE = 'בדיקה <img src=x onerror=document.title=1> as long as the name of a run may be \u202Eback to front'
const MANY = 100_000

describe.skipIf(reason)(`runs in the Admin room${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let folder: string
	let parts: { data: string; student: string }
	let homeOfRuns: string
	const { press, goWith } = keysOf(() => page)

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'negatoscope-runs-'))
		parts = await writeSmallData(folder)
	})
	afterAll(() => rm(folder, { recursive: true, force: true }))

	async function open(home: string): Promise<void> {
		session = await startSession({ shell: 'browser', home })
		page = session.page
		await page.getByRole('grid', { name: 'Worklist' }).waitFor()
	}
	aroundTests('runs', async (home) => {
		homeOfRuns = home
		await open(home)
	}, () => session)

	const look = (name: string, sizes = [WALL, DESK]) => lookAt(page, `runs-${name}`, sizes)
	const lookSmall = (name: string) => look(name, [DESK])

	const list = () => page.getByRole('list', { name: 'Runs' })
	const row = (id: string) => list().getByRole('listitem').filter({ has: page.locator(`[data-id="${id}"]`) })
	const opener = (id: string) => page.locator(`[data-id="${id}"]`)
	const tab = (name: string) => page.getByRole('tab', { name })
	const heading = (name: string) => page.getByRole('heading', { level: 1, name })
	const state = (words: string) => page.getByRole('main').getByText(words, { exact: true })
	const back = () => page.getByRole('main').getByRole('button', { name: 'Runs', exact: true })
	const notice = (text: string) => page.getByRole('region', { name: 'Notices' }).getByRole('article').filter({ hasText: new RegExp(text.split(' ').join('[\\u2068\\u2069 ]+').replaceAll('.', '.?.')) })
	const lossPlot = () => page.getByRole('figure', { name: /^Loss of/ }).getByRole('slider')
	const lastStep = async () => Number(await lossPlot().getAttribute('aria-valuemax'))

	const start = (changes: Partial<RecipeInput>) => session.call<{ id: string; waitsFor: string | null }>('training.start', { recipe: smallRecipe(parts, changes) })
	const runOf = async (id: string) => (await session.call<{ runs: TrainingRun[] }>('training.list', {})).runs.find((run) => run.id === id)
	const stateOf = async (id: string) => (await runOf(id))?.state
	const teacher = (labels: readonly string[]) => ({ from: 'onnx' as const, file: parts.student, labels: [...labels], input: { size: SIDE, mean: PICTURE_INPUT.mean, std: PICTURE_INPUT.std, colour: 'grey' as const } })

	async function grows(): Promise<void> {
		const before = await lastStep()
		await expect.poll(lastStep, { timeout: PATIENCE }).toBeGreaterThan(before)
	}

	async function dismissNotices(): Promise<void> {
		const dismiss = page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Dismiss' })
		while ((await dismiss.count()) > 0) await dismiss.first().click()
	}

	it('says what to do where there are none', async () => {
		await press('Control+k')
		await page.keyboard.type('go to runs')
		await press('Enter')
		await page.getByText('No runs yet.').waitFor()
		await lookSmall('none')
		await goWith('Tab', page.getByRole('button', { name: 'New run' }).last())
		await press('Enter')
		await page.getByRole('main', { name: 'New run' }).waitFor()
		await goToSection(page, 'Runs')
	})

	it('is opened by keyboard and watched while it learns', async () => {
		expect((await start({ name: 'Three classes, distilled', epochs: LONG, teachers: [teacher(LABELS)], losses: [{ kind: 'cross-entropy' }, { kind: 'kl' }] })).waitsFor).toBeNull()
		await opener('three-classes-distilled-1').waitFor()
		await goWith('Tab', opener('three-classes-distilled-1'))
		await press('Enter')
		await heading('Three classes, distilled').waitFor()
		await state('Running').waitFor({ timeout: PATIENCE })
		await expect.poll(lastStep, { timeout: PATIENCE }).toBeGreaterThan(8)
		await grows()
		const legend = page.getByRole('list', { name: 'Lines: Loss of Three classes, distilled' })
		for (const name of ['Loss', 'Cross-entropy', 'KL', 'Validation loss']) await legend.getByRole('checkbox', { name, exact: true }).waitFor()
		await page.getByRole('figure', { name: 'Validation of Three classes, distilled' }).getByRole('checkbox', { name: 'Balanced accuracy' }).waitFor()
		await page.getByRole('figure', { name: 'Learning rate and gradient norm of Three classes, distilled' }).waitFor()
		await page.getByText(/^[\d,.]+ images per second$/).waitFor()
		const progress = page.getByRole('progressbar', { name: 'Progress of Three classes, distilled' })
		expect(Number(await progress.getAttribute('value'))).toBeGreaterThan(0)
		await look('live')
		await goWith('Shift+Tab', tab('Live'))
		await press('ArrowRight')
		const log = page.getByRole('region', { name: 'Log' })
		await log.getByText(/^Begins: [\d,]+ steps, 5000 epochs\.$/).waitFor()
		await expect.poll(() => log.getByText(/^Epoch \d+: /).count(), { timeout: PATIENCE }).toBeGreaterThan(1)
		await press('ArrowRight')
		await page.getByText('Results come with its end.').waitFor()
		await lookSmall('results-to-come')
		await press('End')
		await page.getByRole('region', { name: 'Recipe as JSON' }).getByText('"Three classes, distilled"').waitFor()
		await page.getByText('When the run is finished').first().waitFor()
		await press('Home')
	})

	it('goes on from its checkpoint when its process is killed, and says so', async () => {
		const { hosts } = await session.call<{ hosts: { name: string; pid: number }[] }>('system.status', {})
		process.kill(hosts.find(({ name }) => name === 'training')?.pid ?? 0, 'SIGKILL')
		await state('Preparing').waitFor({ timeout: PATIENCE })
		await state('Running').waitFor({ timeout: PATIENCE })
		await grows()
		await tab('Log').click()
		const line = page.getByRole('listitem').filter({ hasText: 'The training process ended: the system ended it' })
		await line.getByRole('img', { name: 'To be noted' }).waitFor()
		await page.getByText(/^Goes on from step \d+ of [\d,]+\.$/).waitFor()
		await lookSmall('log')
		await tab('Live').click()
	})

	it('goes on while the page is closed', async () => {
		const before = await lastStep()
		const address = page.url()
		await page.goto('about:blank')
		await page.waitForTimeout(500)
		await page.goto(address)
		await goToSection(page, 'Runs')
		await opener('three-classes-distilled-1').click()
		await expect.poll(lastStep, { timeout: PATIENCE }).toBeGreaterThan(before)
		await grows()
	})

	it('gives way to the reading desk, and says so', async () => {
		const film = join(folder, 'film.dcm')
		writeFileSync(film, phantomDicomFile())
		await goTo(page, 'Worklist')
		await importFiles(page, [film])
		const { rows: [study] } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
		const { series: [series] } = await session.call<{ series: { instances: { id: number }[] }[] }>('studies.get', { studyId: study?.studyId })
		await goTo(page, 'Admin')
		await state('Running').waitFor()
		// Held still, the desk is busy for as long as it is looked at.
		const { inference } = await session.hosts()
		process.kill(inference ?? 0, 'SIGSTOP')
		const answer = session.call('analysis.run', { instanceId: series?.instances[0]?.id, frameIndex: 0, again: true })
		try {
			await page.getByText('It takes no step now: an answer or a map is being made at the reading desk.').waitFor({ timeout: PATIENCE })
			await page.getByText('Gives way to the reading desk').first().waitFor()
		} finally {
			process.kill(inference ?? 0, 'SIGCONT')
		}
		await answer
		await page.getByText('It goes on when the window is closed').waitFor()
		await grows()
	})

	it('is paused, goes on and is paused again by one key', async () => {
		await tab('Live').focus()
		await press('p')
		await state('Paused').waitFor({ timeout: PATIENCE })
		const { record } = (await runOf('three-classes-distilled-1')) ?? {}
		await page.getByText(`It can be resumed from step ${record?.step}.`).waitFor()
		await expect.poll(lastStep).toBe(record?.step)
		await lookSmall('paused')
		await press('p')
		await state('Running').waitFor({ timeout: PATIENCE })
		await grows()
	})

	it('is there after a restart of the workstation, and goes on by itself', async () => {
		const before = await lastStep()
		await session.quit()
		await open(homeOfRuns)
		await goToSection(page, 'Runs')
		await opener('three-classes-distilled-1').click()
		await expect.poll(lastStep, { timeout: PATIENCE }).toBeGreaterThan(before)
		await tab('Log').click()
		await page.getByText('The program was started again.').waitFor()
	})

	it('lets others wait for their turn; what is cancelled before it began comes back by undo', async () => {
		await back().click()
		expect((await start({ name: 'finished soon' })).waitsFor).toBe('three-classes-distilled-1')
		await start({ name: HOSTILE, epochs: LONG })
		const hostile = list().getByRole('listitem').filter({ hasText: 'as long as' })
		await hostile.getByText('Number 2 of those that wait.').waitFor()
		await row('finished-soon-1').getByText('It is the next to begin.').waitFor()
		await page.getByText('3 runs, 1 works, 2 wait').waitFor()
		await lookSmall('list-waiting')
		await hostile.locator('[data-id]').focus()
		await press('x')
		await notice('It had not begun, so nothing is left of it.').waitFor()
		await expect.poll(() => hostile.count()).toBe(0)
		await page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
		await hostile.waitFor()
		await hostile.getByRole('button', { name: /^Cancel/ }).click()
		await expect.poll(() => hostile.count()).toBe(0)
		await dismissNotices()
	})

	it('is cancelled, with what it has learned, and the next one gets its turn', async () => {
		await opener('three-classes-distilled-1').focus()
		await press('x')
		await row('three-classes-distilled-1').getByText('Cancelled', { exact: true }).waitFor({ timeout: PATIENCE })
		await row('three-classes-distilled-1').getByText(/^It can be resumed from step [\d,]+, or removed\.$/).waitFor()
		await row('finished-soon-1').getByText('Finished', { exact: true }).waitFor({ timeout: PATIENCE })
		await row('finished-soon-1').getByText(/^Balanced accuracy 0\.\d{3} after epoch \d$/).waitFor()
		await dismissNotices()
	})

	it('that could not begin says why, and so does a folder that is no run', async () => {
		const { id } = await start({ name: 'wrong teacher', teachers: [teacher(['bright', 'left', 'bottom'])] })
		await row(id).getByText('Could not begin', { exact: true }).waitFor({ timeout: PATIENCE })
		await row(id).getByText(/the labels of the teacher are not those of the data set/).waitFor()
		mkdirSync(join(homeOfRuns, 'runs', 'strange'), { recursive: true })
		writeFileSync(join(homeOfRuns, 'runs', 'strange', 'state.json'), '{')
		await dismissNotices()
		await page.reload()
		await goToSection(page, 'Runs')
		await page.getByRole('region', { name: 'Folders that are no runs' }).getByText('strange', { exact: true }).waitFor()
		await look('list')
		await opener(id).click()
		await page.getByText('It never began.').waitFor()
		await lookSmall('refused')
		await tab('Recipe').click()
		await page.getByRole('region', { name: 'Recipe as JSON' }).getByText('"bottom"').waitFor()
		await back().click()
	})

	it('shows what came of it: metrics, confusion, curves, reliability, sources, hashes', async () => {
		await opener('finished-soon-1').focus()
		await press('Enter')
		await expect.poll(() => tab('Results').getAttribute('aria-selected')).toBe('true')
		const table = (name: string) => page.getByRole('region', { name }).getByRole('table')
		const { evaluation } = await session.call<{ evaluation: { splits: { split: string; n: number; balancedAccuracy: number; confusion: number[][] }[] } }>('training.detail', { id: 'finished-soon-1' })
		const test = evaluation.splits.find(({ split }) => split === 'test')
		if (!test) throw new Error('There are no results on the test images.')
		await page.getByRole('region', { name: 'All labels together' }).getByText(new RegExp(`^${test.balancedAccuracy.toFixed(3)}`)).first().waitFor()
		const matrix = page.getByRole('region', { name: `Confusion matrix: ${test.n} test images` })
		expect((await matrix.locator('.confusion-count').allInnerTexts()).map(Number)).toEqual(test.confusion.flat())
		expect(await table('Results of each label').getByRole('row').count()).toBe(1 + LABELS.length)
		expect(await table('Results by source').getByRole('row').count()).toBe(3)
		await page.getByRole('figure', { name: 'ROC curve: bright' }).waitFor({ timeout: PATIENCE })
		await page.getByRole('figure', { name: 'Precision-recall curve: bright' }).waitFor()
		await page.getByLabel('Label', { exact: true }).selectOption({ label: 'top' })
		await page.getByRole('figure', { name: 'ROC curve: top' }).getByRole('row', { name: /^finished soon 0\.\d{3}.* 0\.\d{3}/ }).waitFor()
		await page.getByRole('figure', { name: 'Reliability diagram' }).waitFor()
		await look('results')
		await page.getByRole('region', { name: 'Curves' }).scrollIntoViewIfNeeded()
		await lookSmall('results-curves')
		await page.getByRole('radio', { name: 'Validation images' }).check()
		await page.getByRole('region', { name: /^Confusion matrix: \d+ validation images$/ }).waitFor()
		await tab('Worst errors').click()
		await page.getByRole('radio', { name: 'Validation images', checked: true }).waitFor()
		await tab('Recipe').click()
		const { hashes } = await session.call<{ hashes: Record<string, string> }>('training.detail', { id: 'finished-soon-1' })
		for (const hash of Object.values(hashes)) await page.getByRole('region', { name: 'Hashes' }).getByText(hash, { exact: true }).waitFor()
		await page.getByRole('heading', { name: 'Model card' }).waitFor()
		await lookSmall('recipe')
		await tab('Log').click()
		await page.getByText('Finished: the model pack is in pack.').waitFor()
		await page.getByRole('button', { name: 'Compare with the model that reads now' }).click()
		await page.getByRole('main', { name: 'Promotion' }).waitFor()
		await goToSection(page, 'Runs')
		await heading('finished soon').waitFor()
	})

	it('is selected with another and compared, by keyboard alone', async () => {
		await press('Escape')
		await goWith('Tab', opener('finished-soon-1'))
		await press('Space')
		await page.getByText('1 run selected; select another to compare it with').waitFor()
		await press('ArrowDown', 'Space')
		await page.getByText('2 runs selected').waitFor()
		await lookSmall('selected')
		await press('v')
		await heading('2 runs side by side').waitFor()
		await press('Escape')
		await press('Escape')
		await expect.poll(() => page.getByText('2 runs selected').count()).toBe(0)
	})

	it('is removed after a word of what is lost, and kept where one thinks better of it', async () => {
		await opener('finished-soon-1').focus()
		await press('Delete')
		const dialog = page.getByRole('dialog', { name: 'Remove finished soon' })
		await dialog.getByText(/^The model pack "Small" with its weights, results and card/).waitFor()
		await lookSmall('removal')
		// Keys of the list do nothing meanwhile.
		await press('x', 'Escape')
		await expect.poll(() => dialog.count()).toBe(0)
		expect(await stateOf('finished-soon-1')).toBe('finished')
		await press('Delete')
		await dialog.getByRole('button', { name: 'Keep the run' }).waitFor()
		await goWith('Tab', dialog.getByRole('button', { name: 'Remove for good' }))
		await press('Enter')
		await notice('Removed: finished soon').waitFor()
		await expect.poll(() => row('finished-soon-1').count()).toBe(0)
		expect(await runOf('finished-soon-1')).toBeUndefined()
		await row('wrong-teacher-1').getByRole('button', { name: /^Remove/ }).click()
		await page.getByText('The recipe of a run that never began.').waitFor()
		await press('Escape')
	})

	it('is shown in the guide', async () => {
		await rm(join(homeOfRuns, 'runs', 'strange'), { recursive: true })
		await session.call('training.remove', { id: 'wrong-teacher-1' })
		await start({ name: 'Three classes, small student', epochs: 40 })
		await page.reload()
		await goToSection(page, 'Runs')
		const done = row('three-classes-small-student-1')
		await done.getByText('Finished', { exact: true }).waitFor({ timeout: PATIENCE })
		await session.call('training.resume', { id: 'three-classes-distilled-1' })
		await start({ name: 'Three classes, frozen trunk', epochs: 6 })
		await row('three-classes-distilled-1').getByText('Running', { exact: true }).waitFor({ timeout: PATIENCE })
		await dismissNotices()
		await row('three-classes-distilled-1').getByText(/images per second/).waitFor({ timeout: PATIENCE })
		await picture(page, 'runs')
		await goTo(page, 'Worklist')
		await goTo(page, 'Admin')
		await opener('three-classes-distilled-1').click()
		await grows()
		// The first steps after a start are slow, and say little of the others.
		await page.waitForTimeout(2000)
		await documentationPicture(page, 'run-live')
		await back().click()
		await opener('three-classes-small-student-1').click()
		await page.getByRole('figure', { name: 'ROC curve: bright' }).waitFor({ timeout: PATIENCE })
		await documentationPicture(page, 'run-results')
		await goTo(page, 'Settings')
		await page.getByRole('heading', { name: 'Keys' }).waitFor()
		expect(await page.getByText('given to more than one command').count()).toBe(0)
		for (const id of ['three-classes-frozen-trunk-1', 'three-classes-distilled-1']) await session.call('training.cancel', { id })
		await expect.poll(() => stateOf('three-classes-distilled-1'), { timeout: PATIENCE }).toBe('cancelled')
	})

	it('draws a hundred thousand steps, and shows a network that calls no labels', async () => {
		await page.routeWebSocket(/\/socket$/, (socket) => {
			const server = socket.connectToServer()
			const asked = new Map<number, { name: string; input: { afterStep?: number } }>()
			socket.onMessage((message) => {
				const { id, name, input } = JSON.parse(String(message)) as { id: number; name: string; input: { afterStep?: number } }
				asked.set(id, { name, input })
				server.send(message)
			})
			server.onMessage((message) => {
				const answer = JSON.parse(String(message)) as { id: number; reply?: { output: Record<string, unknown> } }
				const of = asked.get(answer.id)
				if (of?.name === 'training.metrics' && answer.reply) {
					const after = of.input.afterStep ?? 0
					const step = Array.from({ length: Math.min(10_000, MANY - after) }, (_, index) => after + index + 1)
					const curve = (scale: number) => step.map((at) => scale * (1 / Math.sqrt(at) + 0.1 * Math.abs(Math.sin(at))))
					return socket.send(JSON.stringify({ id: answer.id, reply: { output: {
						steps: { step, loss: curve(2), parts: { 'cross-entropy': curve(1), kl: curve(0.5) }, learningRate: curve(0.01), gradientNorm: curve(3) },
						validations: [], total: { steps: MANY, validations: 0 }, more: after + step.length < MANY,
					} } }))
				}
				if (of?.name === 'training.detail' && answer.reply) {
					Object.assign(answer.reply.output, { evaluation: null, metrics: [{ name: 'dice', split: 'test', n: 12, value: 0.954, interval: [0.94, 0.97], note: 'both lungs' }], faults: ['evaluation.json is damaged.'] })
					return socket.send(JSON.stringify(answer))
				}
				socket.send(message)
			})
		})
		await page.reload()
		await goToSection(page, 'Runs')
		await opener('three-classes-small-student-1').click()
		await page.getByText('a network that marks lungs calls none').waitFor()
		await page.getByRole('row', { name: 'Dice test 12 0.954 (0.940 to 0.970) both lungs' }).waitFor()
		await lookSmall('no-labels')
		await tab('Worst errors').click()
		await page.getByText('There is no list of errors.').waitFor()
		await tab('Live').click()
		await expect.poll(lastStep, { timeout: PATIENCE }).toBe(MANY)
		await lookSmall('many')
	})
})
