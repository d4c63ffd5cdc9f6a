import { create } from 'zustand'
import type { Finding } from '../../../../common/contract/report.ts'
import type { Client } from '../../../app/client.ts'

interface FindingsState {
	studyId: number | null
	/** Null until the list has been read. */
	findings: Finding[] | null
	/** Why the list could not be read; '' otherwise. */
	fault: string
}

export type FindingChange = Partial<Pick<Finding, 'status' | 'text'>>

/** Findings that a network suggested and nobody has decided. */
export function undecided(findings: Finding[]): Finding[] {
	return findings.filter((finding) => finding.status === 'suggested')
}

/** "3 findings: 1 suggested, 2 accepted." */
export function countText(findings: Finding[]): string {
	if (findings.length === 0) return 'No findings.'
	const parts = (['suggested', 'accepted', 'rejected'] as const)
		.map((status) => ({ status, count: findings.filter((finding) => finding.status === status).length }))
		.filter((part) => part.count > 0)
		.map((part) => `${part.count} ${part.status}`)
	return `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}: ${parts.join(', ')}.`
}

/** The findings of the study on the light box, as the library has them. */
export function createFindingsKeeper(client: Pick<Client, 'call'>) {
	const store = create<FindingsState>(() => ({ studyId: null, findings: null, fault: '' }))
	/** Counts what was changed here: a list that was asked for before a change is older than what is shown. */
	let changes = 0

	async function load(): Promise<void> {
		const { studyId } = store.getState()
		if (studyId === null) return
		const before = changes
		try {
			const findings = await client.call('findings.list', { studyId })
			if (store.getState().studyId !== studyId) return
			if (changes !== before) return await load()
			store.setState({ findings, fault: '' })
		} catch (error) {
			if (store.getState().studyId === studyId) store.setState({ fault: error instanceof Error ? error.message : String(error) })
		}
	}

	function place(studyId: number, change: (findings: Finding[]) => Finding[]): void {
		changes += 1
		store.setState((state) => (state.studyId === studyId && state.findings ? { findings: change(state.findings) } : state))
	}

	return {
		store,
		load,
		open(studyId: number | null): void {
			if (store.getState().studyId === studyId) return
			changes += 1
			store.setState({ studyId, findings: null, fault: '' })
			void load()
		},
		async update(finding: Finding, change: FindingChange): Promise<void> {
			const changed = await client.call('findings.update', { findingId: finding.id, ...change })
			place(finding.studyId, (findings) => findings.map((known) => (known.id === changed.id ? changed : known)))
		},
		async add(studyId: number, text: string): Promise<Finding> {
			const added = await client.call('findings.add', { studyId, text })
			place(studyId, (findings) => [...findings.filter((known) => known.id !== added.id), added])
			return added
		},
		async remove(finding: Finding): Promise<void> {
			await client.call('findings.remove', { findingId: finding.id })
			place(finding.studyId, (findings) => findings.filter((known) => known.id !== finding.id))
		},
	}
}
