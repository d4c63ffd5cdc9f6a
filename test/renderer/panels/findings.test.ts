import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/common/contract/report.ts'
import { actOfKey, actsOn, rowAfterKey } from '../../../src/renderer/reading/panels/findings/findingKeys.ts'
import { countText, createFindingsKeeper, undecided } from '../../../src/renderer/reading/panels/findings/findingsKeeper.ts'
import { exampleFinding, settle } from './examples.ts'

describe('keys on a finding', () => {
	it('never takes a decision back when a key is pressed twice', () => {
		expect(actOfKey('Enter', exampleFinding())).toBe('accept')
		expect(actOfKey('Enter', exampleFinding({ status: 'accepted' }))).toBeNull()
		expect(actOfKey('X', exampleFinding())).toBe('reject')
		expect(actOfKey('x', exampleFinding({ status: 'rejected' }))).toBeNull()
		expect(actOfKey('u', exampleFinding({ status: 'rejected' }))).toBe('undecide')
	})

	it('removes only what is the reader\'s own', () => {
		expect(actOfKey('Delete', exampleFinding())).toBeNull()
		const own = exampleFinding({ origin: 'reader', status: 'accepted' })
		expect(actOfKey('Delete', own)).toBe('remove')
		expect(actsOn(own)).toEqual(['reject', 'edit', 'remove'])
		expect(actOfKey('u', own)).toBeNull()
	})

	it('leaves the angle tool its key', () => {
		expect(actOfKey('a', exampleFinding())).toBeNull()
	})

	it('moves between rows and stops at the ends', () => {
		expect(rowAfterKey('ArrowDown', 0, 3)).toBe(1)
		expect(rowAfterKey('ArrowDown', 2, 3)).toBe(2)
		expect(rowAfterKey('ArrowUp', 0, 3)).toBe(0)
		expect(rowAfterKey('End', 0, 200)).toBe(199)
		expect(rowAfterKey('Home', 5, 200)).toBe(0)
		expect(rowAfterKey('ArrowDown', 0, 0)).toBeNull()
		expect(rowAfterKey('Tab', 0, 3)).toBeNull()
	})
})

it('counts by status', () => {
	const list = [exampleFinding(), exampleFinding({ status: 'accepted' }), exampleFinding({ status: 'accepted' })]
	expect(countText(list)).toBe('3 findings: 1 suggested, 2 accepted.')
	expect(countText([exampleFinding({ status: 'rejected' })])).toBe('1 finding: 1 rejected.')
	expect(undecided(list)).toHaveLength(1)
})

function fakeClient() {
	const calls: { name: string; input: unknown; answer(output: unknown): void; refuse(error: Error): void }[] = []
	return { calls, call: ((name: string, input: unknown) => new Promise((answer, refuse) => calls.push({ name, input, answer, refuse }))) as never }
}

async function opened(list: Finding[]) {
	const client = fakeClient()
	const keeper = createFindingsKeeper(client)
	keeper.open(1)
	client.calls[0]?.answer(list)
	await settle()
	return { client, keeper, shown: () => keeper.store.getState().findings }
}

describe('createFindingsKeeper', () => {
	it('shows the list of the open study only', async () => {
		const client = fakeClient()
		const keeper = createFindingsKeeper(client)
		keeper.open(1)
		keeper.open(2)
		client.calls[1]?.answer([exampleFinding({ id: 7, studyId: 2 })])
		client.calls[0]?.answer([exampleFinding()])
		await settle()
		expect(keeper.store.getState().findings?.map((finding) => finding.id)).toEqual([7])
	})

	it('does not let an older list undo a decision', async () => {
		const { client, keeper, shown } = await opened([exampleFinding()])
		void keeper.load()
		void keeper.update(exampleFinding(), { status: 'accepted' })
		client.calls[2]?.answer(exampleFinding({ status: 'accepted' }))
		await settle()
		client.calls[1]?.answer([exampleFinding()])
		await settle()
		expect(shown()?.[0]?.status).toBe('accepted')
		// The old list was thrown away and asked for again.
		client.calls[3]?.answer([exampleFinding({ status: 'accepted', text: 'newer' })])
		await settle()
		expect(shown()?.[0]?.text).toBe('newer')
	})

	it('adds, removes and says why the list cannot be read', async () => {
		const { client, keeper, shown } = await opened([exampleFinding()])
		void keeper.add(1, 'Own')
		client.calls[1]?.answer(exampleFinding({ id: 2, origin: 'reader', text: 'Own' }))
		await settle()
		expect(shown()?.map((finding) => finding.id)).toEqual([1, 2])
		void keeper.remove(exampleFinding({ id: 2 }))
		client.calls[2]?.answer({})
		await settle()
		expect(shown()?.map((finding) => finding.id)).toEqual([1])
		void keeper.load()
		client.calls[3]?.refuse(new Error('The library is busy.'))
		await settle()
		expect(keeper.store.getState().fault).toBe('The library is busy.')
	})

	it('changes nothing where the main program refuses', async () => {
		const { client, keeper, shown } = await opened([exampleFinding()])
		const update = keeper.update(exampleFinding(), { text: 'x' })
		client.calls[1]?.refuse(new Error('Refused.'))
		await expect(update).rejects.toThrow('Refused.')
		expect(shown()?.[0]?.text).toBe('COVID-19')
	})
})
