import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/common/contract/analysis.ts'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import type { Finding } from '../../src/common/contract/report.ts'
import type { Study } from '../../src/common/contract/study.ts'
import { wilsonInterval } from '../../src/common/stats/wilson.ts'
import { libraryPaths } from '../../src/main/library/home.ts'
import { packManifest } from '../support/inferenceFixtures.ts'
import { aroundTests } from './support/aroundTests.ts'
import { deskFilms, type DeskFilm } from './support/deskFilms.ts'
import { readWithFixture } from './support/fixtureStudent.ts'
import { keysOf } from './support/keyboard.ts'
import { DESK, lookAt, picturesAreThere, WALL } from './support/look.ts'
import { goTo, goToSection, importFiles } from './support/rooms.ts'
import { documentationPicture, picture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser')
const HOSTILE = '<marquee>Nobody'
const NAMES = [
	`${HOSTILE}^Name`, 'אברהמוביץ^מרים', 'Oliveira de Albuquerque e Castro^Maria Antonieta das Dores', 'Weber^Anna', 'Nowak^Jan', 'Silva^Rui', 'Haddad^Leila', 'Ivanova^Olga', 'Chen^Wei', 'Rossi^Paolo', 'Dubois^Claire', 'Larsen^Nils',
	'Okafor^Ada', 'Garcia^Luis', 'Kim^Min', 'Novak^Petra', 'Yilmaz^Emre', 'Berg^Ingrid', 'Sato^Ken', 'Moreau^Luc', 'Fischer^Eva', 'Santos^Ana',
]
const PATIENTS = NAMES.length
const HALF = PATIENTS / 2

const stated = (name: string, value: number): ModelManifest['metrics'][number] => ({ name, split: 'validation', n: 664, value, interval: null, note: '' })

/** Calls COVID-19 on every film, so that there is a finding to decide on, and states what the weeks are held against. */
const manifest: ModelManifest = {
	...packManifest,
	labels: packManifest.labels.map((label) => ({ ...label, operatingPoint: { ...label.operatingPoint, value: label.name === 'covid19' ? 0.0001 : 0.9999 } })),
	abstention: { ...packManifest.abstention, threshold: 0.01 },
	metrics: [...packManifest.metrics, stated('share answered', 0.9), stated('share like the training images', 0.99)],
}

interface Read {
	film: DeskFilm
	studyId: number
	analysis: Analysis
	finding: Finding | undefined
}

async function rowsOf(table: Locator): Promise<string[]> {
	return (await table.getByRole('row').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim())
}

/** A share as the tables have it. */
function share(found: number, of: number): string {
	const [low, high] = wilsonInterval(found, of) ?? [0, 0]
	return `${((100 * found) / of).toFixed(1)} % (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}) ${found} of ${of}`
}

describe.skipIf(reason)(`what comes from the desk, and drift${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let parent: string
	let read: Read[] = []
	let blank: DeskFilm
	const { press, goWith } = keysOf(() => page)

	beforeAll(async () => {
		parent = await mkdtemp(join(tmpdir(), 'negatoscope-desk-'))
	})
	afterAll(() => rm(parent, { recursive: true, force: true }))
	aroundTests('learning', async (home) => {
		readWithFixture(home, manifest)
		session = await startSession({ shell: 'browser', home })
		page = session.page
		await page.getByRole('grid', { name: 'Worklist' }).waitFor()
	}, () => session)

	const look = (name: string, sizes = [DESK]) => lookAt(page, `learning-${name}`, sizes)
	const list = () => page.getByRole('list', { name: 'What readers decided' })
	const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) })
	const images = () => page.getByRole('listbox', { name: 'Images' })
	const tile = (text: string) => images().getByRole('option').filter({ hasText: text })
	const activeTile = () => images().evaluate((element) => document.getElementById(element.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label') ?? '')
	const shown = () => page.getByRole('status', { name: 'Images shown' }).innerText()
	const image = () => page.getByRole('complementary', { name: 'Image' })
	const notices = () => page.getByRole('region', { name: 'Notices' })
	const dismissAll = async () => {
		const dismiss = notices().getByRole('button', { name: 'Dismiss' })
		while ((await dismiss.count()) > 0) await dismiss.first().click()
	}

	const accept = ({ finding }: Read) => session.call('findings.update', { findingId: finding?.id, status: 'accepted' })
	async function rejectAndSign({ finding, studyId }: Read): Promise<void> {
		await session.call('findings.update', { findingId: finding?.id, status: 'rejected' })
		await session.call('reports.sign', { studyId, signedBy: 'Dr Weber' })
	}

	it('say what to do where nothing was decided and nothing was read', async () => {
		await press('Control+k')
		await page.keyboard.type('go to from the desk')
		await press('Enter')
		await page.getByText('No reader has decided anything yet.').waitFor()
		await look('none')
		await press('Control+k')
		await page.keyboard.type('go to drift')
		await press('Enter')
		await page.getByText('No model has answered in the last 26 weeks.').waitFor()
		await look('drift-none')
	})

	it('shows what is missing while too few patients were decided on', async () => {
		const made = await deskFilms(join(parent, 'films'), NAMES)
		blank = made.blank
		await goTo(page, 'Worklist')
		await importFiles(page, [...made.films, blank].map(({ path }) => path))
		await page.getByRole('button', { name: 'Close import summary' }).click()
		const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
		const studies = await Promise.all(rows.map(({ studyId }) => session.call<Study>('studies.get', { studyId })))
		for (const { id: studyId, patient, series } of studies) {
			const analysis = await session.call<Analysis>('analysis.run', { instanceId: series[0]?.instances[0]?.id, frameIndex: 0 })
			const [finding] = await session.call<Finding[]>('findings.list', { studyId })
			const film = [...made.films, blank].find(({ patientId }) => patientId === patient.patientId)
			if (film) read.push({ film, studyId, analysis, finding })
		}
		read = read.toSorted((a, b) => (a.film.patientId < b.film.patientId ? -1 : 1))
		expect(read.map(({ analysis }) => analysis.prediction.gate.ok)).toEqual([...NAMES.map(() => true), false])
		await goToSection(page, 'From the desk')
		await page.getByText('No reader has decided anything yet.').waitFor()
		for (const one of read.slice(0, 2)) await accept(one)
		// The list follows the desk by itself.
		await list().getByText('2 images of 2 patients').waitFor()
		await list().getByText('At least two labels need 10 patients each; 0 have them.').waitFor()
		await look('too-little')
		await list().getByRole('button').first().click()
		expect(await page.getByRole('button', { name: 'Make a data set' }).isDisabled()).toBe(true)
		await look('too-little-overview')
		await page.keyboard.press('Escape')

		for (const one of read.slice(2, HALF)) await accept(one)
		for (const one of read.slice(HALF, PATIENTS)) await rejectAndSign(one)
		await session.call('findings.add', { studyId: read[1]?.studyId, text: 'Fracture of the fifth rib' })
		await list().getByText(`${PATIENTS} images of ${PATIENTS} patients`).waitFor()
		await list().getByText('Enough to learn from').waitFor()
		await look('list')
	})

	describe('by keyboard alone', () => {
		it('a set is opened, counted and reviewed: left out, put back and undone', async () => {
			await goWith('Tab', list().getByRole('button').first())
			await press('Enter')
			await goWith('Tab', tab('Overview'))
			const [covid, normal, pneumonia] = manifest.labels.map(({ title }) => title)
			expect(await rowsOf(page.getByRole('table', { name: 'Images by label and decision' }))).toEqual([
				'Label Present Absent Not known All', `${covid} ${HALF} ${HALF} 0 ${PATIENTS}`, `${normal} ${HALF} ${HALF} 0 ${PATIENTS}`, `${pneumonia} 0 ${HALF} ${HALF} ${PATIENTS}`,
			])
			expect(await rowsOf(page.getByRole('table', { name: 'Patients by label' }))).toEqual(['Label With it Without it', `${covid} ${HALF} ${HALF}`, `${normal} ${HALF} ${HALF}`, `${pneumonia} 0 ${HALF}`])
			await page.getByText(`Too few patients for ${pneumonia}: 0 with it. The recipe of a data set leaves this label out.`).waitFor()
			await look('overview')

			await press('ArrowRight')
			await goWith('Tab', images())
			await expect.poll(shown).toBe(`${PATIENTS} images`)
			// The latest decision first.
			await expect.poll(activeTile).toBe(`Santos, Ana, 2026-01-02, ${normal} by the readers, ${covid} by the network, Corrected`)
			await press('x')
			await notices().getByText('1 image left out: a data set will not have it.').waitFor()
			await expect.poll(() => tile('Left out').count()).toBe(1)
			await press('ArrowRight', 'Space', 'Shift+ArrowRight', 'Shift+ArrowRight', 'x')
			await notices().getByText('3 images left out').waitFor()
			await expect.poll(() => tile('Left out').count()).toBe(4)
			await press('Control+z')
			await expect.poll(() => tile('Left out').count()).toBe(1)
			// Those that are so already are passed over, and stay so when it is undone.
			await press('Control+a', 'x')
			await notices().getByText(`${PATIENTS - 1} images left out`).waitFor()
			await press('Control+z')
			await expect.poll(() => tile('Left out').count()).toBe(1)
			await press('Home', 'u')
			await notices().getByText('1 image put back.').waitFor()
			await expect.poll(() => tile('Left out').count()).toBe(0)
			await press('x')
			await page.getByRole('tab', { name: 'Review (1 left out)' }).waitFor()
		})

		it('its images are filtered, and one is opened at the desk', async () => {
			await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Left out' })
			await expect.poll(shown).toBe('1 image')
			await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Accepted as the network said' })
			await expect.poll(shown).toBe(`${HALF} images`)
			await page.getByLabel('Present', { exact: true }).selectOption({ label: `Present: ${manifest.labels[1]?.title}` })
			await expect.poll(shown).toBe('0 images')
			await page.getByText('No image fits.').waitFor()
			await look('no-images')
			await press('Alt+c')
			await expect.poll(shown).toBe(`${PATIENTS} images`)
			await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Corrected by a reader' })
			await expect.poll(shown).toBe(`${HALF} images`)
			await press('Alt+c')
			await expect.poll(shown).toBe(`${PATIENTS} images`)
			await goWith('Tab', images())
			await press('End', 'ArrowLeft')
			// One of the first decisions; the reader wrote a finding himself.
			await image().getByText('Fracture of the fifth rib').waitFor()
			await tile(HOSTILE).waitFor()
			await press('Home', 'ArrowRight')
			const name = (await activeTile()).split(',')[0] ?? ''
			await press('Enter')
			await page.getByRole('banner').getByText(name).first().waitFor()
			await press('Alt+4')
			await images().waitFor()
			await expect.poll(activeTile).toContain(name)
		})
	})

	it('shows the network\'s answer beside the readers\' decision, and names in any script as text', async () => {
		await tile(NAMES[1]?.split('^')[0] ?? '').click()
		await image().getByText('Fracture of the fifth rib').waitFor()
		const [, first] = read
		expect(await rowsOf(image().getByRole('table', { name: 'Network and readers' }))).toEqual([
			'Label Network Readers', ...(first?.analysis.prediction.labels ?? []).map(({ title, positive, probability, finding }) => `${title} ${positive ? 'Called' : 'Not called'} ${probability.toFixed(3)} ${positive ? 'Present' : finding ? 'Not known' : 'Absent'}`),
		])
		await look('review', [WALL, DESK])
		expect([await page.locator('marquee').count(), await page.title()]).toEqual([0, expect.stringMatching(/^From the desk - Admin/)])
		await tile('Weber').click()
		await tile('Nowak').click({ modifiers: ['Control'] })
		await tile('Silva').click({ modifiers: ['Control'] })
		await image().getByText('2 images selected').waitFor()
		await image().getByRole('button', { name: 'Clear selection' }).click()
		await images().focus()
		await press('Home')
		await images().getByRole('option').nth(12).click()
		await press('x')
		await expect.poll(() => tile('Left out').count()).toBe(2)
		await images().getByRole('option').nth(4).click()
		await dismissAll()
		await picturesAreThere(page)
		await documentationPicture(page, 'from-the-desk')
		await press('Control+z')
		await expect.poll(() => tile('Left out').count()).toBe(1)
	})

	it('makes a data set, which is stopped while it is written, and leaves nothing then', async () => {
		await page.keyboard.press('Insert')
		const field = page.getByRole('textbox', { name: 'Name of the data set' })
		await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true)
		await page.getByText('a patient is a pseudonym such as p12').waitFor()
		const { imaging } = await session.hosts()
		// What writes the pictures stands still until it was cancelled.
		process.kill(imaging ?? 0, 'SIGSTOP')
		try {
			await page.keyboard.type('Never')
			await page.keyboard.press('Enter')
			await page.getByRole('progressbar', { name: 'Writing Never' }).waitFor()
			await look('making')
			await page.getByRole('button', { name: 'Cancel writing Never' }).click()
		} finally {
			process.kill(imaging ?? 0, 'SIGCONT')
		}
		await notices().getByText('The data set was cancelled; nothing was written.').waitFor()
		expect(await session.call('dataSets.list', {})).toEqual([])
		await dismissAll()
	})

	it('makes a data set of pseudonyms that is surveyed, opened, and taken to a new run', async () => {
		const field = page.getByRole('textbox', { name: 'Name of the data set' })
		await goWith('Tab', field)
		const name = `Our winter ${'and another long word '.repeat(4)}`.slice(0, 90).trim()
		await page.keyboard.type(name)
		await press('Enter')
		await page.getByText(`was made: ${PATIENTS - 1} images of ${PATIENTS - 1} patients.`).waitFor()
		const open = page.getByRole('button', { name: 'Open the data set' })
		await open.waitFor()
		await look('made')
		await dismissAll()
		const [dataSet] = await session.call<{ id: number; folder: string }[]>('dataSets.list', {})
		const table = await readFile(join(dataSet?.folder ?? '', 'manifest.csv'), 'utf8')
		expect(table.trim().split('\n')).toHaveLength(PATIENTS)
		for (const { film } of read) expect(table.includes(film.patientId) || table.includes(film.patientName.split('^')[0] ?? '')).toBe(false)
		await goWith('Tab', page.getByRole('button', { name: 'New run with it' }))
		await press('Enter')
		await page.getByRole('main', { name: 'New run' }).waitFor()
		await goToSection(page, 'From the desk')
		await open.click()
		await page.getByRole('heading', { level: 1, name }).waitFor()
		await page.getByText('Surveyed', { exact: true }).first().waitFor()
		expect((await rowsOf(page.getByRole('table', { name: 'Images by class and split' }))).map((row) => row.replaceAll(/ \d+ \d+ \d+ (\d+)$/g, ' $1'))).toEqual(['Class Train Validation Test All', `covid19 ${HALF}`, `normal ${HALF - 1}`])
	})

	it('counts this week as it was', async () => {
		await goToSection(page, 'Drift')
		const { labels } = manifest
		const answered = read.filter(({ analysis }) => analysis.prediction.gate.ok)
		expect(answered).toHaveLength(PATIENTS)
		const own = (await rowsOf(page.getByRole('table', { name: 'Weeks' })))[1]
		expect(own).toContain(` ${PATIENTS + 1} ${share(1, PATIENTS + 1)} blank 1 ${share(0, PATIENTS)} ${share(0, PATIENTS)} –`)
		const mean = answered.reduce((sum, { analysis }) => sum + (analysis.prediction.labels[0]?.probability ?? 0), 0) / PATIENTS
		const ofLabel = page.getByRole('table', { name: `${labels[0]?.title} by week` })
		expect((await rowsOf(ofLabel))[1]).toContain(` ${share(PATIENTS, PATIENTS)} ${mean.toFixed(3)} ${share(HALF, PATIENTS)} 0`)
		await page.getByText('One other was written in these weeks.').waitFor()
		await page.getByText('No week has the 30 images that it needs to be held against the model\'s own validation.').waitFor()
		await page.getByText('25 weeks without films, from this one on').first().waitFor()
		await look('drift-one-week')
		// Another label, and less to look at.
		await page.getByLabel('Label', { exact: true }).selectOption({ label: labels[1]?.title ?? '' })
		expect((await rowsOf(page.getByRole('table', { name: `${labels[1]?.title} by week` })))[1]).toContain(`${share(0, PATIENTS)} `)
		expect(await page.getByRole('figure', { name: 'Suggestions that readers rejected' }).count()).toBe(0)
		await page.getByLabel('Number of weeks', { exact: true }).selectOption({ label: 'The last 4 weeks' })
		await page.getByText('3 weeks without films, from this one on').first().waitFor()
	})

	it('says which of many weeks differ from the validation, and shows weeks without films as gaps', async () => {
		const differing = addOlderWeeks(session.home)
		await page.getByLabel('Number of weeks', { exact: true }).selectOption({ label: 'The last 26 weeks' })
		await page.getByLabel('Label', { exact: true }).selectOption({ label: manifest.labels[0]?.title ?? '' })
		await page.getByText(`${differing} of the 20 weeks with enough images differ from the model's own validation.`).waitFor()
		const sentences = page.getByRole('region', { name: 'Validation' }).getByRole('listitem')
		expect(await sentences.count()).toBe(differing)
		expect(await sentences.first().innerText()).toMatch(/^Week of \d{4}-\d\d-\d\d: The share of images on which the model abstains is 3\d\.\d % \(\d+ of \d+\) and was 9\.9 % on the validation images \(66 of 664\)\.$/)
		expect(await page.getByRole('table', { name: 'Weeks' }).getByText('Differs').count()).toBe(differing)
		await page.getByText('A week differs from a model\'s own validation where the 99 % intervals').waitFor()
		expect(await page.getByRole('figure', { name: 'Abstained' }).getByRole('img').getAttribute('aria-label')).toMatch(/^Abstained\. Abstained: 21 weeks, from .* On the validation images: 9\.9 % \(/)
		// The sign stands where the difference is.
		expect(await page.getByRole('figure').filter({ hasText: 'Triangle: a week that differs.' }).getByRole('heading').allInnerTexts()).toEqual(['Abstained'])
		await look('drift', [WALL, DESK])
		await documentationPicture(page, 'drift')
		// All of it is in reach of the keyboard.
		await goTo(page, 'Worklist')
		await press('Control+k')
		await page.keyboard.type('go to drift')
		await press('Enter')
		await goWith('Tab', page.getByLabel('Number of weeks', { exact: true }))
		await press('End')
		await expect.poll(() => page.getByLabel('Number of weeks', { exact: true }).inputValue()).toBe('52')
		await page.getByText('27 weeks without films, from this one on').first().waitFor()
		await picture(page, 'learning-drift-year')
		await press('ArrowUp')
		await goWith('Tab', page.getByRole('article', { name: 'What the model said' }))
		await press('End')
		await page.getByRole('article', { name: 'What the model said' }).evaluate(async (element) => {
			while (element.scrollTop + element.clientHeight < element.scrollHeight - 1) await new Promise(requestAnimationFrame)
		})
		await look('drift-labels')
		await goWith('Tab', page.getByLabel('Label', { exact: true }))
	})
})

