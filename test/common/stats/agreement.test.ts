import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agreementOf, type Calls } from '../../../src/common/stats/agreement.ts'

function calls(positive: Record<string, boolean>, change: Partial<Calls> = {}): Calls {
	return { gate: { ok: true }, abstained: false, labels: Object.entries(positive).map(([name, called]) => ({ name, positive: called })), ...change }
}

const someCalls = fc.dictionary(fc.constantFrom('covid19', 'normal', 'pneumonia', 'effusion'), fc.boolean(), { minKeys: 1 }).map((positive) => calls(positive))

describe('agreementOf', () => {
	it('compares the sets of labels that are called', () => {
		expect(agreementOf(calls({ covid19: true, normal: false }), calls({ covid19: true, normal: false }))).toBe('agree')
		expect(agreementOf(calls({ covid19: true, normal: false }), calls({ covid19: false, normal: true }))).toBe('disagree')
		expect(agreementOf(calls({ covid19: true, normal: true }), calls({ covid19: true, normal: false }))).toBe('disagree')
	})

	it('finds agreement where both call nothing', () => {
		expect(agreementOf(calls({ covid19: false }), calls({ covid19: false }))).toBe('agree')
	})

	it('leaves labels aside that only one of them knows', () => {
		expect(agreementOf(calls({ covid19: true }), calls({ covid19: true, effusion: true }))).toBe('agree')
		expect(agreementOf(calls({ covid19: true, nodule: true }), calls({ covid19: true }))).toBe('agree')
		expect(agreementOf(calls({ covid19: true }), calls({ effusion: true }))).toBe('undecided')
	})

	it('is undecided where either abstained or refused', () => {
		const student = calls({ covid19: true })
		expect(agreementOf(student, calls({ covid19: true }, { abstained: true }))).toBe('undecided')
		expect(agreementOf(calls({ covid19: false }, { abstained: true }), student)).toBe('undecided')
		expect(agreementOf(student, calls({}, { gate: { ok: false } }))).toBe('undecided')
	})

	it('does not depend on who is asked first or on the order of labels', () => {
		fc.assert(fc.property(someCalls, someCalls, (one, other) => {
			const word = agreementOf(one, other)
			expect(agreementOf(other, one)).toBe(word)
			expect(agreementOf({ ...one, labels: one.labels.toReversed() }, other)).toBe(word)
			expect(agreementOf(one, one)).toBe('agree')
		}))
	})
})
