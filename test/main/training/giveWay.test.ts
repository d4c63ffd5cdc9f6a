import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostStatus } from '../../../src/common/contract/system.ts'
import type { HostCaller } from '../../../src/main/supervisor/hostCaller.ts'
import { createGiveWay } from '../../../src/main/training/giveWay.ts'

let jobs: number
let works: boolean
let held: number[]
const onChange = vi.fn<(gives: boolean) => void>()

function host(name: HostStatus['name'], own: number): HostStatus {
	return { name, state: 'ready', pid: 1, restarts: 0, jobs: own, lastFault: '' }
}

function giveWay() {
	const hosts: HostCaller = {
		call: (async (_host: string, method: string, { milliseconds }: { milliseconds: number }) => {
			if (method === 'hold') held.push(milliseconds)
			return {}
		}) as unknown as HostCaller['call'],
		status: () => [host('inference', jobs), host('training', 1)],
	}
	return createGiveWay({ hosts, works: () => works, onChange })
}

beforeEach(() => {
	vi.useFakeTimers()
	jobs = 0
	works = true
	held = []
	onChange.mockClear()
})
afterEach(() => {
	vi.useRealTimers()
})

describe('a run gives way to the reading desk', () => {
	it('as long as an answer or a map is made, is told again in time, and goes on afterwards', () => {
		const own = giveWay()
		own.look()
		expect(held).toEqual([])
		jobs = 1
		own.look()
		own.look()
		expect([held, onChange.mock.calls]).toEqual([[10_000], [[true]]])
		vi.advanceTimersByTime(11_000)
		expect(held).toEqual([10_000, 10_000, 10_000])
		jobs = 0
		own.look()
		vi.advanceTimersByTime(60_000)
		expect([held.slice(3), onChange.mock.calls]).toEqual([[0], [[true], [false]]])
	})

	it('does nothing where no run takes steps, and stops where it has ended', () => {
		works = false
		jobs = 1
		const own = giveWay()
		own.look()
		expect(held).toEqual([])
		works = true
		own.look()
		works = false
		own.look()
		vi.advanceTimersByTime(60_000)
		expect(held).toEqual([10_000, 0])
	})
})
