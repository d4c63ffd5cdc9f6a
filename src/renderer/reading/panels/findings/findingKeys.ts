import type { Finding } from '../../../../common/contract/report.ts'

export type FindingAct = 'accept' | 'reject' | 'undecide' | 'edit' | 'remove'
export type FindingMove = 'up' | 'down' | 'first' | 'last'

/** What is said of the keys under the list; A stays with the angle tool. */
export const FINDING_KEYS: { key: string; what: string }[] = [
	{ key: 'Enter', what: 'accept' },
	{ key: 'X', what: 'reject' },
	{ key: 'E', what: 'edit' },
	{ key: 'U', what: 'undo' },
	{ key: '↑ ↓', what: 'move' },
]

/** Accept and reject are not toggles: pressing a key twice never takes a decision back. */
export function actsOn(finding: Finding): FindingAct[] {
	const acts: FindingAct[] = []
	if (finding.status !== 'accepted') acts.push('accept')
	if (finding.status !== 'rejected') acts.push('reject')
	acts.push('edit')
	if (finding.origin === 'network' && finding.status !== 'suggested') acts.push('undecide')
	// A network's finding is rejected and kept.
	if (finding.origin === 'reader') acts.push('remove')
	return acts
}

const ACT_OF_KEY: Record<string, FindingAct> = { Enter: 'accept', x: 'reject', e: 'edit', F2: 'edit', u: 'undecide', Delete: 'remove' }
const MOVE_OF_KEY: Record<string, FindingMove> = { ArrowUp: 'up', ArrowDown: 'down', Home: 'first', End: 'last' }

export function actOfKey(key: string, finding: Finding): FindingAct | null {
	const act = ACT_OF_KEY[key.length === 1 ? key.toLowerCase() : key]
	return act && actsOn(finding).includes(act) ? act : null
}

/** Index of the row that a key moves to among `count` rows; null for every other key. */
export function rowAfterKey(key: string, present: number, count: number): number | null {
	const move = MOVE_OF_KEY[key]
	if (!move || count === 0) return null
	const target = { up: present - 1, down: present + 1, first: 0, last: count - 1 }[move]
	return Math.min(count - 1, Math.max(0, target))
}
