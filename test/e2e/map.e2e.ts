import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Analysis, CamState, StoredCam } from '../../src/common/contract/analysis.ts'
import { colourIndex, colourMap } from '../../src/common/imaging/colourMap.ts'
import { upsampleBilinear } from '../../src/common/imaging/overlay.ts'
import { aroundTests } from './support/aroundTests.ts'
import { readWithFixture } from './support/fixtureStudent.ts'
import { filmOf, frameShown, gridOf, overlayOf, placementOf, type Picture, type Point } from './support/canvases.ts'
import { drag, filmReady, mapExact, openTab, PATIENCE } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']

/** The middle of the places where the colours (as indices of the colour map) are those of nearly 1; null where there are too few. */
function hottest(width: number, height: number, colourAt: (index: number) => number): Point | null {
	const sum: Point = [0, 0]
	let places = 0
	for (let index = 0; index < width * height; index++) {
		if (colourAt(index) < HOT) continue
		sum[0] += index % width
		sum[1] += Math.floor(index / width)
		places += 1
	}
	return places < 100 ? null : [sum[0] / places, sum[1] / places]
}

const INFERNO = colourMap('inferno')
const HOT = 250

/** The index in the colour map of a drawn colour; -1 where the overlay is not wholly opaque, as at the film's edge. */
function indexOfColour({ pixels }: Picture, place: number): number {
	const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(place * 4, place * 4 + 4)
	if (alpha < 255 || red < 230) return -1
	let nearest = -1
	let least = Infinity
	for (let index = 0; index < 256; index++) {
		const distance = Math.abs(red - (INFERNO[index * 3] ?? 0)) + Math.abs(green - (INFERNO[index * 3 + 1] ?? 0)) + Math.abs(blue - (INFERNO[index * 3 + 2] ?? 0))
		if (distance < least) [least, nearest] = [distance, index]
	}
	return nearest
}

