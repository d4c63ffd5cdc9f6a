import { describe, expect, it } from 'vitest'
import { createBatchTuner } from '../../../src/hosts/inference/batchSize.ts'

/** Sizes asked for when a batch of n takes milliseconds(n). */
function sizes(milliseconds: (images: number, run: number) => number, runs = 30): number[] {
	const tuner = createBatchTuner()
	return Array.from({ length: runs }, (_, run) => {
		const size = tuner.size()
		tuner.ran(size, milliseconds(size, run))
		return size
	})
}

describe('batch size', () => {
	it('settles on the fastest per image', () => {
		expect(sizes((images) => 4 + images * (images > 8 ? 3 : 2)).at(-1)).toBe(8)
		expect(sizes((images) => 10 + images * 2).at(-1)).toBe(32)
	})
	it('is not misled by a single slow run', () => {
		expect(sizes((images, run) => (10 + images * 2) * (run % 3 === 0 ? 9 : 1)).at(-1)).toBe(32)
	})
	it('never asks a slow network for a long batch', () => {
		expect(Math.max(...sizes((images) => images * 30))).toBe(4)
		expect(Math.max(...sizes((images) => images * 400))).toBe(1)
	})
	it('that was found out before is not tried again, and one that was not is not told', () => {
		const known = createBatchTuner(16)
		expect([known.size(), known.found()]).toEqual([16, 16])
		known.ran(1, 0.001)
		expect(known.size()).toBe(16)
		const tuner = createBatchTuner()
		expect(tuner.found()).toBeNull()
		for (let run = 0; run < 30; run++) tuner.ran(tuner.size(), 10 + tuner.size())
		expect(tuner.found()).toBe(tuner.size())
	})
	it('that was found while others were at work is used and not told', () => {
		const tuner = createBatchTuner()
		for (let run = 0; run < 30; run++) tuner.ran(tuner.size(), (10 + tuner.size()) * (1 + (run % 3)))
		expect(tuner.size()).toBe(32)
		expect(tuner.found()).toBeNull()
		const noisy = createBatchTuner()
		// One slow run of three, such as the first of a size, is no sign of that.
		for (let run = 0; run < 30; run++) noisy.ran(noisy.size(), (10 + noisy.size()) * (run % 3 === 0 ? 9 : 1))
		expect(noisy.found()).toBe(32)
	})
	it('leaves a last, shorter batch out of account', () => {
		const tuner = createBatchTuner()
		for (let run = 0; run < 9; run++) tuner.ran(3, 0.001)
		expect(tuner.size()).toBe(1)
	})
})