/** Twenty weeks before the last ones, four of them empty between; in the latest three the model abstains too often. @returns how many differ. */
function addOlderWeeks(home: string): number {
	const database = new Database(libraryPaths(home).database)
	try {
		const model = JSON.stringify({ id: manifest.id, version: manifest.version, sha256: manifest.sha256 })
		const week = (ago: number) => (database.prepare(`SELECT strftime('%G-W%V', 'now', ?) AS week`).get(`-${7 * ago} days`) as { week: string }).week
		const empty = new Set([5, 6, 7, 15])
		let added = 0
		let differing = 0
		for (let ago = 1; added < 20; ago++) {
			if (empty.has(ago)) continue
			const images = 90 + ((ago * 37) % 60)
			const unlike = ago % 4
			const refused = unlike + 2 + (ago % 3)
			const abstained = Math.round((images - refused) * (ago <= 3 ? 0.34 : 0.08 + 0.01 * (ago % 5)))
			if (ago <= 3) differing += 1
			database.prepare('INSERT INTO drift_weeks VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(manifest.sha256, week(ago), 'student', model, manifest.title, images, refused, abstained)
			for (const [check, own] of [['likeness', unlike], ['lungs', refused - unlike]] as const) if (own > 0) database.prepare('INSERT INTO drift_refusals VALUES (?, ?, ?, ?)').run(manifest.sha256, week(ago), check, own)
			for (const [index, { name, title, finding }] of manifest.labels.entries()) {
				const calls = Math.round((images - refused) * (0.15 + 0.1 * index + 0.02 * (ago % 4)))
				database.prepare('INSERT INTO drift_labels VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(manifest.sha256, week(ago), name, title, finding ? 1 : 0, images - refused, calls, 0.9 * calls + 0.05 * images)
			}
			added += 1
		}
		return differing
	} finally {
		database.close()
	}
}
