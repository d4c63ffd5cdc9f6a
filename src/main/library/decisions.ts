import { createHash } from 'node:crypto'
import { decisionContentSchema, type Decision, type DecisionContent } from '../../common/contract/promotion.ts'
import { hashOfComparison } from './comparisons.ts'
import { inSnapshot, inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

interface Row {
	id: number
	content: string
	sha256: string
}

/** What stands in the first decision in place of the hash of the one before. */
export const NO_DECISION = '0'.repeat(64)

/** Signs a decision: it gets the hash of the one before, and stays as it is from then on. */
export function saveDecision(library: Library, content: Omit<DecisionContent, 'previous'>): Decision {
	return inTransaction(library.database, () => {
		const last = prepared<[], Row>(library.database, 'SELECT id, content, sha256 FROM decisions ORDER BY id DESC LIMIT 1').get()
		const whole = decisionContentSchema.parse({ ...content, previous: last?.sha256 ?? NO_DECISION })
		const text = JSON.stringify(whole)
		const sha256 = hashOf(text)
		const { lastInsertRowid } = prepared(library.database, 'INSERT INTO decisions (content, sha256) VALUES (?, ?)').run(text, sha256)
		return { id: Number(lastInsertRowid), content: whole, sha256 }
	})
}

/** Oldest first, with what was changed after it was written, in a sentence; '' where every decision is as it was signed and follows the one before, and every comparison is as it was decided on. */
export function readDecisions(library: Library): { decisions: Decision[]; fault: string } {
	return inSnapshot(library.database, () => {
		const rows = prepared<[], Row>(library.database, 'SELECT id, content, sha256 FROM decisions ORDER BY id').all()
		const decisions: Decision[] = []
		let fault = ''
		let previous = NO_DECISION
		for (const { id, content: text, sha256 } of rows) {
			const content = decisionContentSchema.safeParse(jsonOf(text)).data
			if (content) decisions.push({ id, content, sha256 })
			fault ||= faultOf(library, { id, text, sha256, previous }, content)
			previous = sha256
		}
		return { decisions, fault }
	})
}

/** Whether a decision with this hash is in the library. */
export function hasDecision(library: Library, sha256: string): boolean {
	return prepared<[string], unknown>(library.database, 'SELECT 1 FROM decisions WHERE sha256 = ?').get(sha256) !== undefined
}

/** The hash that the next decision has to name. */
export function lastHash(library: Library): string {
	return prepared<[], { sha256: string }>(library.database, 'SELECT sha256 FROM decisions ORDER BY id DESC LIMIT 1').get()?.sha256 ?? NO_DECISION
}

function faultOf(library: Library, { id, text, sha256, previous }: { id: number; text: string; sha256: string; previous: string }, content: DecisionContent | undefined): string {
	if (!content || hashOf(text) !== sha256) return `Decision ${id} was changed after it was signed.`
	if (content.previous !== previous) return `Decision ${id} does not follow the one before it: a decision was removed or put between.`
	const other = content.comparisons.find((comparison) => hashOfComparison(library, comparison.id) !== comparison.sha256)
	return other ? `The report of comparison ${other.id}, on which decision ${id} was made, was changed or removed afterwards.` : ''
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		return null
	}
}

function hashOf(text: string): string {
	return createHash('sha256').update(text).digest('hex')
}
