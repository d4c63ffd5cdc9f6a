import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { TrainingList, TrainingLive, TrainingRun } from '../../../../src/common/contract/training/desk.ts'
import { MOST_COMPARED } from '../../../../src/common/contract/training/review.ts'

const listeners = vi.hoisted(() => new Map<string, (payload: never) => void>())
const call = vi.hoisted(() => vi.fn<(name: string, input: object) => Promise<unknown>>())
vi.mock('../../../../src/renderer/app/client.ts', () => ({
	client: { call, on: (name: string, listener: (payload: never) => void) => (listeners.set(name, listener), () => {}), onConnection: (listener: (state: string) => void) => (listener('open'), () => {}) },
	CallError: Error,
}))

const store = await import('../../../../src/renderer/admin/runs/runsStore.ts')
const { useNotices } = await import('../../../../src/renderer/app/notices.ts')
const { useOverlay } = await import('../../../../src/renderer/app/overlay.ts')
const { useRuns } = store

const live = { step: 5, steps: 60 } as TrainingLive
const run = (id: string, changes: Partial<TrainingRun> = {}) => ({ id, name: `Run ${id}`, state: 'finished', record: {}, live: null, ...changes }) as TrainingRun
const settled = () => new Promise<void>((resolve) => setTimeout(resolve))
const notices = () => useNotices.getState().notices

let list: TrainingList

beforeEach(async () => {
	list = { runs: [run('c-1', { state: 'running', live }), run('b-1'), run('a-1', { state: 'waiting', record: null })], refused: [] }
	call.mockReset()
	call.mockImplementation((name) => Promise.resolve(name === 'training.list' ? list : name === 'training.recipe' ? { recipe: { name: 'a' } } : name === 'training.removal' ? { bytes: 5, lost: ['All of it.'], graph: null } : { id: '', waitsFor: 'c-1' }))
	useRuns.setState({ place: { at: 'list' }, list: null, listFault: '', active: null, selected: [], removing: null })
	useNotices.setState({ notices: [] })
	store.watchRuns()
	await settled()
})

describe('the list of runs', () => {
	it('follows what is told of the run that works, and of no other', () => {
		listeners.get('training.progress')?.({ id: 'c-1', live: { ...live, step: 9 }, steps: {}, validations: [] } as never)
		listeners.get('training.progress')?.({ id: 'b-1', live: { ...live, step: 9 }, steps: {}, validations: [] } as never)
		expect(useRuns.getState().list?.runs.map((own) => own.live?.step ?? null)).toEqual([9, null, null])
	})

	it('is asked for once more, however much happens while the answer is on its way', async () => {
		call.mockClear()
		for (let change = 0; change < 10; change++) listeners.get('training.changed')?.({ id: null } as never)
		await settled()
		expect(call.mock.calls.map(([name]) => name)).toEqual(['training.list', 'training.list'])
	})

	it('drops from the selection what is gone', async () => {
		store.toggleRun('b-1')
		store.toggleRun('a-1')
		list = { ...list, runs: list.runs.filter(({ id }) => id !== 'a-1') }
		store.reloadRuns()
		await settled()
		expect(useRuns.getState().selected).toEqual(['b-1'])
	})
})

describe('a selection of runs', () => {
	it('keeps its order, and has its limit', () => {
		for (let index = 0; index <= MOST_COMPARED; index++) store.toggleRun(`run-${index}`)
		expect(useRuns.getState().selected).toHaveLength(MOST_COMPARED)
		expect(notices().map(({ message }) => message)).toEqual([`At most ${MOST_COMPARED} runs are compared at once. Take one out of the selection first.`])
		store.toggleRun('run-0')
		expect(useRuns.getState().selected[0]).toBe('run-1')
	})
})

describe('a run', () => {
	it('is shown with its results where it is finished, and as it goes on where it is not', () => {
		store.openRun('b-1')
		expect(useRuns.getState().place).toEqual({ at: 'one', id: 'b-1', tab: 'results' })
		store.openRun('c-1')
		expect(useRuns.getState().place).toEqual({ at: 'one', id: 'c-1', tab: 'live' })
	})

	it('that is cancelled before it began is started again by undo', async () => {
		await store.cancelRun(run('a-1', { record: null }))
		notices()[0]?.action?.run()
		expect(call.mock.calls.slice(-3)).toEqual([['training.recipe', { id: 'a-1' }], ['training.cancel', { id: 'a-1' }], ['training.start', { recipe: { name: 'a' } }]])
	})

	it('that is cancelled with a folder is resumed by undo, and told for whom it waits', async () => {
		await store.cancelRun(run('b-1'))
		notices()[0]?.action?.run()
		await settled()
		expect(call.mock.calls.slice(-2)).toEqual([['training.cancel', { id: 'b-1' }], ['training.resume', { id: 'b-1' }]])
		expect(notices()[1]?.message).toBe('\u2068Run b-1\u2069 waits for its turn: \u2068Run c-1\u2069 works now.')
	})

	it('is removed when a person has said so, and the keyboard goes to its neighbour', async () => {
		store.openRun('b-1')
		await store.askRemoval(run('b-1'))
		expect([useRuns.getState().removing?.removal.lost, useOverlay.getState().shown]).toEqual([['All of it.'], 'removeRun'])
		store.keepRun()
		expect([useRuns.getState().removing, useOverlay.getState().shown]).toEqual([null, null])
		expect(call.mock.calls.map(([name]) => name)).not.toContain('training.remove')
		await store.askRemoval(run('b-1'))
		await store.removeRun()
		expect(call).toHaveBeenLastCalledWith('training.remove', { id: 'b-1' })
		expect(useRuns.getState()).toMatchObject({ place: { at: 'list' }, active: 'a-1', removing: null })
		expect(useRuns.getState().list?.runs.map(({ id }) => id)).toEqual(['c-1', 'a-1'])
	})
})
