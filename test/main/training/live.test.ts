import { expect, it } from 'vitest'
import { createLiveRun } from '../../../src/main/training/live.ts'

it('a run that goes on stands at the epoch of its step', () => {
	const run = createLiveRun('a-1', () => {})
	run.take({ kind: 'started', id: 'a-1', directory: '/runs/a-1', step: 35, steps: 60, epochs: 10 })
	expect(run.live()).toMatchObject({ step: 35, steps: 60, epoch: 5, epochs: 10 })
	run.end()
})
