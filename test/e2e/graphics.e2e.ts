import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { aroundTests } from './support/aroundTests.ts'
import { filmReady, stated } from './support/rooms.ts'
import { picture, startSession, type Session } from './support/workstation.ts'

const POSES: [string, string[]][] = [
	['as it lies', []],
	['windowed from its pixels and inverted', ['0', 'i']],
	['turned, mirrored and at one to one', ['r', 'h', '!']],
]

describe('a film drawn by WebGL and by the processor', () => {
	let session: Session

	aroundTests('graphics', async (home) => {
		session = await startSession({ shell: 'browser', home, parameters: ['--sample'], webgl: true })
	}, () => session)

	/** The film's canvas in each pose, as grey values. */
	async function drawnBy(rendering: 'cpu' | 'gpu'): Promise<Buffer[]> {
		const { page } = session
		await page.evaluate((value) => localStorage.setItem('rendering', value), rendering)
		await page.reload()
		const film = await filmReady(page)
		const drawn: Buffer[] = []
		for (const [index, [, keys]] of POSES.entries()) {
			await film.focus()
			await page.keyboard.press('`')
			for (const key of keys) await page.keyboard.press(key)
			await expect.poll(() => stated(film, 'rotation')).toBe(keys.includes('r') ? 90 : 0)
			// What is painted is one frame behind what the light box states.
			await page.evaluate(() => new Promise<void>((done) => {
				requestAnimationFrame(() => requestAnimationFrame(() => done()))
			}))
			await picture(page, `graphics-${rendering}-${index + 1}`)
			drawn.push(await film.locator('canvas.cornerstone-canvas').screenshot())
		}
		return drawn
	}

	it('is the same in every pose', async () => {
		const { page } = session
		expect(await page.evaluate(() => document.createElement('canvas').getContext('webgl2') !== null), 'this browser has WebGL').toBe(true)
		const [graphics, processor] = [await drawnBy('gpu'), await drawnBy('cpu')]
		for (const [index, [pose]] of POSES.entries()) {
			const [one, other] = await Promise.all([graphics[index], processor[index]].map((png) => sharp(png).greyscale().raw().toBuffer()))
			if (!one || !other) throw new Error('A picture is missing.')
			expect(one.length).toBe(other.length)
			let sum = 0
			for (const [pixel, value] of one.entries()) sum += Math.abs(value - (other[pixel] ?? 0))
			const difference = sum / one.length
			console.log(`${pose}: WebGL and processor differ by ${difference.toFixed(2)} of 255 on average`)
			// Interpolation differs at fine structures; a wrong window, pose or inversion gives tens.
			expect(difference).toBeLessThan(3)
			expect(new Set(one).size, 'a film is to be seen').toBeGreaterThan(100)
		}
	})
})
