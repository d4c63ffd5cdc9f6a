import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/common/contract/analysis.ts'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { aroundTests } from './support/aroundTests.ts'
import { keysOf } from './support/keyboard.ts'
import { DESK, lookAt, WALL } from './support/look.ts'
import { sharedData } from '../support/sharedData.ts'
import { addRuns, promotionPacks, type PromotionPacks } from './support/promotionPacks.ts'
import { goTo, goToSection, importFiles, openStudy, openTab, PATIENCE } from './support/rooms.ts'
import { documentationPicture, picture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser')
const BOTH = [WALL, DESK]
const tile = sharedData && join(sharedData, 'lc25000/colon_n/colonn728.jpg')
const HOSTILE = '<img src=x onerror="document.title=1">'

/** A sentence in which names are kept apart by characters that nobody sees. */
function words(text: string): RegExp {
	return new RegExp(text.split(' ').join('[\\u2068\\u2069 ]+').replaceAll('.', '[\\u2068\\u2069]?.[\\u2068\\u2069]?').replaceAll(',', '[\\u2068\\u2069]?,'))
}

describe.skipIf(reason)(`promotion in the Admin room${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let parent: string
	let packs: PromotionPacks
	const { press, goWith } = keysOf(() => page)

	beforeAll(async () => {
		parent = await mkdtemp(join(tmpdir(), 'negatoscope-packs-'))
	})
	afterAll(() => rm(parent, { recursive: true, force: true }))
	aroundTests('promotion', async (home) => {
		packs = await promotionPacks(home, parent)
		session = await startSession({ shell: 'browser', home })
		page = session.page
		// Long before the first chooser: the browser takes a while until it hands choosers over.
		page.on('filechooser', (chooser) => void chooser.setFiles(packs.damaged))
		await page.getByRole('grid', { name: 'Worklist' }).waitFor()
	}, () => session)

	const look = (name: string, sizes = [DESK]) => lookAt(page, `promotion-${name}`, sizes)
	const candidate = (title: string) => page.getByRole('region', { name: 'Candidates' }).getByRole('button', { name: title })
	const log = () => page.getByRole('region', { name: 'Decisions' })
	const readsNow = () => page.getByRole('region', { name: 'Reads now' })
	const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name })
	const button = (name: string | RegExp) => page.getByRole('main').getByRole('button', { name, exact: typeof name === 'string' })
	const section = (name: string) => page.getByRole('region', { name, exact: true })
	const progress = () => page.getByRole('progressbar', { name: 'Comparison' })
	const notice = (text: string) => page.getByRole('region', { name: 'Notices' }).getByRole('article').filter({ hasText: words(text) })

	async function chooseFile(path: string): Promise<void> {
		await page.getByLabel('Model pack to import').setInputFiles(path)
	}

	/** Compares the shown candidate on the folder, all of its films, and opens the report of the n-th comparison. */
	async function compareOnFolder(number: number, maps = 2): Promise<void> {
		await page.getByRole('radio', { name: /^A folder with a manifest/ }).check()
		await page.getByLabel('Path of the folder').fill(packs.data)
		await page.getByRole('combobox', { name: 'Split', exact: true }).selectOption({ label: 'All' })
		await page.getByLabel('Films whose maps are compared').fill(String(maps))
		await button('Compare').click()
		await section('Comparisons').getByRole('button', { name: new RegExp(`^${number}`) }).click({ timeout: PATIENCE })
		await page.getByRole('article', { name: 'Report' }).waitFor()
	}

	/** A picture of the guide shows no notice. */
	async function guidePicture(name: string): Promise<void> {
		const dismiss = page.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Dismiss' })
		while ((await dismiss.count()) > 0) await dismiss.first().click()
		await documentationPicture(page, name)
	}

	async function sign(name: string, why: string, title: string): Promise<void> {
		await page.getByLabel('Name of who decides').fill(name)
		await page.getByLabel('Reason', { exact: true }).fill(why)
		await button(title).click()
	}

	/** Lets the process that compares wait, or go on. */
	async function review(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
		const { hosts } = await session.call<{ hosts: { name: string; pid: number | null }[] }>('system.status', {})
		const pid = hosts.find(({ name }) => name === 'review')?.pid
		if (!pid) throw new Error('The review host does not run.')
		process.kill(pid, signal)
	}

	/** Reads the phantom's study. @returns ids of the models of its analyses, the newest first. */
	async function readStudy(model: RegExp): Promise<string[]> {
		await openStudy(page, 'PHANTOM')
		await openTab(page, 'Analysis')
		await page.getByRole('region', { name: 'Model', exact: true }).filter({ hasText: model }).waitFor()
		const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', { search: 'PHANTOM' })
		const { analyses } = await session.call<{ analyses: Analysis[] }>('studies.get', { studyId: rows[0]?.studyId })
		return analyses.map(({ prediction }) => prediction.model.id)
	}

	/** Has the tile read. @returns the model that read it. */
	async function readTile(): Promise<string> {
		const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', { search: 'colonn' })
		const { series } = await session.call<{ series: { instances: { id: number }[] }[] }>('studies.get', { studyId: rows[0]?.studyId })
		const { prediction } = await session.call<Analysis>('analysis.run', { instanceId: series[0]?.instances[0]?.id, frameIndex: 0 })
		expect(prediction.gate.ok).toBe(true)
		return prediction.model.id
	}

	it('says what to do where there is no candidate', async () => {
		await press('Control+k')
		await page.keyboard.type('go to promotion')
		await press('Enter')
		await page.getByText('No candidates yet.').waitFor()
		expect(await readsNow().innerText()).toContain('Synthetic films, first student')
		await page.getByText('Nothing was decided yet.').waitFor()
		await look('none')
	})

	it('refuses a damaged and a foreign file with the reason, and keeps nothing of them', async () => {
		await goToSection(page, 'Promotion')
		await press('Insert')
		await page.getByText(/ was not imported\. The archive is damaged or cut off\./).waitFor()
		await look('damaged')
		// Dropped on the section, a file is taken for a pack and not for a film.
		const foreign = await page.evaluateHandle((bytes) => {
			const transfer = new DataTransfer()
			transfer.items.add(new File([new Uint8Array(bytes)], 'films.zip'))
			return transfer
		}, [...(await readFile(packs.foreign))])
		await readsNow().dispatchEvent('dragenter', { dataTransfer: foreign })
		await page.getByText('Drop a model pack to import it as a candidate').waitFor()
		await readsNow().dispatchEvent('drop', { dataTransfer: foreign })
		await page.getByText(/films\.zip. was not imported\. It is no model pack of Negatoscope/).waitFor()
		await button('Put away').click()
		await page.getByText('No candidates yet.').waitFor()
	})

	it('imports a pack, shows its card, and exports what imports again', async () => {
		await chooseFile(packs.good.path)
		await heading('Synthetic films, second student').waitFor()
		await press('c')
		await page.getByRole('region', { name: 'Text of the card' }).getByText(/Research/).first().waitFor()
		await look('card')
		await press('Escape')
		const download = page.waitForEvent('download')
		await page.getByRole('link', { name: 'Export' }).click()
		const file = await download
		expect(file.suggestedFilename()).toBe('films-second-2.0.0.negatoscope-pack.zip')
		const exported = join(parent, file.suggestedFilename())
		await file.saveAs(exported)
		expect(Buffer.compare(await readFile(exported), await readFile(packs.good.path))).toBe(0)
		await press('Escape')
		await chooseFile(exported)
		await page.getByText(/already has the same network/).waitFor()
		await candidate('Synthetic films, second student').click()
		await button('Remove from the candidates').click()
		await look('removing')
		await button('Delete the pack').click()
		await page.getByText('No candidates yet.').waitFor()
		await chooseFile(exported)
		await heading('Synthetic films, second student').waitFor()
		await press('Escape')
	})

	it('lists packs of runs too, and says why one cannot be compared or used', async () => {
		addRuns(session.home, packs)
		await goToSection(page, 'Runs')
		await goToSection(page, 'Promotion')
		await page.getByText(/answers with other labels/).first().waitFor()
		await look('list', BOTH)
		await candidate('broken').click()
		await page.getByText('The SHA-256 of model.onnx is not the one in model.json').waitFor()
		await look('refused')
		await press('Escape')
		await candidate('نموذج').click()
		await page.getByText(/A candidate has to answer with the same labels/).waitFor()
		expect(await button('Decide').isDisabled()).toBe(true)
		await look('unfit')
		await press('Escape')
	})

	describe('by keyboard alone', () => {
		it('a candidate is opened and compared on the test split of its own run', async () => {
			await goWith('Tab', page.locator('[data-key]').first())
			await press('End', 'Home', 'ArrowDown')
			await goWith('ArrowDown', candidate('Synthetic films, trained again'))
			await press('Enter')
			await heading('Synthetic films, trained again').waitFor()
			await goWith('Tab', page.getByRole('radio', { name: /^The test split of its own run/ }))
			await look('films')
			await goWith('Tab', page.getByLabel('Films whose maps are compared'))
			await press('Control+a')
			await page.keyboard.type('0')
			await goWith('Tab', button('Compare'))
			await press('Enter')
			await section('Comparisons').getByRole('button', { name: /^1/ }).waitFor({ timeout: PATIENCE })
			await goWith('Tab', section('Comparisons').getByRole('button', { name: /^1/ }))
			await press('Enter')
			// There are fewer than twenty patients of each label in it.
			await section('Verdict').getByText('Insufficient').waitFor()
			await section('Verdict').getByText(/^There are too few patients/).waitFor()
			await look('insufficient')
		})

		it('it is declined, with a name and a reason', async () => {
			await press('d')
			await heading(/^Decide about/).waitFor()
			const accept = page.getByRole('radio', { name: /^Accept/ })
			await goWith('Tab', accept)
			await press('Space')
			// What is insufficient has to be acknowledged in words.
			await page.getByText('Tick that you have read what the comparisons say.').waitFor()
			const read = page.getByRole('checkbox', { name: /too few patients to say which model is better, and accept/ })
			await goWith('Tab', read)
			await press('Space')
			await page.getByText('Give your name.').waitFor()
			await look('deciding')
			await goWith('Shift+Tab', accept)
			await press('ArrowDown')
			await goWith('Tab', page.getByLabel('Name of who decides'))
			await page.keyboard.type(`Dr ${HOSTILE}`)
			await goWith('Tab', page.getByLabel('Reason', { exact: true }))
			await page.keyboard.type('نفس الإجابات: no better than what reads now.')
			await goWith('Tab', button('Sign and decline'))
			await press('Enter')
			await notice('was declined; Synthetic films, first student 1.0.0 goes on.').waitFor()
			await candidate('Synthetic films, trained again').getByText('Declined').waitFor()
			expect(await log().getByRole('listitem').count()).toBe(1)
			expect(await log().innerText()).toContain(HOSTILE)
			expect([await page.locator('img[src="x"]').count(), await page.title()]).toEqual([0, expect.stringMatching(/^Promotion - Admin/)])
			await look('declined')
		})
	})

	it('reads a study with the model that reads now', async () => {
		const film = join(parent, 'phantom.dcm')
		await writeFile(film, phantomDicomFile())
		await importFiles(page, [film])
		await page.getByRole('button', { name: 'Close import summary' }).click()
		expect(await readStudy(/first student/)).toEqual(['films-first'])
	})

	it('says how far a comparison is, goes on while one works elsewhere, and is cancelled', async () => {
		await goToSection(page, 'Promotion')
		await candidate('Synthetic films, second student').click()
		await page.getByRole('radio', { name: /^A folder with a manifest/ }).check()
		await page.getByText('Name the folder of the films.').waitFor()
		await button('Browse').click()
		const path = page.getByRole('combobox', { name: 'Path of the folder' })
		// The home folder comes first.
		await expect.poll(() => path.inputValue()).not.toBe('')
		await path.fill(`${parent}/`)
		await page.getByRole('listbox', { name: 'Folders' }).getByRole('option', { name: 'Synthetic films' }).waitFor()
		await look('browsing')
		await path.fill(packs.data)
		await page.getByRole('button', { name: 'Use this folder' }).click()
		expect(await page.getByRole('textbox', { name: 'Path of the folder' }).inputValue()).toBe(packs.data)
		await page.getByRole('combobox', { name: 'Split', exact: true }).selectOption({ label: 'All' })
		await page.getByLabel('Films whose maps are compared').fill('100')
		await button('Compare').click()
		await page.getByText(/^(Current model|Candidate|Comparing maps): [\d,]+ of [\d,]+ films/).waitFor()
		// It is over in a few seconds: it waits while it is looked at.
		await review('SIGSTOP')
		await look('comparing')
		await press('Escape')
		await page.getByText(/^Imported pack .films-second.$/).waitFor()
		await look('list-comparing')
		await candidate('Synthetic films, second student').click()
		await button('Cancel the comparison').click()
		await review('SIGCONT')
		await progress().waitFor({ state: 'detached' })
		await section('Comparisons').getByText('None yet.').waitFor()
		await button('Compare').click()
		await progress().waitFor()
		await review('SIGSTOP')
		await goTo(page, 'Worklist')
		await review('SIGCONT')
		await notice('Imported pack films-second has been compared').getByRole('button', { name: 'Open' }).click({ timeout: PATIENCE })
		await section('Verdict').getByText('Better').waitFor()
	})

	it('reports both models side by side, with cautions', async () => {
		await section('Cautions').getByText(/^The films are not a test split \(all\)/).waitFor()
		const overall = section('Overall').getByRole('row', { name: /^Balanced accuracy/ })
		expect((await overall.innerText()).replaceAll(/\s+/g, ' ')).toMatch(/^Balanced accuracy 0\.\d{3} 0\.\d{3} \+0\.\d{3} \(\+0\.\d{3} to \+0\.\d{3}\)$/)
		await overall.getByRole('img', { name: 'Better:' }).waitFor()
		for (const title of ['Both lungs', 'Left lung', 'Upper lobes']) await section('By label').getByRole('rowheader', { name: title }).waitFor()
		expect(await section('Operating points and calls').getByRole('row').nth(2).innerText()).toMatch(/0\.\d{3}\s+0\.\d{3}/)
		expect(await section('Calibration').getByRole('figure').count()).toBe(2)
		await section('Abstention').getByRole('row', { name: /^Candidate/ }).waitFor()
		expect(await section('Time').innerText()).toMatch(/The candidate takes \d+\.\d+ times as long\./)
		expect(await section('Maps').innerText()).toMatch(/Correlation\s+1\.000\s/)
		expect(await section('What was compared').innerText()).toMatch(/[0-9a-f]{64}/)
		await look('better', BOTH)
		await guidePicture('promotion-report')
		for (const [index, title] of ['By label', 'Calibration', 'Time'].entries()) {
			await section(title).evaluate((element) => element.scrollIntoView({ block: 'start' }))
			await picture(page, `promotion-better-${index + 2}`)
		}
	})

	it('compares on the films of the library, names the studies that would be read differently, and is no verdict', async () => {
		await press('Escape')
		await page.getByRole('radio', { name: /^Films of the library/ }).check()
		await page.getByLabel('Films whose maps are compared').fill('1')
		await button('Compare').click()
		await section('Comparisons').getByRole('button', { name: /^3/ }).click({ timeout: PATIENCE })
		await section('Another answer').waitFor()
		await section('Verdict').getByText('No verdict').waitFor()
		await section('Verdict').getByText('Films whose truth is not known cannot say which model is better.').waitFor()
		await look('library')
		const open = section('Studies that would be read differently').getByRole('button', { name: /^Open study/ })
		expect(await open.count()).toBe(1)
		await open.click()
		await page.getByRole('region', { name: 'Light box 1', exact: true }).waitFor()
		await goToSection(page, 'Promotion')
	})

	it('accepts it by a signed decision, which says what changes', async () => {
		await press('Escape')
		await button('Decide').click()
		await page.getByRole('radio', { name: /^Accept/ }).check()
		await section('What changes').getByText(/Analyses that were made so far keep the model that made them/).waitFor()
		expect(await section('Operating points').getByRole('row').nth(1).innerText()).toMatch(/Both lungs\s+0\.\d{3}\s+0\.\d{3}/)
		// A verdict is there, so that nothing has to be acknowledged; the comparison on the library alone has none.
		expect(await page.getByRole('checkbox', { name: /accept the candidate all the same/ }).count()).toBe(0)
		await page.getByRole('checkbox', { name: /^2:/ }).uncheck()
		await page.getByRole('checkbox', { name: /nothing was compared on films whose truth is known/ }).waitFor()
		await page.getByRole('checkbox', { name: /^2:/ }).check()
		await page.getByLabel('Name of who decides').fill('Dr Weber')
		await page.getByLabel('Reason', { exact: true }).fill('Fewer errors on every label of sixty patients, and no longer to wait. I looked at the studies that change.')
		await look('accepting')
		await guidePicture('promotion-decision')
		await button('Sign and accept').click()
		await notice('Synthetic films, second student 2.0.0 reads in place of Synthetic films, first student 1.0.0.').getByRole('button', { name: 'Roll back…' }).waitFor()
		await readsNow().getByText('Synthetic films, second student').waitFor()
		await candidate('Synthetic films, second student').getByText('Reads now').waitFor()
		await look('accepted')
		expect(await readStudy(/second student/)).toEqual(['films-second', 'films-first'])
	})

	it.skipIf(!tile)('which leaves tissue to the student for tissue', async () => {
		await importFiles(page, [tile ?? ''])
		await page.getByRole('button', { name: 'Close import summary' }).click()
		expect(await readTile()).toBe('lc5-ofa595')
		await goToSection(page, 'Promotion')
		await readsNow().getByRole('row', { name: /^Histology patches Lung and colon tissue/ }).waitFor()
	})

	it('may be accepted although it is worse, once that is acknowledged', async () => {
		await goToSection(page, 'Promotion')
		await candidate('Synthetic films, trained again').click()
		await section('Comparisons').getByText(/is not the model that reads now/).waitFor()
		await compareOnFolder(4, 0)
		await section('Verdict').getByText('Worse').waitFor()
		await look('worse')
		await button('Decide').click()
		await page.getByRole('radio', { name: /^Accept/ }).check()
		await page.getByLabel('Reason', { exact: true }).fill('To see that it can be done.')
		// Who signed last is remembered in this window.
		expect(await page.getByLabel('Name of who decides').inputValue()).toBe('Dr Weber')
		expect(await button('Sign and accept').isDisabled()).toBe(true)
		await look('accepting-worse')
		await page.getByRole('checkbox', { name: /I have read that the candidate was found worse/ }).check()
		expect(await button('Sign and accept').isDisabled()).toBe(false)
		await press('Escape', 'Escape')
	})

	it('says why a rollback cannot be, and rolls back in one step once it can', async () => {
		await goToSection(page, 'Promotion')
		await press('Escape')
		const [there, away] = [join(session.home, 'models', 'films-first'), join(session.home, 'films-first')]
		await rename(there, away)
		await session.call('models.list', {})
		await goToSection(page, 'Models')
		await goToSection(page, 'Promotion')
		await page.getByText(/^No rollback: The pack of Synthetic films, first student .* is no longer among the model packs/).waitFor()
		expect(await readsNow().getByRole('button', { name: /^Roll back/ }).isDisabled()).toBe(true)
		await look('no-way-back')
		await rename(away, there)
		await session.call('models.list', {})
		await goToSection(page, 'Models')
		await goToSection(page, 'Promotion')
		await expect.poll(() => readsNow().getByRole('button', { name: /^Roll back to/ }).isEnabled()).toBe(true)
		await readsNow().getByRole('button', { name: /^Roll back to/ }).click()
		await section('What changes').getByText(words('Synthetic films, first student 1.0.0 reads again in place of Synthetic films, second student 2.0.0.')).waitFor()
		await look('rolling-back')
		await sign('Dr Weber', 'Too many false calls on portable films.', 'Sign and roll back')
		await notice('reads again in place of').waitFor()
		await readsNow().getByRole('row', { name: 'Synthetic films, first student' }).waitFor()
		expect(await log().getByRole('listitem').count()).toBe(3)
		await look('rolled-back')
		if (tile) expect(await readTile()).toBe('lc5-ofa595')
		// The answer of before is the study's again, and that of the other model is still there, under its name.
		expect(await readStudy(/first student/)).toEqual(['films-second', 'films-first'])
	})

	it('tells a failure, and a log that was tampered with', async () => {
		await goToSection(page, 'Promotion')
		await candidate('Synthetic films, second student').click()
		await page.getByRole('radio', { name: /^A folder with a manifest/ }).check()
		await page.getByLabel('Path of the folder').fill(join(parent, 'nowhere'))
		await button('Compare').click()
		await page.getByText(/^The comparison failed\. .* Nothing of it was kept\.$/).waitFor()
		await look('failed')
		await page.getByRole('radio', { name: /^The test split of a data set/ }).check()
		await page.getByText('No data set is registered yet.').waitFor()
		await session.call('dataSets.add', { title: 'Films as a data set', recipe: { layout: 'manifest', folder: packs.data } })
		await page.getByRole('combobox', { name: 'Data set' }).waitFor()
		await page.getByLabel('Films whose maps are compared').fill('0')
		await look('data-set')
		await button('Compare').click()
		await section('Comparisons').getByRole('button', { name: /30 films/ }).waitFor({ timeout: PATIENCE })
		await page.routeWebSocket(/\/socket$/, (socket) => {
			const server = socket.connectToServer()
			server.onMessage((message) => socket.send(String(message).replace('"fault":""', '"fault":"Decision 2 is not what was signed: its hash differs."')))
		})
		await page.reload()
		await goToSection(page, 'Promotion')
		await page.getByRole('alert').getByText('The log of decisions was changed after it was signed.').waitFor()
		await look('tampered')
	})
})
