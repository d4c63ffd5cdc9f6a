import { appendFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { COMPARED_METRICS, type WorstErrors } from '../../src/common/contract/training/review.ts'
import { aroundTests } from './support/aroundTests.ts'
import { keysOf } from './support/keyboard.ts'
import { DESK, lookAt, WALL } from './support/look.ts'
import { copyRun, phantomRuns, RUN_NAMES } from './support/phantomRuns.ts'
import { goToSection } from './support/rooms.ts'
import { documentationPicture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

const reason = reasonToSkip('browser')

describe.skipIf(reason)(`worst errors and runs side by side in the Admin room${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let films: string
	let ids: Awaited<ReturnType<typeof phantomRuns>>['ids']
	/** Of the first run on the test films, the worst first. */
	let worst: WorstErrors
	const { press, goWith } = keysOf(() => page)

	aroundTests('run-comparison', async (home) => {
		({ films, ids } = await phantomRuns(home))
		const runs = join(home, 'runs')
		for (let number = 1; number <= 5; number++) copyRun(runs, ids.first, `copy-${number}`, `Copy ${number} of the first run, for a table with many columns`)
		session = await startSession({ shell: 'browser', home })
		page = session.page
		worst = await session.call<WorstErrors>('training.worst', { id: ids.first, split: 'test', count: 48 })
		await goToSection(page, 'Runs')
	}, () => session)

	const look = (name: string, sizes = [DESK]) => lookAt(page, `run-comparison-${name}`, sizes)
	const tab = (name: string) => page.getByRole('tab', { name })
	const grid = () => page.getByRole('listbox', { name: 'Worst errors' })
	const error = (place: number) => page.getByRole('region', { name: `Error ${place} of ${worst.samples.length}` })
	const mapOf = (label: string) => page.getByRole('img', { name: `Map of ${label}` })
	const table = () => page.getByRole('table').first()
	const row = (title: string) => table().getByRole('row').filter({ has: page.getByRole('rowheader', { name: title, exact: true }) })

	async function compare(...names: string[]): Promise<void> {
		for (const box of await page.getByRole('checkbox', { name: /^Select / }).all()) await box.uncheck()
		for (const name of names) await page.getByRole('checkbox', { name: `Select ${name} (` }).check()
		await page.getByRole('button', { name: /^Compare/ }).click()
		await page.getByRole('heading', { level: 1, name: `${names.length} runs side by side` }).waitFor()
	}

	/** How hot the map is that is drawn: mean alpha of its canvas. */
	function heat(): Promise<{ coverage: number; width: number; height: number }> {
		return page.locator('canvas.error-map').evaluate((canvas: HTMLCanvasElement) => {
			const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray(4) }
			let covered = 0
			for (let index = 3; index < data.length; index += 4) covered += (data[index] ?? 0) > 0 ? 1 : 0
			return { coverage: covered / (canvas.width * canvas.height), width: canvas.width, height: canvas.height }
		})
	}

	describe('worst errors, by keyboard alone', () => {
		it('are listed with what was called and what is so', async () => {
			await page.locator(`[data-id="${ids.first}"]`).press('Enter')
			// A finished run shows its results first.
			await goWith('Tab', tab('Results'), 60)
			await press('ArrowRight')
			await grid().waitFor()
			const names = await grid().getByRole('option').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('aria-label')))
			expect(names).toHaveLength(worst.samples.length)
			const { id = '', called = [], truth = [], probabilities = [], loss = 0 } = worst.samples[0] ?? {}
			expect(names[0]).toBe(`${id.split('/').at(-1)}: Called ${called[0]}; Is ${worst.labels[truth.indexOf(1)]}; probability of ${called[0]} ${Math.max(...probabilities).toFixed(3)}; loss ${loss.toFixed(2)}`)
			await goWith('Tab', grid())
			await look('errors')
		})

		it('are opened beside the map of the label that was called, and left with Escape', async () => {
			await press('ArrowRight', 'ArrowLeft', 'Enter')
			await error(1).waitFor()
			const [sample] = worst.samples
			const called = sample?.called[0] ?? ''
			await mapOf(called).waitFor()
			expect((await heat()).coverage).toBeGreaterThan(0.02)
			await look('error', [WALL, DESK])
			await documentationPicture(page, 'run-error-map')
			await press('n')
			const other = worst.labels.find((name) => name !== called) ?? ''
			await mapOf(other).waitFor()
			expect(await page.getByRole('group', { name: 'Label whose map is shown' }).getByRole('button', { pressed: true }).innerText()).toContain(other)
			await press('c')
			await expect.poll(() => page.getByRole('button', { name: 'Contour' }).getAttribute('aria-pressed')).toBe('true')
			await look('contour')
			await press('c', '.', '.')
			await expect.poll(() => page.getByRole('slider', { name: 'Map opacity' }).inputValue()).toBe('0.7')
			await press('ArrowRight')
			await error(2).waitFor()
			await press('ArrowLeft')
			await error(1).waitFor()
			await press('Escape')
			await grid().waitFor()
			expect(await grid().evaluate((element) => element === document.activeElement)).toBe(true)
		})
	})

	it('say of an image that has changed, or is gone, what is so', async () => {
		// A picture that was seen before is not asked for again.
		const [changed, gone] = worst.samples.slice(3)
		const [first, second] = [join(films, ...(changed?.id.split('/') ?? [])), join(films, ...(gone?.id.split('/') ?? []))]
		appendFileSync(first, 'x')
		renameSync(second, `${second}.away`)
		await grid().getByRole('option').nth(3).click()
		await error(4).getByRole('alert').getByText(`${changed?.id}: The file is no longer what it was when it was looked at. What the run answered on it is kept.`).waitFor()
		await look('changed')
		await page.getByRole('button', { name: 'Next error' }).click()
		await error(5).getByRole('alert').getByText(`${gone?.id} is no longer there. What the run answered on it is kept.`).waitFor()
		renameSync(`${second}.away`, second)
		await page.getByRole('button', { name: 'Worst errors' }).click()
	})

	it('stand side by side with differences, verdicts and what differs in their recipes', async () => {
		await press('Escape')
		await compare(RUN_NAMES.first, RUN_NAMES.second)
		await row('Balanced accuracy').first().waitFor()
		expect(await row('seed').getByRole('cell').allInnerTexts()).toEqual(['1', '2'])
		expect(await row('epochs').getByRole('cell').allInnerTexts()).toEqual(['12', '4'])
		expect(await row('optimisation.optimiser.learningRate').getByRole('cell').allInnerTexts()).toEqual(['0.01', '0.02'])
		const [held, difference] = await row('Balanced accuracy').first().getByRole('cell').allInnerTexts()
		expect(held).toContain('reference')
		expect(difference).toMatch(/(better|worse|undecided|the same)$/)
		await page.getByRole('combobox', { name: 'Number of the validations' }).selectOption({ label: 'Loss' })
		await page.getByRole('figure', { name: 'Loss of the validations' }).waitFor()
		await look('two', [WALL, DESK])
		await table().evaluate((element) => element.parentElement?.scrollTo(0, 250))
		await documentationPicture(page, 'run-comparison')
		await page.getByRole('button', { name: `Hold the others against ${RUN_NAMES.second}` }).click()
		await expect.poll(() => row('seed').getByRole('cell').allInnerTexts()).toEqual(['2', '1'])
		await page.getByRole('combobox', { name: 'Results on' }).selectOption({ label: 'Validation images' })
		await page.getByText('Results of each on all of its validation images').waitFor()
	})

	it('are read with eight of them, one without results, by keyboard', async () => {
		await press('Escape')
		await compare(RUN_NAMES.first, RUN_NAMES.second, RUN_NAMES.cancelled, ...[1, 2, 3, 4, 5].map((number) => `Copy ${number} of the first run, for a table with many columns`))
		await page.getByText('They cannot be held against each other image by image. The run cancelled-1 has no results: it is not finished.').waitFor()
		await look('eight')
		await page.getByRole('figure', { name: 'Balanced accuracy of the validations' }).scrollIntoViewIfNeeded()
		expect(await page.getByRole('list', { name: 'Lines: Balanced accuracy of the validations' }).getByRole('checkbox').count()).toBe(8)
		await look('eight-curves')
		const scroller = page.getByRole('region', { name: 'Runs side by side, a table that scrolls' })
		await goWith('Tab', scroller)
		for (let times = 0; times < 40; times++) await press('ArrowRight')
		await expect.poll(() => scroller.evaluate((element) => element.scrollLeft)).toBeGreaterThan(200)
		// What a row is stays in sight.
		const title = await row('Student').getByRole('rowheader').boundingBox()
		const region = await scroller.boundingBox()
		expect(Math.abs((title?.x ?? 0) - (region?.x ?? -100))).toBeLessThan(2)
		await look('eight-scrolled')
		await page.getByRole('button', { name: `Leave ${RUN_NAMES.cancelled} out` }).click()
		await page.getByText(/that all of them answered/).waitFor()
		expect(await page.getByText('reference', { exact: true }).count()).toBe(COMPARED_METRICS.length)
	})
})
