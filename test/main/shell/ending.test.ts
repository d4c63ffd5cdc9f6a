import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEnding } from '../../../src/main/shell/ending.ts'

let windows: number
let goesOn: string | null
let tell: (event: string, payload: unknown) => void
const stays = vi.fn<(why: string) => void>()
const end = vi.fn<() => void>()

function ending() {
	return createEnding({
		program: {
			unfinished: () => goesOn,
			subscribe(listener) {
				tell = listener
				return () => {}
			},
		},
		windows: () => windows, stays, end,
	})
}

beforeEach(() => {
	vi.useFakeTimers()
	stays.mockClear()
	end.mockClear()
	windows = 0
	goesOn = null
})
afterEach(() => {
	vi.useRealTimers()
})

const changed = () => {
	tell('training.changed', { id: null })
	vi.advanceTimersByTime(5000)
}

describe('the end of the program', () => {
	it('comes with the last window, at once where nothing goes on', () => {
		ending().windowClosed()
		expect(end).toHaveBeenCalledOnce()
		expect(stays).not.toHaveBeenCalled()
	})

	it('waits for the run, is said once, and comes when nothing waits any more', () => {
		goesOn = 'The run a goes on.'
		ending().windowClosed()
		vi.advanceTimersByTime(5000)
		changed()
		expect(stays.mock.calls).toEqual([['The run a goes on.']])
		expect(end).not.toHaveBeenCalled()
		// The next one of the queue.
		goesOn = null
		tell('training.changed', { id: null })
		goesOn = 'The run b goes on.'
		vi.advanceTimersByTime(5000)
		expect(end).not.toHaveBeenCalled()
		goesOn = null
		changed()
		changed()
		expect(end).toHaveBeenCalledOnce()
	})

	it('does not come while a window is open again, nor when a page is loaded again', () => {
		goesOn = 'The run a goes on.'
		const own = ending()
		own.windowClosed()
		vi.advanceTimersByTime(5000)
		windows = 1
		goesOn = null
		changed()
		expect(end).not.toHaveBeenCalled()
		goesOn = 'The run b goes on.'
		windows = 0
		own.windowClosed()
		windows = 1
		vi.advanceTimersByTime(5000)
		expect(stays).toHaveBeenCalledOnce()
		windows = 0
		own.windowClosed()
		vi.advanceTimersByTime(5000)
		expect(stays).toHaveBeenCalledTimes(2)
		goesOn = null
		changed()
		expect(end).toHaveBeenCalledOnce()
	})
})
