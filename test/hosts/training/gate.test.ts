import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGate } from '../../../src/hosts/training/gate.ts'

beforeEach(() => {
	vi.useFakeTimers()
})
afterEach(() => {
	vi.useRealTimers()
})

const never = new AbortController().signal

describe('the gate before a step', () => {
	it('is open, is closed for a while, and opens by itself', async () => {
		const gate = createGate()
		await gate.pass(never)
		gate.hold(1000)
		const passed = vi.fn()
		void gate.pass(never).then(passed)
		await vi.advanceTimersByTimeAsync(900)
		expect(passed).not.toHaveBeenCalled()
		// Told again in time, it stays closed.
		gate.hold(1000)
		await vi.advanceTimersByTimeAsync(900)
		expect(passed).not.toHaveBeenCalled()
		await vi.advanceTimersByTimeAsync(100)
		expect(passed).toHaveBeenCalledOnce()
		await gate.pass(never)
	})

	it('is opened again, and holds back nobody who wants to end', async () => {
		const gate = createGate()
		const passed = vi.fn()
		gate.hold(60_000)
		void gate.pass(never).then(passed)
		const end = new AbortController()
		const ended = gate.pass(end.signal)
		end.abort()
		await ended
		expect(passed).not.toHaveBeenCalled()
		gate.hold(0)
		await vi.advanceTimersByTimeAsync(0)
		expect(passed).toHaveBeenCalledOnce()
	})
})