function correlation(pairs: Point[]): number {
	const mean = (of: (pair: Point) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length
	const [x, y] = [mean((pair) => pair[0]), mean((pair) => pair[1])]
	const spread = (of: (pair: Point) => number) => Math.sqrt(mean((pair) => of(pair) ** 2))
	return mean((pair) => (pair[0] - x) * (pair[1] - y)) / (spread((pair) => pair[0] - x) * spread((pair) => pair[1] - y))
}

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	describe.skipIf(reason)(`the map over the film, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page
		let film: Locator
		let analysis: Analysis

		aroundTests(shell, async (home) => {
			readWithFixture(home)
			session = await startSession({ shell, home, parameters: ['--sample'] })
			page = session.page
		}, () => session)

		const legend = () => page.getByRole('region', { name: 'Map legend' })
		const badge = () => legend().getByRole('status').innerText()
		const stored = () => session.call<StoredCam[]>('explanation.stored', { analysisId: analysis.id })
		const shownLabel = () => page.evaluate(() => document.querySelector<HTMLCanvasElement>('canvas.map-overlay')?.dataset['label'] ?? '')

		async function press(...keys: string[]): Promise<void> {
			await film.focus()
			for (const key of keys) await page.keyboard.press(key)
			await filmReady(page)
		}

		it('stops where the reader cancels it, and keeps nothing', async () => {
			film = await filmReady(page)
			await openTab(page, 'Analysis')
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			const studies = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
			const study = await session.call<{ analyses: Analysis[] }>('studies.get', { studyId: studies.rows[0]?.studyId })
			const [student] = study.analyses.filter(({ role }) => role === 'student')
			if (!student) throw new Error('The phantom has no answer.')
			analysis = student

			await page.getByRole('button', { name: /^(Why|Show anyway) / }).first().click()
			await expect.poll(badge, { interval: 20 }).toMatch(/^[1-9]\d? %/)
			await page.getByRole('button', { name: 'Cancel map' }).click()
			await expect.poll(badge).toMatch(/^stopped at \d+ %/)
			const stopped = await badge()
			expect(await stored()).toEqual([])
			await picture(page, `${shell}-map-cancelled`)
			await page.waitForTimeout(500)
			expect(await badge()).toBe(stopped)
		})

		it('goes on to the exact map when the reader asks again', async () => {
			await page.getByRole('button', { name: 'Continue map' }).click()
			await mapExact(page)
			// The window has the last state before the library does.
			await expect.poll(async () => (await stored()).length).toBe(1)
			const [map] = await stored()
			expect(map?.state.exact).toBe(true)
			expect(map?.state.channelsDone).toBe(map?.state.channels)
		})

		it('shows the other labels from the same passes', async () => {
			const [before] = await stored()
			const label = await shownLabel()
			const picturesOf = new Set([(await overlayOf(page)).pixels.toString('latin1')])
			for (const { title, name } of analysis.prediction.labels.filter((candidate) => candidate.name !== label)) {
				await page.getByRole('list', { name: 'Labels' }).getByRole('listitem').filter({ hasText: title }).getByRole('button').click()
				await expect.poll(shownLabel).toBe(name)
				picturesOf.add((await overlayOf(page)).pixels.toString('latin1'))
				expect(await badge()).toBe('exact')
			}
			expect(picturesOf.size).toBe(analysis.prediction.labels.length)
			const called = analysis.prediction.labels.filter(({ positive }) => positive).map(({ name }) => name)
			for (let step = 0; step < called.length; step++) {
				await press('n')
				await expect.poll(async () => called.includes(await shownLabel())).toBe(true)
				expect(await badge()).toBe('exact')
			}
			expect(await stored()).toEqual([before])
			// What is still done is to measure how faithful the one that is shown is.
			await expect.poll(async () => (await session.call<{ hosts: { jobs: number }[] }>('system.status', {})).hosts.map(({ jobs }) => jobs), { timeout: PATIENCE }).toEqual([0, 0])
			expect(await stored()).toEqual([before])
		})

		it('lies in register with the film at any zoom, turn and flip', async () => {
			const frame = await frameShown(page, film)
			const { columns, rows, spacing } = frame.header
			const aspect = spacing ? spacing.row / spacing.column : 1
			const { state } = (await stored())[0] as { state: CamState }
			const values = upsampleBilinear(state.maps[await shownLabel()] ?? [], state.width, state.height, columns, rows)
			const colours = Int16Array.from(values, colourIndex)
			await legend().getByLabel('Map opacity').fill('1')
			await legend().getByLabel('Map threshold').fill('0')

			const views: [string, () => Promise<void>][] = [
				['whole', () => press('`')],
				['turned and mirrored', () => press('r', 'h')],
				['turned left and upside down', () => press('`', 'l', 'v')],
				['upside down, nearer', () => press('`', 'v', '+', '+')],
				['turned left, moved', async () => {
					await press('`', 'l', '+', 'p')
					await drag(page, film, [[0.5, 0.5], [0.42, 0.61]])
					await press('w')
				}],
				['turned twice, both flips, smaller', () => press('`', 'r', 'r', 'h', 'v', '-', '-')],
				['turned right, mirrored, one to one', () => press('`', 'r', 'v', '!')],
			]
			let peaksSeen = 0
			for (const [name, set] of views) {
				await set()
				await expect.poll(() => film.getAttribute('data-ready')).toBe('true')
				const [overlay, drawn] = [await overlayOf(page), await filmOf(page)]
				expect([overlay.width, overlay.height], name).toEqual([drawn.width, drawn.height])
				const { toCanvas, toFilm } = await placementOf(film, overlay, aspect)
				const inSight = gridOf(frame.header, 48).filter((point) => {
					const [x, y] = toCanvas(point)
					return x > 2 && y > 2 && x < overlay.width - 3 && y < overlay.height - 3
				})
				expect(inSight.length, name).toBeGreaterThan(200)

				// The film itself lies where the light box says.
				const greys = inSight.map((point): Point => {
					const [x, y] = toCanvas(point).map(Math.floor) as Point
					return [drawn.pixels[(y * drawn.width + x) * 4] ?? 0, frame.pixels[point[1] * columns + point[0]] ?? 0]
				})
				// So does the map: the colour at every point is that of the map's value there.
				const offByLevels = inSight.map((point) => {
					const [x, y] = toCanvas(point).map(Math.floor) as Point
					const wanted = colourIndex(values[point[1] * columns + point[0]] ?? 0) * 3
					const at = (y * overlay.width + x) * 4
					return Math.max(...[0, 1, 2].map((channel) => Math.abs((overlay.pixels[at + channel] ?? 0) - (INFERNO[wanted + channel] ?? 0))))
				})
				const largest = Math.max(...offByLevels)
				const line = `${name}: film ${correlation(greys).toFixed(4)}, map within ${largest} of 255`
				expect(correlation(greys), line).toBeGreaterThan(0.985)
				expect(largest, line).toBeLessThan(24)

				const isInSight = ([x, y]: Point) => x > 1 && y > 1 && x < overlay.width - 1 && y < overlay.height - 1
				const expected = hottest(columns, rows, (index) => {
					const colour = colours[index] ?? 0
					return colour < HOT || !isInSight(toCanvas([index % columns, Math.floor(index / columns)])) ? -1 : colour
				})
				if (!expected) continue
				peaksSeen += 1
				const [x, y] = hottest(overlay.width, overlay.height, (index) => indexOfColour(overlay, index)) ?? [0, 0]
				const [column, row] = toFilm([x + 0.5, y + 0.5])
				const distance = Math.hypot((column - expected[0]) / columns, (row - expected[1]) / rows)
				process.stdout.write(`${line}, its hottest place ${(100 * distance).toFixed(2)} % of the film away\n`)
				expect(distance, name).toBeLessThan(0.01)
			}
			expect(peaksSeen).toBeGreaterThanOrEqual(4)
		})

		it('follows opacity and threshold', async () => {
			const seen = async () => {
				const { pixels } = await overlayOf(page)
				const alphas = pixels.filter((_, index) => index % 4 === 3)
				return { covered: alphas.filter((alpha) => alpha > 0).length, strongest: alphas.reduce((most, alpha) => Math.max(most, alpha), 0) }
			}
			await press('`')
			await legend().getByLabel('Map threshold').fill('0.15')
			const full = await seen()
			expect(full.strongest).toBe(255)
			await legend().getByLabel('Map opacity').fill('0.3')
			await expect.poll(async () => (await seen()).strongest).toBeLessThan(80)
			await legend().getByLabel('Map threshold').fill('0.8')
			await expect.poll(async () => (await seen()).covered).toBeLessThan(full.covered / 2)
			expect((await seen()).covered).toBeGreaterThan(0)
			await picture(page, `${shell}-map-threshold`)
		})

		it('is hidden by button and key, and is there again at once', async () => {
			await page.getByRole('region', { name: 'Map', exact: true }).getByRole('button', { name: /^Hide map/ }).click()
			await legend().waitFor({ state: 'detached' })
			expect((await overlayOf(page)).pixels.some((value) => value > 0)).toBe(false)
			await page.getByRole('button', { name: /^(Why|Show anyway) / }).first().click()
			await expect.poll(badge).toBe('exact')
			await press('g')
			await legend().waitFor({ state: 'detached' })
			expect((await overlayOf(page)).pixels.some((value) => value > 0)).toBe(false)
		})
	})
}
