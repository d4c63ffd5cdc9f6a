import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pillowResize } from '../../../src/hosts/inference/pillowResize.ts'
import { inferenceGolden, syntheticPixels } from '../../support/inferenceFixtures.ts'

describe('resize as Pillow does it', () => {
	it.each(inferenceGolden.resizes)('is bit-exact from $from to $to', ({ from, to, sha256, start }) => {
		const resized = pillowResize(syntheticPixels(...from), ...from, ...to)
		expect(Array.from(resized.subarray(0, 8))).toEqual(start)
		expect(createHash('sha256').update(resized).digest('hex')).toBe(sha256)
	})
})
