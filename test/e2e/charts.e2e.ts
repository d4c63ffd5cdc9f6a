import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { axeFindsNothing } from './support/look.ts'
import { serveChartsPage } from './support/charts/chartsPage.ts'
import { median } from './support/rooms.ts'
import { launchBrowser, picture, reasonToSkip } from './support/workstation.ts'

const MANY = 100_000
const FEW = 1000
const APPENDED = 1000
const FRAMES = 50

const reason = reasonToSkip('browser')

describe.skipIf(reason)(`the charts of the Admin room${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let served: Awaited<ReturnType<typeof serveChartsPage>>
	let browser: Browser

	beforeAll(async () => {
		served = await serveChartsPage()
		browser = await launchBrowser()
	})
	afterEach(async () => {
		await Promise.all(browser.contexts().map((context) => context.close()))
	})
	afterAll(async () => {
		await browser?.close()
		await served?.close()
	})

	/** @param points of the lines alone; the whole gallery where none are named. */
	async function open({ points, scale = 1 }: { points?: number; scale?: number } = {}): Promise<{ page: Page; chart: Locator; plot: Locator }> {
		const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, deviceScaleFactor: scale })
		const page = await context.newPage()
		page.setDefaultTimeout(120_000)
		await page.goto(points === undefined ? served.address : `${served.address}#points=${points}`)
		const chart = page.getByRole('figure', { name: 'Loss of run example-1' })
		await chart.locator('canvas').waitFor()
		await page.evaluate(async () => {
			await document.fonts.ready
		})
		return { page, chart, plot: chart.getByRole('slider') }
	}

	it('grow by a thousand points at 100,000 in frames that are a few times as long as at 1,000, not a hundred', async () => {
		const ratios: number[] = []
		for (let turn = 0; turn < 3; turn++) {
			const few = median(await appendWhileShown((await open({ points: FEW })).page))
			const { page } = await open({ points: MANY })
			const many = median(await appendWhileShown(page))
			if (turn === 0) await picture(page, 'charts-many')
			ratios.push(many / few)
			await Promise.all(browser.contexts().map((context) => context.close()))
		}
		console.log(`A frame with ${APPENDED / FRAMES} more points at ${MANY} takes ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')} times that at ${FEW}`)
		// Whatever is done anew for each point that is there takes a hundred times as long.
		expect(median(ratios)).toBeLessThan(10)
	})

	it('are drawn once a frame, however many points come, and their words less often', async () => {
		const { page, chart } = await open({ points: FEW })
		const { drawings, frames: seen } = await page.evaluate(async (points) => {
			const prototype = CanvasRenderingContext2D.prototype
			const original = prototype.clearRect
			const counted = { drawings: 0, frames: 0 }
			prototype.clearRect = function count(...area) {
				counted.drawings += 1
				original.apply(this, area)
			}
			function countFrame(): void {
				counted.frames += 1
				requestAnimationFrame(countFrame)
			}
			requestAnimationFrame(countFrame)
			const channel = new MessageChannel()
			for (let point = 0; point < points; point++) {
				window.charts.append(1)
				// A task for each, as they come over a socket.
				await new Promise((resolve) => {
					channel.port1.onmessage = resolve
					channel.port2.postMessage(null)
				})
			}
			await new Promise(requestAnimationFrame)
			prototype.clearRect = original
			return counted
		}, APPENDED)
		expect(drawings).toBeGreaterThan(0)
		expect(drawings).toBeLessThanOrEqual(seen + 1)

		const { changes, halfSeconds } = await page.evaluate(async ([frames, each]) => {
			let words = 0
			const observer = new MutationObserver((records) => {
				words += records.filter(({ attributeName }) => attributeName === 'aria-valuetext').length
			})
			const slider = document.querySelector('[role=slider]')
			if (!slider) throw new Error('There is no plot.')
			observer.observe(slider, { attributes: true })
			const start = performance.now()
			for (let count = 0; count < frames; count++) {
				window.charts.append(each)
				await new Promise(requestAnimationFrame)
			}
			return { changes: words, halfSeconds: (performance.now() - start) / 500 }
		}, [FRAMES, APPENDED / FRAMES] as const)
		expect(changes).toBeLessThanOrEqual(halfSeconds + 1)
		await expect.poll(() => chart.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/^Step 3,000: Loss /)
	})

	it('move nothing else while they grow', async () => {
		const { page } = await open({ points: FEW })
		await page.evaluate(() => {
			const shifts: PerformanceEntry[] = []
			Object.assign(window, { shifts })
			new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: 'layout-shift' })
		})
		await appendWhileShown(page)
		await page.waitForTimeout(700)
		expect(await page.evaluate(() => (window as unknown as { shifts: unknown[] }).shifts.length)).toBe(0)
	})

	it('zoom by a drag, and show everything again by Escape, a double click or the button', async () => {
		const { page, plot, chart } = await open({ points: 2000 })
		const all = chart.getByRole('button', { name: 'Show everything' })
		const stepAt = async (share: number) => {
			const area = await chart.locator('.u-over').boundingBox()
			if (!area) throw new Error('The plot has no place on the screen.')
			await page.mouse.move(area.x + share * area.width, area.y + area.height / 2, { steps: 3 })
			return Number(await plot.getAttribute('aria-valuenow'))
		}
		const zoom = async () => {
			expect(await stepAt(0.005)).toBeLessThan(30)
			expect(await stepAt(0.5)).toBeCloseTo(1000, -1)
			await page.mouse.down()
			await stepAt(0.75)
			await page.mouse.up()
			await all.waitFor()
			expect(await stepAt(0.005)).toBeGreaterThan(990)
			expect(await stepAt(0.995)).toBeLessThan(1510)
		}
		await zoom()
		await picture(page, 'charts-zoomed')
		// What comes meanwhile does not move what is looked at.
		await page.evaluate(() => window.charts.append(500))
		await page.waitForTimeout(100)
		expect(await stepAt(0.995)).toBeLessThan(1510)
		await plot.focus()
		await page.keyboard.press('Escape')
		await all.waitFor({ state: 'hidden' })
		expect(await stepAt(0.995)).toBeGreaterThan(2480)

		await chart.locator('.u-over').dblclick({ position: { x: 300, y: 50 } })
		expect(await all.isVisible()).toBe(false)
		await stepAt(0.2)
		await page.mouse.down()
		await stepAt(0.4)
		await page.mouse.up()
		await all.waitFor()
		await chart.locator('.u-over').dblclick({ position: { x: 300, y: 50 } })
		await all.waitFor({ state: 'hidden' })
		await stepAt(0.2)
		await page.mouse.down()
		await stepAt(0.4)
		await page.mouse.up()
		await all.click()
		await all.waitFor({ state: 'hidden' })
	})

	it('are read, zoomed and switched by keyboard', async () => {
		const { page, plot, chart } = await open({ points: 2000 })
		const step = async () => Number(await plot.getAttribute('aria-valuenow'))
		await page.keyboard.press('Tab')
		const loss = chart.getByRole('checkbox', { name: 'Loss', exact: true })
		expect(await loss.evaluate((element) => element === document.activeElement)).toBe(true)
		const before = await colouredPixels(plot, '--series-1')
		expect(before).toBeGreaterThan(500)
		await page.keyboard.press('Space')
		await expect.poll(() => colouredPixels(plot, '--series-1')).toBe(0)
		await page.keyboard.press('Space')
		await expect.poll(() => colouredPixels(plot, '--series-1')).toBeGreaterThan(500)

		const whole = await plot.screenshot()
		await chart.getByRole('checkbox', { name: 'Logarithmic' }).press('Space')
		await expect.poll(async () => (await plot.screenshot()).equals(whole)).toBe(false)
		await picture(page, 'charts-logarithmic')

		await page.keyboard.press('Tab')
		expect(await plot.evaluate((element) => element === document.activeElement)).toBe(true)
		await page.keyboard.press('Home')
		expect(await step()).toBe(1)
		await page.keyboard.press('ArrowRight')
		expect(await step()).toBe(21)
		await page.keyboard.press('Shift+ArrowRight')
		expect(await step()).toBe(221)
		// The validation before it says of which step it is.
		await page.keyboard.press('Shift+ArrowRight')
		expect(await plot.getAttribute('aria-valuetext')).toMatch(/^Step 421: Loss .+, Validation loss [\d.]+ \(step 250\), Learning rate /)
		for (let press = 0; press < 4; press++) await page.keyboard.press('+')
		await page.keyboard.press('ArrowRight')
		expect(await step()).toBe(422)
		await page.keyboard.press('End')
		expect(await step()).toBe(2000)
		await page.keyboard.press('Escape')
		await page.keyboard.press('Shift+ArrowLeft')
		expect(await step()).toBe(1800)
		await page.keyboard.press('Shift+Tab')
		expect(await step()).toBe(2000)
	})

	it('are sharp on a fine display, and follow the width of the window', async () => {
		const { page, plot } = await open({ points: FEW, scale: 2 })
		const sizes = () => plot.evaluate((element) => {
			const canvas = element.querySelector('canvas')
			return { canvas: canvas?.width, place: element.clientWidth * devicePixelRatio }
		})
		const wide = await sizes()
		expect(wide.canvas).toBe(wide.place)
		await page.setViewportSize({ width: 1000, height: 768 })
		await expect.poll(async () => (await sizes()).canvas).toBe(wide.place - 2 * 366)
	})

	it('have their numbers as text, and pass axe', async () => {
		const { page, chart } = await open()
		const table = chart.getByRole('table', { name: 'Last values: Loss of run example-1' })
		expect(await table.getByRole('row', { name: /^Validation loss/ }).innerText()).toMatch(/^Validation loss\s+0\.\d+\s+2,000$/)
		expect(await chart.getByRole('slider').getAttribute('aria-label')).toMatch(/^Loss of run example-1\. Step 2,000: Loss 0\.\d+, /)
		expect(await page.getByRole('img', { name: /^ROC curve/ }).getAttribute('aria-label')).toBe('ROC curve: COVID-19, 666 test films. Candidate: AUROC 0.877 (0.837 to 0.907); Current model: AUROC 0.806 (0.766 to 0.836); Teacher: AUROC 0.909 (0.869 to 0.939).')
		await axeFindsNothing(page, 'charts')
		for (const name of ['Lines', 'Reliability', 'Many labels']) {
			await page.getByRole('region', { name, exact: true }).scrollIntoViewIfNeeded()
			await picture(page, `charts-${name.toLowerCase().replace(' ', '-')}`)
		}
	})
})

