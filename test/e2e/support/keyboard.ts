import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** A person's keys on a page, and nothing else: nothing is given the keyboard that no key has brought there. */
export interface Keys {
	press(...keys: string[]): Promise<void>
	/** Presses Tab (or another key) until the element has the keyboard, and shows it. */
	goWith(key: string, target: Locator, most?: number): Promise<void>
}

/** @param page is asked for with every key: tests open it late. */
export function keysOf(page: () => Page): Keys {
	async function press(...keys: string[]): Promise<void> {
		for (const key of keys) await page().keyboard.press(key)
	}
	return {
		press,
		async goWith(key, target, most = 40) {
			for (let step = 0; step < most; step++) {
				if (await target.evaluateAll((elements) => elements.some((element) => element === document.activeElement))) {
					await expectFocusSeen(page())
					return
				}
				await press(key)
			}
			const reached = await page().evaluate(() => document.activeElement?.outerHTML.slice(0, 200))
			throw new Error(`${key} does not lead there; it came to ${reached}`)
		},
	}
}

/** What has the keyboard shows it: an outline, a ring or the row that is marked. */
async function expectFocusSeen(page: Page): Promise<void> {
	const seen = await page.evaluate(() => {
		const focused = document.activeElement
		// A grid has the keyboard as a whole and marks the row that it is on.
		const element = document.getElementById(focused?.getAttribute('aria-activedescendant') ?? '') ?? focused
		if (!element) return false
		const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
		return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
	})
	expect(seen, 'the focus is seen').toBe(true)
}
