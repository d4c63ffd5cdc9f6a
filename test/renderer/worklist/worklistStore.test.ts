import { beforeEach, expect, it, vi } from 'vitest'
import type { WorklistPage } from '../../../src/common/contract/study.ts'

const call = vi.hoisted(() => vi.fn<(name: string) => Promise<WorklistPage>>())
const connected = vi.hoisted(() => new Set<(connection: 'open') => void>())
vi.mock('../../../src/renderer/app/client.ts', () => ({
	client: {
		call,
		on: () => () => undefined,
		onConnection(told: (connection: 'open') => void) {
			connected.add(told)
			told('open')
			return () => connected.delete(told)
		},
	},
	CallError: Error,
}))

const { activate, openRow, useWorklist, watchWorklist } = await import('../../../src/renderer/worklist/worklistStore.ts')
const { useNavigation } = await import('../../../src/renderer/app/navigation.ts')

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))
const page = (...studies: number[]): WorklistPage => ({ rows: studies.map((studyId) => ({ studyId }) as WorklistPage['rows'][number]), matching: studies.length, total: studies.length, modalities: [] })

beforeEach(() => {
	call.mockReset()
	useNavigation.setState({ studyId: null })
})

it('opens nothing from the rows that were left: another study may stand in their place', async () => {
	call.mockResolvedValueOnce(page(7))
	const leave = watchWorklist()
	await settled()
	activate(0)
	leave()

	// Study 8 came while nobody looked, and stands first.
	call.mockResolvedValueOnce(page(8, 7))
	const leaveAgain = watchWorklist()
	openRow(0)
	expect(useNavigation.getState().studyId).toBeNull()

	await settled()
	expect(useWorklist.getState()).toMatchObject({ active: 1, activeStudy: 7 })
	openRow(0)
	expect(useNavigation.getState().studyId).toBe(8)
	leaveAgain()
	expect(connected.size).toBe(0)
})
