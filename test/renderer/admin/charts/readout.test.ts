import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Line } from '../../../../src/renderer/admin/charts/line.ts'
import { createLineData } from '../../../../src/renderer/admin/charts/lineData.ts'
import { readoutAt, watchLastValues } from '../../../../src/renderer/admin/charts/readout.ts'
import { readoutWords } from '../../../../src/renderer/admin/charts/words.ts'

const LINES: Line[] = [{ name: 'loss', title: 'Loss' }, { name: 'validation', title: 'Validation loss', marks: true }, { name: 'rate', title: 'Learning rate', scale: 'right' }]

function example() {
	const data = createLineData()
	data.append(1, { loss: 4 })
	data.append(2, { loss: 3, validation: 3.5 })
	data.append(3, { loss: 0.43212 })
	return data
}

describe('readout', () => {
	it('has each value at a step, or the last one before it with its own step', () => {
		expect(readoutAt(example(), LINES, 2)).toEqual({ x: 3, values: [{ value: 0.43212, x: 3 }, { value: 3.5, x: 2 }, { value: null, x: null }] })
		expect(readoutAt(example(), LINES, 0).values[1]).toEqual({ value: null, x: null })
	})

	it('is empty without points', () => {
		expect(readoutAt(createLineData(), LINES, -1)).toEqual({ x: null, values: LINES.map(() => ({ value: null, x: null })) })
	})

	it('is said in words, and says where a value is of another step', () => {
		expect(readoutWords('Step', LINES, readoutAt(example(), LINES, 2))).toBe('Step 3: Loss 0.4321, Validation loss 3.500 (step 2).')
		expect(readoutWords('Step', [], readoutAt(example(), [], 2))).toBe('Step 3: no values.')
		expect(readoutWords('Step', LINES, { x: null, values: [] })).toBe('No points yet.')
	})
})

describe('watchLastValues', () => {
	beforeEach(() => void vi.useFakeTimers())
	afterEach(() => void vi.useRealTimers())

	it('looks twice a second however many points come, and sees the last of them', () => {
		const data = example()
		const store = watchLastValues(data, LINES)
		const listener = vi.fn<() => void>()
		const end = store.subscribe(listener)
		vi.advanceTimersByTime(1000)
		listener.mockClear()
		const before = store.get()
		for (let step = 4; step <= 1003; step++) {
			data.append(step, { loss: step })
			vi.advanceTimersByTime(1)
		}
		expect(store.get()).not.toBe(before)
		expect(listener).toHaveBeenCalledTimes(2)
		expect(store.get().values[0]).toEqual({ value: 1003, x: 1003 })
		end()
		data.append(2000, { loss: 1 })
		vi.advanceTimersByTime(2000)
		expect(listener).toHaveBeenCalledTimes(2)
	})

	it('sees points that came before anyone listened', () => {
		const data = createLineData()
		const store = watchLastValues(data, LINES)
		data.append(1, { loss: 4 })
		store.subscribe(() => {})
		vi.advanceTimersByTime(1000)
		expect(store.get().x).toBe(1)
	})
})