/** Pixels of a plot's canvas that are near the colour of a token. */
function colouredPixels(plot: Locator, token: string): Promise<number> {
	return plot.evaluate((element, name) => {
		const canvas = element.querySelector('canvas')
		const context = canvas?.getContext('2d')
		if (!canvas || !context) throw new Error('There is no canvas.')
		const colour = getComputedStyle(element).getPropertyValue(name).trim()
		const wanted = [1, 3, 5].map((place) => Number.parseInt(colour.slice(place, place + 2), 16))
		const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
		let count = 0
		for (let pixel = 0; pixel < data.length; pixel += 4) {
			if (data[pixel + 3] === 255 && wanted.every((value, part) => Math.abs((data[pixel + part] ?? 0) - value) < 12)) count += 1
		}
		return count
	}, token)
}

/** Appends a thousand points, twenty before each frame. @returns milliseconds from the beginning of each frame until the page is free again. */
async function appendWhileShown(page: Page): Promise<number[]> {
	return page.evaluate(async ([frames, each]) => {
		const channel = new MessageChannel()
		const times: number[] = []
		for (let frame = 0; frame < frames; frame++) {
			times.push(await new Promise<number>((resolve) => {
				// Asked for before the chart asks for the same frame: it begins before the chart draws.
				requestAnimationFrame(() => {
					const start = performance.now()
					channel.port1.onmessage = () => resolve(performance.now() - start)
					channel.port2.postMessage(null)
				})
				window.charts.append(each)
			}))
		}
		return times
	}, [FRAMES, APPENDED / FRAMES] as const)
}
