import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { compareMaps } from '../../src/common/cam/compareMaps.ts'
import { changedPixels, removalOrder } from '../../src/common/cam/perturbation.ts'
import type { Analysis, CamState, StoredCam } from '../../src/common/contract/analysis.ts'
import type { Faithfulness } from '../../src/common/contract/explanation.ts'
import { dataSetBytes, dicomFile } from '../../src/common/imaging/dicomWriter.ts'
import { divergingColours, divergingIndex } from '../../src/common/imaging/divergingColours.ts'
import { upsampleBilinear } from '../../src/common/imaging/overlay.ts'
import { phantomElements } from '../../src/common/imaging/phantomDicom.ts'
import { PHANTOM, phantomPixels } from '../../src/common/imaging/phantom.ts'
import { packManifest, wholePackManifest } from '../support/inferenceFixtures.ts'
import { axeFindsNothing } from './support/look.ts'
import { aroundTests } from './support/aroundTests.ts'
import { callingTwo, readWithFixture } from './support/fixtureStudent.ts'
import { filmOf, frameShown, gridOf, overlayOf, placementOf, type Point } from './support/canvases.ts'
import { drag, filmReady, importFiles, mapExact, openTab, PATIENCE, stated } from './support/rooms.ts'
import { addTeacher } from './support/teacher.ts'
import { documentationPicture, picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']
const SECOND_FILM = '2.25.161803398874989484820458683436563811.4'

/** The phantom's study has one film; this is a second one of the same series, the phantom mirrored. */
function secondFilm(): Uint8Array<ArrayBuffer> {
	const pixels = phantomPixels()
	const bytes = new Uint8Array(pixels.length * 2)
	const view = new DataView(bytes.buffer)
	for (const index of pixels.keys()) {
		const column = index % PHANTOM.columns
		view.setUint16(index * 2, pixels[index - column + (PHANTOM.columns - 1 - column)] ?? 0, true)
	}
	const changed = new Map<number, string>([[0x00080018, SECOND_FILM], [0x00200013, '2']])
	const elements = phantomElements().map((element) => ({ ...element, value: changed.get(element.tag) ?? element.value }))
	return dicomFile('1.2.840.10008.1.2.1', '1.2.840.10008.5.1.4.1.1.1.1', SECOND_FILM, dataSetBytes([...elements, { tag: 0x7fe00010, vr: 'OW', value: bytes }]))
}

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	describe.skipIf(reason)(`how far to trust a map, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page
		let film: Locator
		let student: Analysis
		let teacher: Analysis

		aroundTests(shell, async (home) => {
			readWithFixture(home, callingTwo(wholePackManifest))
			addTeacher(home)
			session = await startSession({ shell, home, parameters: ['--sample'] })
			page = session.page
		}, () => session)

		const badge = (box = 1) => page.getByRole('note', { name: `Map on light box ${box}` })
		const badgeWords = async (box = 1) => (await badge(box).locator('p').allTextContents()).map((line) => line.trim()).join(' | ')
		const legend = () => page.getByRole('region', { name: 'Map legend' })
		const faithfulness = () => page.getByRole('region', { name: 'Faithfulness', exact: true })
		const slider = () => page.getByRole('slider', { name: 'Share of the hottest pixels removed' })
		const secondOpinion = () => page.getByRole('region', { name: 'Second opinion' })
		const overlayKind = (box = 0) => page.evaluate((index) => document.querySelector<HTMLCanvasElement>(`.light-box-holder[data-box="${index}"] canvas.map-overlay`)?.dataset['kind'] ?? '', box)
		const isBare = async (box = 0) => !(await overlayOf(page, box)).pixels.some((value) => value > 0)

		async function press(...keys: string[]): Promise<void> {
			await film.focus()
			for (const key of keys) await page.keyboard.press(key)
			await filmReady(page)
		}

		async function analyses(): Promise<Analysis[]> {
			const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
			return (await session.call<{ analyses: Analysis[] }>('studies.get', { studyId: rows[0]?.studyId })).analyses
		}

		async function stateOf(analysis: Analysis): Promise<CamState> {
			const [stored] = await session.call<StoredCam[]>('explanation.stored', { analysisId: analysis.id })
			if (!stored) throw new Error('There is no finished map.')
			return stored.state
		}

		const measuredOf = (analysis: Analysis, label: string) => session.call<Faithfulness>('explanation.faithfulness', { analysisId: analysis.id, label })

		it('shows no map before the reader asks for one', async () => {
			film = await filmReady(page)
			await openTab(page, 'Analysis')
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			await secondOpinion().getByText('Agree').waitFor()
			const all = await analyses()
			student = all.find(({ role }) => role === 'student') as Analysis
			teacher = all.find(({ role }) => role === 'teacher') as Analysis
			expect(student.prediction.labels.filter(({ positive }) => positive).length).toBeGreaterThan(0)
			expect(await isBare()).toBe(true)
			expect(await legend().count() + await badge().count()).toBe(0)
		})

		it('says on the film how far the map is, and nothing of its worth before it is exact', async () => {
			await page.evaluate(() => {
				const seen: string[] = []
				Object.assign(window, { seenBadges: seen })
				new MutationObserver(() => {
					const words = document.querySelector<HTMLElement>('.map-badge')?.innerText.replaceAll(/\s+/g, ' ').trim()
					if (words !== undefined && words !== seen.at(-1)) seen.push(words)
				}).observe(document.body, { childList: true, subtree: true, characterData: true })
			})
			await page.getByRole('button', { name: 'Why COVID-19' }).click()
			await mapExact(page)
			const seen = await page.evaluate(() => (window as unknown as { seenBadges: string[] }).seenBadges)
			process.stdout.write(`badges: ${seen.join(' > ')}\n`)
			for (const words of seen) expect(words).toMatch(/^COVID-19 (waiting|starting|preview \(Recipro-CAM\)|\d{1,2} %(, error below \d\.\d\d)?|exact( faithfulness is being measured| (Warning: no )?better than chance| empty:.*)?)$/)
			const [preview, share] = [seen.findLastIndex((words) => words.includes('preview')), seen.findIndex((words) => / \d{1,2} %/.test(words))]
			expect(share).toBeGreaterThan(preview)
			expect(await badgeWords()).toMatch(/^COVID-19 \| exact/)
		})

		it('measures how faithful the finished map is while one reads on, and says it in words', async () => {
			await expect.poll(() => badgeWords(), { timeout: PATIENCE }).toMatch(/chance$/)
			const measured = await measuredOf(student, 'covid19')
			const isBetter = measured.verdict === 'better'
			expect(await badgeWords()).toBe(`COVID-19 | exact | ${isBetter ? 'better than chance' : 'Warning: no better than chance'}`)
			const words = (await faithfulness().innerText()).replaceAll(/\s+/g, ' ')
			expect(words).toContain(isBetter ? 'Better than chance:' : 'No better than chance:')
			expect(words).toContain(`Deletion area ${measured.deletion.area.toFixed(2)}`)
			expect(words).toContain(`Insertion area ${measured.insertion.area.toFixed(2)}`)
			expect(words).toContain(`Chance ${measured.chance.toFixed(2)}`)
			await picture(page, `${shell}-faithfulness`)
			await faithfulness().getByText('What these numbers mean').click()
			await faithfulness().getByText('They tell whether the map shows what moved the network').waitFor()
			await picture(page, `${shell}-faithfulness-terms`)
			await axeFindsNothing(page, 'map with its faithfulness')
			await faithfulness().getByText('What these numbers mean').click()
		})

		it('lets the reader watch the probability fall, by keyboard alone', async () => {
			const { deletion } = await measuredOf(student, 'covid19')
			const before = await filmOf(page)
			await press('f')
			await expect.poll(() => slider().evaluate((element) => element === document.activeElement)).toBe(true)
			await page.keyboard.press('Shift+ArrowRight')
			await page.keyboard.press('ArrowRight')
			await page.keyboard.press('ArrowRight')
			expect(await slider().inputValue()).toBe('12')
			await expect.poll(() => badgeWords()).toBe(`COVID-19 | 12 % of the pixels removed | probability ${deletion.probabilities[12]?.toFixed(2)}, was ${deletion.probabilities[0]?.toFixed(2)}`)
			expect(await overlayKind()).toBe('removed')
			await faithfulness().getByText(`probability ${deletion.probabilities[12]?.toFixed(2)}`).waitFor()
			await documentationPicture(page, 'deletion')
			await axeFindsNothing(page, 'film with pixels removed')
			// The film itself is as it was.
			expect((await filmOf(page)).pixels.equals(before.pixels)).toBe(true)
			await page.keyboard.press('End')
			await expect.poll(() => badgeWords()).toContain('100 % of the pixels removed')
			await page.keyboard.press('Shift+ArrowLeft')
			await page.keyboard.press('ArrowLeft')
			expect(await slider().inputValue()).toBe('89')
		})

		it('brings the film back with Escape, and as soon as the slider is left', async () => {
			await page.keyboard.press('Escape')
			await expect.poll(() => overlayKind()).toBe('map')
			expect(await slider().inputValue()).toBe('0')
			expect(await film.evaluate((element) => element === document.activeElement)).toBe(true)
			expect(await badgeWords()).not.toContain('removed')

			await press('f')
			await page.keyboard.press('ArrowRight')
			await expect.poll(() => overlayKind()).toBe('removed')
			await page.keyboard.press('Tab')
			await expect.poll(() => overlayKind()).toBe('map')
			expect(await slider().inputValue()).toBe('0')

			// A key image is of the film: on the way to its button the slider is left.
			await slider().fill('40')
			await slider().focus()
			await page.keyboard.press('ArrowRight')
			await expect.poll(() => overlayKind()).toBe('removed')
			await openTab(page, 'Report')
			await expect.poll(() => overlayKind()).toBe('map')
			await openTab(page, 'Analysis')
			expect(await slider().inputValue()).toBe('0')
		})

		it('covers exactly the pixels that were removed, at any zoom, turn and flip', async () => {
			const frame = await frameShown(page, film)
			const { columns, rows, spacing } = frame.header
			const aspect = spacing ? spacing.row / spacing.column : 1
			const state = await stateOf(student)
			const { height, width } = await measuredOf(student, 'covid19')
			const order = removalOrder({ ...state, values: state.maps['covid19'] ?? [] }, height, width)
			for (const keys of [['`'], ['`', 'r', 'h'], ['`', 'l', 'v', '+', '+'], ['`', 'v', '!']]) {
				await press(...keys)
				await press('f')
				for (const key of ['PageUp', 'PageUp', 'ArrowRight']) await page.keyboard.press(key)
				await expect.poll(() => overlayKind()).toBe('removed')
				const removed = new Set(order.subarray(0, changedPixels(height * width, 0.21)))
				const overlay = await overlayOf(page)
				const { toCanvas } = await placementOf(film, overlay, aspect)
				const wrong: string[] = []
				let looked = 0
				for (let pixel = 0; pixel < height * width; pixel++) {
					const point: Point = [((pixel % width) + 0.5) * (columns / width) - 0.5, (Math.floor(pixel / width) + 0.5) * (rows / height) - 0.5]
					const [x, y] = toCanvas(point).map(Math.floor) as Point
					if (x < 2 || y < 2 || x > overlay.width - 3 || y > overlay.height - 3) continue
					looked += 1
					const colour = Array.from(overlay.pixels.subarray((y * overlay.width + x) * 4, (y * overlay.width + x) * 4 + 4)).join(' ')
					if (colour !== (removed.has(pixel) ? '128 128 128 255' : '0 0 0 0')) wrong.push(`${pixel}: ${colour}`)
				}
				process.stdout.write(`${keys.join(' ')}: ${looked} pixels in sight, ${wrong.length} wrong\n`)
				expect(looked).toBeGreaterThan(2000)
				expect(wrong, keys.join(' ')).toEqual([])
				await page.keyboard.press('Escape')
			}
			await press('`')
		})

		it('says why faithfulness could not be measured, keeps the map, and tries again', async () => {
			await page.getByRole('button', { name: 'Why Normal' }).click()
			await faithfulness().getByText(/^Measuring/).waitFor()
			expect(await badgeWords()).toBe('Normal | exact | faithfulness is being measured')
			process.kill((await session.hosts()).inference as number, 'SIGKILL')
			await faithfulness().getByText('The faithfulness could not be measured.').waitFor()
			await expect.poll(() => badgeWords()).toBe('Normal | exact | faithfulness not measured')
			expect(await overlayKind()).toBe('map')
			await picture(page, `${shell}-faithfulness-failed`)
			await faithfulness().getByRole('button', { name: 'Measure again' }).click()
			await expect.poll(() => badgeWords(), { timeout: PATIENCE }).toMatch(/chance$|speaks for it$/)
			await page.getByRole('button', { name: 'Why COVID-19' }).click()
		})

		it('draws the contour instead of colours by key and by button, light with a dark rim', async () => {
			await press('c')
			await expect.poll(() => legend().getByRole('button', { name: 'Contour' }).getAttribute('aria-pressed')).toBe('true')
			const { pixels } = await overlayOf(page)
			let [light, dark, covered] = [0, 0, 0]
			for (let at = 0; at < pixels.length; at += 4) {
				if (pixels[at + 3] === 0) continue
				covered += 1
				if ((pixels[at] ?? 0) > 200 && (pixels[at + 3] ?? 0) > 200) light += 1
				if ((pixels[at] ?? 0) < 30 && (pixels[at + 3] ?? 0) > 150) dark += 1
			}
			expect(light).toBeGreaterThan(500)
			expect(dark).toBeGreaterThan(500)
			// A line, not an area: the film stays free.
			expect(covered).toBeLessThan(pixels.length / 4 / 20)
			expect(await legend().getByLabel('Map opacity').isDisabled()).toBe(true)
			await picture(page, `${shell}-contour`)
			await page.keyboard.press('i')
			await picture(page, `${shell}-contour-inverted`)
			await press('i')
			await legend().getByRole('button', { name: 'Colour' }).click()
			expect((await overlayOf(page)).pixels.filter((value, index) => index % 4 === 3 && value > 0).length).toBeGreaterThan(covered * 3)
		})

		it('makes the map fainter and stronger by key', async () => {
			await legend().getByLabel('Map opacity').fill('0.5')
			await press(',')
			await expect.poll(() => legend().getByLabel('Map opacity').inputValue()).toBe('0.4')
			await press('.', '.')
			await expect.poll(() => legend().getByLabel('Map opacity').inputValue()).toBe('0.6')
			await press(',')
		})

		it('shows the map of a label below its operating point only because the reader asks, and says so', async () => {
			const { name, title } = student.prediction.labels.find(({ positive }) => !positive) as Analysis['prediction']['labels'][number]
			for (let step = 0; step < student.prediction.labels.length; step++) {
				await press('n')
				expect(await badgeWords()).not.toContain(title)
			}
			await press('g')
			await expect.poll(() => isBare()).toBe(true)
			await press('g')
			await expect.poll(() => badgeWords()).not.toBe('')
			expect(await badgeWords()).not.toContain(title)
			await page.getByRole('button', { name: `Show anyway ${title}` }).click()
			await expect.poll(() => badgeWords()).toMatch(/ \| not called, shown because you asked \| exact/)
			await expect.poll(() => badgeWords(), { timeout: PATIENCE }).toMatch(/chance$|speaks for it$/)
			expect((await measuredOf(student, name)).label).toBe(name)
			await picture(page, `${shell}-map-below`)
		})

		it('lays no map over another film than its own', async () => {
			await page.getByRole('button', { name: 'Why COVID-19' }).click()
			await expect.poll(() => badgeWords()).toMatch(/^COVID-19/)
			const path = join(session.home, 'second.dcm')
			await writeFile(path, secondFilm())
			await importFiles(page, [path])
			await page.getByRole('button', { name: 'Close import summary' }).click()
			const instance = await stated(film, 'instance')
			await film.focus()
			await page.keyboard.press('ArrowDown')
			await expect.poll(() => stated(film, 'instance')).not.toBe(instance)
			await filmReady(page)
			expect(await isBare()).toBe(true)
			expect(await legend().count() + await badge().count()).toBe(0)
			// Nor when its own answer comes.
			await expect.poll(async () => (await analyses()).filter(({ role }) => role === 'student').length).toBe(2)
			expect(await isBare()).toBe(true)
			await picture(page, `${shell}-other-film`)
			await film.focus()
			await page.keyboard.press('ArrowUp')
			await filmReady(page)
			await expect.poll(() => badgeWords()).toMatch(/^COVID-19 \| exact/)
		})

		it('puts the teacher\'s map beside the student\'s, each with its own badge', async () => {
			await page.getByRole('button', { name: 'Why COVID-19' }).click()
			await press('+', 't')
			await filmReady(page, 2)
			expect(await badgeWords(2)).toMatch(/^Teacher · COVID-19/)
			await expect.poll(() => badgeWords(1), { timeout: PATIENCE }).toMatch(/^Student · COVID-19 \| exact \| .*chance/)
			await expect.poll(() => badgeWords(2), { timeout: PATIENCE }).toMatch(/^Teacher · COVID-19 \| exact \| .*(chance|speaks)/)
			expect(await overlayKind(0) + await overlayKind(1)).toBe('mapmap')
			expect((await overlayOf(page, 0)).pixels.equals((await overlayOf(page, 1)).pixels)).toBe(false)
			const right = await filmReady(page, 2)
			expect(await stated(right, 'zoom')).toBeCloseTo(await stated(film, 'zoom'), 6)

			await press('r', 'i')
			await expect.poll(async () => [await stated(right, 'rotation'), await right.getAttribute('data-invert')]).toEqual([90, 'true'])
			await press('`')
			await expect.poll(async () => [await stated(right, 'rotation'), await right.getAttribute('data-invert')]).toEqual([0, 'false'])
			await page.keyboard.press('p')
			await drag(page, film, [[0.5, 0.5], [0.4, 0.6]])
			await page.keyboard.press('w')
			await expect.poll(async () => Math.abs(await stated(right, 'column') - await stated(film, 'column'))).toBeLessThan(1)
			await press('`')

			const [one, other] = [await stateOf(student), await stateOf(teacher)]
			expect([other.width, other.height]).toEqual([8, 8])
			const { correlation, rankCorrelation } = compareMaps({ ...one, values: one.maps['covid19'] ?? [] }, { ...other, values: other.maps['covid19'] ?? [] })
			const words = (await secondOpinion().innerText()).replaceAll(/\s+/g, ' ')
			expect(words).toMatch(/The maps are (much|partly|little|not) alike\./)
			expect(words).toContain(`Correlation ${correlation?.toFixed(2)} Rank correlation ${rankCorrelation?.toFixed(2)}`)
			await secondOpinion().scrollIntoViewIfNeeded()
			await documentationPicture(page, 'comparison')
			await axeFindsNothing(page, 'two maps compared')
		})

		it('shows where the two disagree, in two colours that nobody takes for the other', async () => {
			await legend().getByLabel('Map opacity').fill('1')
			await legend().getByLabel('Map threshold').fill('0.2')
			await press('m')
			await expect.poll(() => badgeWords(1)).toMatch(/^COVID-19 \| where the two disagree/)
			expect(await isBare(1)).toBe(true)
			expect(await badge(2).count()).toBe(0)
			const [one, other] = [await stateOf(student), await stateOf(teacher)]
			const frame = await frameShown(page, film)
			const { columns, rows, spacing } = frame.header
			const valuesOf = ({ maps, width, height }: CamState) => upsampleBilinear(maps['covid19'] ?? [], width, height, columns, rows)
			const [ofStudent, ofTeacher] = [valuesOf(one), valuesOf(other)]
			const overlay = await overlayOf(page)
			const { toCanvas } = await placementOf(film, overlay, spacing ? spacing.row / spacing.column : 1)
			const table = divergingColours()
			let [looked, orange, blue] = [0, 0, 0]
			for (const point of gridOf(frame.header, 48)) {
				const [x, y] = toCanvas(point).map(Math.floor) as Point
				const place = point[1] * columns + point[0]
				const difference = (ofStudent[place] ?? 0) - (ofTeacher[place] ?? 0)
				if (x < 2 || y < 2 || x > overlay.width - 3 || y > overlay.height - 3 || Math.abs(Math.abs(difference) - 0.2) < 0.04) continue
				const colour = overlay.pixels.subarray((y * overlay.width + x) * 4, (y * overlay.width + x) * 4 + 4)
				looked += 1
				if (Math.abs(difference) < 0.2) expect(colour[3], `at ${point.join(', ')}`).toBe(0)
				else {
					const entry = divergingIndex(difference) * 3
					for (const channel of [0, 1, 2]) expect(Math.abs((colour[channel] ?? 0) - (table[entry + channel] ?? 0)), `at ${point.join(', ')}`).toBeLessThan(24)
					if (difference > 0) orange += 1
					else blue += 1
				}
			}
			process.stdout.write(`difference: ${looked} points, ${orange} where the student's is hotter, ${blue} where the teacher's is\n`)
			expect(Math.min(orange, blue)).toBeGreaterThan(10)
			await legend().getByLabel('Map opacity').fill('0.5')
			await legend().getByLabel('Map threshold').fill('0.15')
			await picture(page, `${shell}-difference`)
			await axeFindsNothing(page, 'difference of two maps')
			await openTab(page, 'Report')
			await page.getByText('The difference of two maps cannot go into the report.').waitFor()
			await openTab(page, 'Analysis')
			await press('c')
			await picture(page, `${shell}-difference-contour`)
			await press('c')
			await page.setViewportSize({ width: 3840, height: 2160 })
			await filmReady(page)
			await filmReady(page, 2)
			await page.waitForTimeout(300)
			await picture(page, `${shell}-difference-4k`)
			await press('m')
			await picture(page, `${shell}-compared-4k`)
			await page.setViewportSize({ width: 1366, height: 768 })
			await filmReady(page)
		})

		it('follows the student to another label, and ends where it began', async () => {
			await press('n')
			await expect.poll(() => badgeWords(1)).toMatch(/^Student · Normal/)
			await expect.poll(() => badgeWords(2)).toMatch(/^Teacher · Normal \| exact/)
			await press('t')
			await expect.poll(() => page.locator('section.light-box').count()).toBe(1)
			expect(await badgeWords()).toMatch(/^Normal \| exact/)
			expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Light box 1')
		})

		it('puts the map with its worth into the draft', async () => {
			await page.getByRole('button', { name: 'Why COVID-19' }).click()
			await openTab(page, 'Report')
			await page.getByRole('button', { name: 'Add current view with map' }).click()
			const image = page.getByRole('list', { name: 'Key images' }).getByRole('listitem').first()
			const { verdict } = await measuredOf(student, 'covid19')
			await image.getByText(verdict === 'better' ? 'Better than chance' : 'Warning: no better than chance').waitFor()
			await picture(page, `${shell}-key-image-verdict`)
			await openTab(page, 'Analysis')
		})

		it('lists what can be done with a map in the palette and the sheet of keys', async () => {
			await film.focus()
			await page.keyboard.press('Control+k')
			await page.getByRole('textbox', { name: 'Find a command' }).or(page.getByRole('combobox', { name: 'Find a command' })).fill('map')
			for (const title of ['Compare with the teacher\'s map, or end that', 'Map as colours or as a contour', 'Map fainter']) await page.getByText(title).first().waitFor()
			await picture(page, `${shell}-palette-map`)
			await page.keyboard.press('Escape')
			await film.focus()
			await page.keyboard.press('?')
			const sheet = page.getByRole('dialog', { name: 'Keys' })
			await sheet.getByText('Watch the probability fall as the hottest pixels are removed').waitFor()
			await picture(page, `${shell}-keys-map`)
			await page.keyboard.press('Escape')
		})

		it('takes a map away whose answer another one has replaced', async () => {
			await expect.poll(() => badgeWords()).toMatch(/^COVID-19/)
			await film.focus()
			await page.keyboard.press('Control+k')
			await page.getByRole('textbox', { name: 'Find a command' }).or(page.getByRole('combobox', { name: 'Find a command' })).fill('Analyse this image again')
			await page.keyboard.press('Enter')
			await expect.poll(() => badgeWords()).toBe('')
			expect(await isBare()).toBe(true)
		})
	})
	describe.skipIf(reason)(`maps of labels with long names, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page

		aroundTests(shell, async (home) => {
			const { labels } = packManifest
			const titles = ['Pneumonia of any cause, bacterial, viral, by aspiration or not yet named, in one lung or both', 'التهاب رئوي جرثومي أو فيروسي أو استنشاقي في رئة واحدة أو في كلتيهما', 'Nothing of the kind']
			for (const role of ['student', 'teacher'] as const) addTeacher(home, { id: `long-${role}`, role, labels: labels.map((label, index) => ({ ...label, title: titles[index] ?? label.title })) })
			const first = await startSession({ shell, home, parameters: ['--sample'] })
			await first.call('models.select', { role: 'student', id: 'long-student' })
			await first.quit()
			session = await startSession({ shell, home, parameters: ['--sample'] })
			page = session.page
		}, () => session)

		/** Nothing stands out of its place, and the legend keeps the film from nothing but its own lines. */
		async function staysInPlace(highestLegend: number): Promise<void> {
			const outside = await page.evaluate(() => {
				const films = [...document.querySelectorAll('.light-box-film')].map((film) => film.getBoundingClientRect())
				const badges = [...document.querySelectorAll('.map-badge')].map((badge) => badge.getBoundingClientRect())
				const legend = document.querySelector('.map-legend')
				const panel = document.querySelector('.panel-content')
				return {
					badges: badges.filter((badge) => !films.some((film) => badge.left >= film.left && badge.right <= film.right && badge.bottom <= film.bottom && badge.width <= film.width * 0.6)).length,
					legend: legend ? legend.scrollWidth - legend.clientWidth : 0,
					panel: panel ? panel.scrollWidth - panel.clientWidth : 0,
				}
			})
			expect(outside).toEqual({ badges: 0, legend: 0, panel: 0 })
			expect((await page.locator('.map-legend').boundingBox())?.height).toBeLessThan(highestLegend)
		}

		it('keep their place at 1366 x 768, alone and compared', async () => {
			const film = await filmReady(page)
			await openTab(page, 'Analysis')
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			await page.getByRole('region', { name: 'Second opinion' }).getByText('Agree').waitFor()
			await page.getByRole('button', { name: /^Why / }).first().click()
			await mapExact(page)
			await page.getByRole('note').getByText(/chance|speaks/).waitFor({ timeout: PATIENCE })
			await staysInPlace(60)
			await picture(page, `${shell}-long-names`)
			await film.focus()
			await page.keyboard.press('n')
			await page.getByRole('note').getByText(/chance|speaks/).waitFor({ timeout: PATIENCE })
			await staysInPlace(60)
			await picture(page, `${shell}-long-names-right-to-left`)
			await film.focus()
			await page.keyboard.press('t')
			await filmReady(page, 2)
			await page.getByRole('note', { name: 'Map on light box 2' }).getByText(/chance|speaks/).waitFor({ timeout: PATIENCE })
			await staysInPlace(90)
			await picture(page, `${shell}-long-names-compared`)
		})
	})
}
