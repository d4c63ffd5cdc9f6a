import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { importFilm, phantomWith } from '../../support/films.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let workstation: TestWorkstation
let instanceId: number
let analysisId: number

beforeAll(async () => {
	home = await newHome()
	workstation = await startWorkstation(home)
	instanceId = (await importFilm(workstation)).instanceId
})
beforeEach(async () => {
	analysisId = (await workstation.call('analysis.run', { instanceId, frameIndex: 0, again: true })).id
})
afterAll(async () => {
	await workstation.close()
	await removeHome(home)
})

const start = (layer = 'last_block') => workstation.call('explanation.start', { analysisId, layer })
const ended = (jobId?: string) => workstation.next('explanation.changed', (change) => !['queued', 'running'].includes(change.phase) && (jobId === undefined || change.jobId === jobId))

describe('a map', () => {
	it('is made once for two windows that ask for it, and answered from the store afterwards', async () => {
		const queued: string[] = []
		const unsubscribe = workstation.program.subscribe((event, payload) => {
			if (event === 'explanation.changed' && (payload as { phase: string }).phase === 'queued') queued.push((payload as { jobId: string }).jobId)
		})
		const finished = ended()
		const [one, other] = await Promise.all([start(), start()])
		expect(other.jobId).toBe(one.jobId)
		expect(other.finished).toBeNull()
		const { phase, state } = await finished
		expect(phase).toBe('finished')
		const stored = await start()
		expect(stored.finished?.state).toMatchObject({ layer: 'last_block', exact: true })
		expect(Object.keys(stored.finished?.state.maps ?? {})).toEqual(Object.keys(state?.maps ?? {}))
		expect(queued).toEqual([one.jobId])
		unsubscribe()
	})

	it('that was cancelled is begun anew by who asks again, even before the old one has ended', async () => {
		const running = workstation.next('explanation.changed', ({ phase }) => phase === 'running')
		const first = await start('final_expand')
		await running
		const cancelled = ended(first.jobId)
		await workstation.call('explanation.cancel', { jobId: first.jobId })
		const second = await start('final_expand')
		expect(second.jobId).not.toBe(first.jobId)
		const secondEnded = ended(second.jobId)
		expect((await cancelled).phase).toBe('cancelled')
		// The end of the old one has not made the new one unknown.
		expect((await start('final_expand')).jobId).toBe(second.jobId)
		await workstation.call('explanation.cancel', { jobId: second.jobId })
		expect((await secondEnded).phase).toBe('cancelled')
	})

	it('is not made of an image that the gate refused, of an unknown layer, or of nothing', async () => {
		const knee = await importFilm(workstation, phantomWith([{ tag: 0x00180015, vr: 'CS', value: 'KNEE' }, { tag: 0x00080018, vr: 'UI', value: '2.25.4711' }]))
		const refused = await workstation.call('analysis.run', { instanceId: knee.instanceId, frameIndex: 0 })
		expect(refused.prediction.gate.ok).toBe(false)
		await expect(workstation.call('explanation.start', { analysisId: refused.id })).rejects.toThrow('refused by the input gate')
		await expect(start('no_such_layer')).rejects.toThrow('has no layer no_such_layer')
		await expect(workstation.call('explanation.start', { analysisId: 999_999 })).rejects.toThrow('not in the library')
	})
})
