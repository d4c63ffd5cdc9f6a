import { expect, it } from 'vitest'
import { randomStream } from '../../../../src/common/random.ts'
import { findNearDuplicates, THUMBNAIL_SIDE } from '../../../../src/hosts/training/data/nearDuplicates.ts'

/** A chest-like common ground with its own soft differences: what makes films alike to a plain hash. */
function film(seed: number): Uint8Array {
	const stream = randomStream(seed, 'film')
	const waves = Array.from({ length: 30 }, () => ({ x: stream.integer(7), y: stream.integer(7), size: stream.normal() * 8 }))
	return Uint8Array.from({ length: THUMBNAIL_SIDE ** 2 }, (_, index) => {
		const x = (index % THUMBNAIL_SIDE) / THUMBNAIL_SIDE
		const y = Math.floor(index / THUMBNAIL_SIDE) / THUMBNAIL_SIDE
		const common = 128 + 60 * Math.cos(2 * Math.PI * x) + 20 * y
		return Math.max(0, Math.min(255, Math.round(common + waves.reduce((sum, wave) => sum + wave.size * Math.cos(Math.PI * wave.x * x) * Math.cos(Math.PI * wave.y * y), 0))))
	})
}

it('finds disturbed copies among thousands that look alike, and hardly anything else', () => {
	const films = Array.from({ length: 4000 }, (_, index) => film(index))
	const noise = randomStream(1, 'noise')
	const copies = films.slice(0, 60).map((own) => own.map((value) => Math.max(0, Math.min(255, Math.round(value * 0.9 + 6 + noise.normal() * 1.5)))))
	const found = findNearDuplicates([...films, ...copies])
	const right = found.filter(({ first, second }) => second === first + 4000)
	expect(right.length).toBeGreaterThanOrEqual(58)
	expect(found.length - right.length).toBeLessThanOrEqual(2)
	expect(new Set(found.map(({ first, second }) => `${first} ${second}`)).size).toBe(found.length)
	for (const { likeness } of found) expect(likeness).toBeGreaterThanOrEqual(0.9)
})

it('takes flat images and very few of them', () => {
	expect(findNearDuplicates([])).toEqual([])
	expect(findNearDuplicates([film(1)])).toEqual([])
	const flat = new Uint8Array(THUMBNAIL_SIDE ** 2)
	expect(findNearDuplicates(Array.from({ length: 70 }, () => flat))).toEqual([])
	expect(findNearDuplicates([film(1), film(2), film(1)])).toEqual([{ first: 0, second: 2, likeness: expect.closeTo(1, 5) }])
})
