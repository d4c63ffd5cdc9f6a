import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { picture } from './workstation.ts'

/** The smallest window in which every screen works, and a wall display. */
export const DESK = { width: 1366, height: 768 }
export const WALL = { width: 3840, height: 2160 }

/**
 * A state of the window as somebody looks at it: its pictures have come, nothing is wider than the window, and there is a picture of it (<name>-<width>).
 * @param sizes in turn; the last one stays, and axe finds nothing in it.
 */
export async function lookAt(page: Page, name: string, sizes = [DESK]): Promise<void> {
	for (const size of sizes) {
		await page.setViewportSize(size)
		await picturesAreThere(page)
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width)
		await picture(page, `${name}-${size.width}`)
	}
	await axeFindsNothing(page, name)
}

export async function axeFindsNothing(page: Page, where: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze()
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ').slice(0, 400)}`), `axe on ${where}`).toEqual([])
}

/** Pictures in sight come a moment after the layout; a place that has words instead gets none. */
export async function picturesAreThere(page: Page): Promise<void> {
	await page.waitForTimeout(150)
	await expect.poll(() => page.evaluate(() => [...document.querySelectorAll('.sample-picture, .error-picture')].every((place) => {
		const { bottom, top } = place.getBoundingClientRect()
		const shown = place.querySelector('img')
		return bottom < 0 || top > innerHeight || place.textContent !== '' || (shown?.complete && shown.naturalWidth > 0)
	}))).toBe(true)
}
