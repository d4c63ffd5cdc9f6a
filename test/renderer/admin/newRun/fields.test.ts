import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldOf, listAt, pathOf, textAt, valueAt, withValue, type Draft } from '../../../../src/renderer/admin/newRun/recipe/fields.ts'
import { lineAt, placeOf, readText, textOf } from '../../../../src/renderer/admin/newRun/recipe/jsonText.ts'

/** Names as recipes have them: a dot or a bracket stands for the way to a field. */
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9 _-]{0,8}$/)
const { value: anything } = fc.letrec<{ value: unknown; object: Draft }>((tie) => ({
	object: fc.dictionary(name, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Draft>,
	value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }), tie('object')),
}))
const drafts = fc.dictionary(name, anything, { minKeys: 1, maxKeys: 5 })

/** The names of all fields of a draft. */
function fieldsOf(value: unknown, path: readonly (string | number)[] = []): string[] {
	const own = path.length === 0 ? [] : [fieldOf(path)]
	if (Array.isArray(value)) return [...own, ...value.flatMap((item, index) => fieldsOf(item, [...path, index]))]
	return typeof value === 'object' && value !== null ? [...own, ...Object.entries(value).flatMap(([key, item]) => fieldsOf(item, [...path, key]))] : own
}

describe('the fields of a draft', () => {
	it('are named as problems name them', () => {
		expect(pathOf('teachers[0].layers[12].student')).toEqual(['teachers', 0, 'layers', 12, 'student'])
		fc.assert(fc.property(drafts, (value) => {
			for (const field of fieldsOf(value)) expect(fieldOf(pathOf(field))).toBe(field)
		}))
	})

	it('are read and set, and everything else stays as it was, in its order', () => {
		fc.assert(fc.property(drafts, fc.nat(), fc.integer(), (value, which, next) => {
			const fields = fieldsOf(value)
			const field = fields[which % fields.length] ?? ''
			const before = structuredClone(value)
			const changed = withValue(value, field, next)
			expect(valueAt(changed, field)).toBe(next)
			expect(value).toEqual(before)
			const inside = (own: string) => own.startsWith(`${field}.`) || own.startsWith(`${field}[`)
			expect(fieldsOf(changed)).toEqual(fields.filter((own) => !inside(own)))
			for (const own of fields) if (own !== field && !inside(own) && !field.startsWith(`${own}.`) && !field.startsWith(`${own}[`)) expect(valueAt(changed, own)).toEqual(valueAt(value, own))
			expect(withValue(changed, field, valueAt(value, field))).toEqual(value)
		}))
	})

	it('are taken away with what they leave empty', () => {
		const draft: Draft = { pack: { labels: { normal: { finding: false } } }, losses: [{ kind: 'kl' }, { kind: 'mse' }], epochs: 5 }
		expect(withValue(draft, 'pack.labels.normal.finding', undefined)).toEqual({ losses: draft['losses'], epochs: 5 })
		expect(withValue(draft, 'losses[0]', undefined)).toMatchObject({ losses: [{ kind: 'mse' }] })
		expect(withValue(draft, 'none.of.these', undefined)).toEqual(draft)
		expect(withValue({}, 'input.size', 96)).toEqual({ input: { size: 96 } })
		expect([textAt(draft, 'epochs'), listAt(draft, 'epochs'), valueAt(draft, 'constructor'), valueAt(null, 'a')]).toEqual(['', [], undefined, undefined])
	})
})

describe('the text of a draft', () => {
	it('says the same, and knows where each field stands', () => {
		fc.assert(fc.property(drafts, fc.constantFrom<number | string>(0, 1, '\t'), (value, indent) => {
			expect(readText(textOf(value))).toEqual({ draft: value })
			const text = JSON.stringify(value, null, indent)
			for (const field of fieldsOf(value)) {
				const path = pathOf(field)
				const last = path.at(-1)
				const rest = text.slice(placeOf(text, field))
				const expected = typeof last === 'string' ? JSON.stringify(last) : JSON.stringify(valueAt(value, field)).charAt(0)
				expect(rest.startsWith(expected), `${field} in ${text}`).toBe(true)
			}
		}))
	})

	it('points at the nearest field around one that is not there', () => {
		const text = textOf({ name: 'x', student: { from: 'pack' } })
		expect(lineAt(text, placeOf(text, 'student.pack'))).toBe(3)
		expect(placeOf(text, 'epochs')).toBe(0)
		expect(placeOf('[', 'a')).toBe(0)
	})

	it('says what is no JSON, and in which line', () => {
		expect(readText('{\n"a": 1\n"b": 2 }')).toMatchObject({ line: 3, fault: expect.stringMatching(/^Expected ',' or '}' after property value\.$/) as string })
		expect(readText('{\n"a": 1,\n')).toMatchObject({ line: 3 })
		expect(readText('{ "a": nothing }')).toMatchObject({ fault: expect.stringMatching(/^Unexpected token/) as string })
		expect(readText('[1]')).toEqual({ fault: 'A recipe is a JSON object, from { to }.', line: 1 })
		expect(readText('null')).toMatchObject({ line: 1 })
		fc.assert(fc.property(fc.string(), (text) => {
			const read = readText(text)
			expect('draft' in read || (read.fault.length > 0 && read.line >= 0)).toBe(true)
		}))
	})
})
