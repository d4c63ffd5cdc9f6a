import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventPayload } from '../../../../src/common/contract/procedures.ts'
import { addStep, noSteps, type RunMetrics, type Validation } from '../../../../src/common/contract/training/review.ts'

type Progress = EventPayload<'training.progress'>
const listeners = vi.hoisted(() => new Map<string, (payload: never) => void>())
const call = vi.hoisted(() => vi.fn<(name: string, query: { afterStep: number; afterValidations: number }) => Promise<RunMetrics>>())
vi.mock('../../../../src/renderer/app/client.ts', () => ({
	client: {
		call,
		on(name: string, listener: (payload: never) => void) {
			listeners.set(name, listener)
			return () => void listeners.delete(name)
		},
		onConnection(listener: (state: string) => void) {
			listeners.set('connection', listener as (payload: never) => void)
			listener('open')
			return () => void listeners.delete('connection')
		},
	},
	CallError: Error,
}))

const { createRunMetrics, LOSS, partLine, VALIDATION_LOSS } = await import('../../../../src/renderer/admin/runs/live/runMetrics.ts')

/** Rows of an answer here; validations come after every second step. */
const PAGE = 4
const EVERY = 2

const validation = (step: number): Validation => ({ step, epoch: step / EVERY, size: 32, weights: 'trained', metrics: { loss: 10 + step, auroc: null }, best: false })
const columns = (first: number, last: number) => {
	const steps = noSteps()
	for (let step = first; step <= last; step++) addStep(steps, { event: 'step', step, epoch: 1, size: 32, loss: step, parts: { kl: step / 2 }, learningRate: 0.1, gradientNorm: 1 })
	return steps
}
const validationsBetween = (first: number, last: number) => Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).filter((step) => step % EVERY === 0).map(validation)
const progress = (first: number, last: number, id = 'a-1') => listeners.get('training.progress')?.({ id, live: {} as Progress['live'], steps: columns(first, last), validations: validationsBetween(first, last) } satisfies Progress as never)
const changed = (id: string | null) => listeners.get('training.changed')?.({ id } as never)
const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

let written: number
let end: () => void
let metrics: ReturnType<typeof createRunMetrics>
const state = () => metrics.store.getState()
const held = () => ({ steps: [...state().steps.x], validations: [...state().validations.x] })
const upTo = (last: number) => ({ steps: columns(1, last).step, validations: validationsBetween(1, last).map(({ step }) => step) })

beforeEach(() => {
	written = 10
	call.mockImplementation((_, { afterStep, afterValidations }) => {
		const last = Math.min(written, afterStep + PAGE)
		return Promise.resolve({
			steps: columns(afterStep + 1, last), validations: validationsBetween(1, last).slice(afterValidations), total: { steps: written, validations: Math.floor(written / EVERY) }, more: last < written,
		})
	})
	metrics = createRunMetrics('a-1')
	end = metrics.watch()
})
afterEach(() => {
	end()
	call.mockReset()
})

describe('the metrics of a run', () => {
	it('are read page by page, with the validations at their steps', async () => {
		expect(createRunMetrics('a-1').store.getState().loading).toBe(true)
		await settled()
		expect(held()).toEqual(upTo(10))
		expect(state()).toMatchObject({ loading: false, fault: '', parts: ['kl'], metrics: ['loss', 'auroc'] })
		expect(state().steps.values(LOSS)).toEqual(columns(1, 10).loss)
		expect(state().steps.values(partLine('kl'))).toEqual(columns(1, 10).parts['kl'])
		expect(state().steps.values(VALIDATION_LOSS)).toEqual([null, 12, null, 14, null, 16, null, 18, null, 20])
		expect(state().validations.values('auroc')).toEqual([null, null, null, null, null])
		expect(call.mock.calls.map(([, { afterStep, afterValidations }]) => [afterStep, afterValidations])).toEqual([[0, 0], [4, 2], [8, 4]])
	})

	it('grow by what is told, without asking', async () => {
		await settled()
		call.mockClear()
		progress(11, 13)
		progress(14, 14)
		progress(15, 20, 'another-1')
		expect(held()).toEqual(upTo(14))
		expect(call).not.toHaveBeenCalled()
	})

	it('take once what was both read and told', async () => {
		await settled()
		progress(8, 12)
		expect(held()).toEqual(upTo(12))
	})

	it('ask for what was not heard, and for what came while they were read', async () => {
		written = 13
		progress(11, 13)
		await settled()
		expect(held()).toEqual(upTo(13))
		written = 20
		progress(18, 20)
		await settled()
		expect(held()).toEqual(upTo(20))
	})

	it('begin again when the run went back to its checkpoint', async () => {
		await settled()
		const before = state().steps
		written = 6
		changed('a-1')
		await settled()
		expect(held()).toEqual(upTo(6))
		expect(state().steps).not.toBe(before)
		progress(7, 9)
		expect(held()).toEqual(upTo(9))
	})

	it('are read on when the connection is back, and say why they could not be read', async () => {
		await settled()
		call.mockRejectedValueOnce(new Error('The file is damaged.'))
		changed(null)
		await settled()
		expect(state().fault).toBe('The file is damaged.')
		expect(held()).toEqual(upTo(10))
		written = 12
		listeners.get('connection')?.('open' as never)
		await settled()
		expect([state().fault, held()]).toEqual(['', upTo(12)])
	})
})
