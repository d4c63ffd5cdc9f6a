import { expect } from 'vitest'
import type { Locator, Page } from 'playwright-core'

/** Milliseconds for what takes a network or a run seconds, and minutes on a busy machine; anything else has what the configuration gives it. */
export const PATIENCE = 300_000

/** Hands files to the page as the system's dialog would. */
export async function importFiles(page: Page, files: string[]): Promise<string> {
	const close = page.getByRole('button', { name: 'Close import summary' })
	if (await close.isVisible()) await close.click()
	const last = page.getByRole('button', { name: /^Last import/ })
	const before = await last.count()
	await page.getByLabel('Files to import').setInputFiles(files)
	if (before > 0) await last.waitFor({ state: 'detached' }).catch(() => {})
	await last.waitFor({ timeout: PATIENCE })
	// An import without a refusal shows no summary by itself; the status line has it.
	if (!(await close.isVisible())) await last.click()
	return page.getByRole('region', { name: 'Import summary' }).innerText()
}

/** Opens the study whose row holds the text, by keyboard, and waits for its film. */
export async function openStudy(page: Page, text: string): Promise<Locator> {
	await goTo(page, 'Worklist')
	await page.getByRole('grid', { name: 'Worklist' }).getByRole('row').filter({ hasText: text }).first().click()
	await page.keyboard.press('Enter')
	return filmReady(page)
}

export async function goTo(page: Page, room: string): Promise<void> {
	await page.getByRole('navigation', { name: 'Rooms' }).getByRole('button', { name: room }).click()
}

export async function goToSection(page: Page, section: string): Promise<void> {
	await goTo(page, 'Admin')
	await page.getByRole('navigation', { name: 'Admin sections' }).getByRole('button', { name: section }).click()
	await page.getByRole('main', { name: section }).waitFor()
}

/** The first light box once its film is painted. */
export async function filmReady(page: Page, box = 1): Promise<Locator> {
	const film = page.getByRole('region', { name: `Light box ${box}`, exact: true })
	await expect.poll(() => film.getAttribute('data-ready')).toBe('true')
	return film
}

export async function openTab(page: Page, name: string): Promise<void> {
	await page.getByRole('tab', { name }).click()
}

/** The map of the legend, finished. */
export async function mapExact(page: Page): Promise<void> {
	await expect.poll(() => page.getByRole('region', { name: 'Map legend' }).getByRole('status').innerText(), { timeout: PATIENCE }).toBe('exact')
}

/** Presses the mouse on the film at fractions of its width and height, moves through the points, lets go. */
export async function drag(page: Page, film: Locator, points: [number, number][], button: 'left' | 'right' | 'middle' = 'left'): Promise<void> {
	const area = await film.locator('[data-box]').boundingBox()
	if (!area) throw new Error('The film has no place on the screen.')
	const at = ([x, y]: [number, number]): [number, number] => [area.x + x * area.width, area.y + y * area.height]
	const [first = [0.5, 0.5], ...rest] = points
	await page.mouse.move(...at(first))
	await page.mouse.down({ button })
	for (const point of rest) await page.mouse.move(...at(point), { steps: 8 })
	await page.mouse.up({ button })
}

/** A number that the light box states of itself. */
export async function stated(film: Locator, name: string): Promise<number> {
	return Number(await film.getAttribute(`data-${name}`))
}

export function median(values: number[], quantile = 0.5): number {
	const sorted = values.toSorted((a, b) => a - b)
	return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN
}
