import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blocksOf, spansOf } from '../../../src/renderer/ui/markdown.ts'

describe('blocksOf', () => {
	it('knows what model cards use', () => {
		expect(blocksOf('# Model\n\nTwo lines\nof text.\n- one\n- two\n  goes on\n\n| a | b |\n|---|---|\n| 1 | 2 |\n```\n# no heading\n```\n1. first')).toEqual([
			{ kind: 'heading', level: 1, text: 'Model' },
			{ kind: 'paragraph', text: 'Two lines of text.' },
			{ kind: 'list', items: ['one', 'two goes on'] },
			{ kind: 'table', rows: [['a', 'b'], ['1', '2']] },
			{ kind: 'code', text: '# no heading' },
			{ kind: 'list', items: ['first'] },
		])
	})
	it('leaves a bar with a backslash in its cell', () => {
		expect(blocksOf('| a \\| b | c\\\\ |\n|---|---|\n|  | <b>x</b> |')).toEqual([{ kind: 'table', rows: [['a | b', 'c\\'], ['', '<b>x</b>']] }])
	})
	it('ends, and loses no letter, whatever the text is', () => {
		const line = fc.constantFrom('', '# h', '####### x', '```', '- i', '  more', '| a |', '|', '**', '> q', '<b>', '1) n', '\t- x', '#', '---')
		fc.assert(fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
			const text = lines.join('\n')
			const shown = JSON.stringify(blocksOf(text))
			for (const letter of text.match(/[a-z]/g) ?? []) expect(shown).toContain(letter)
		}))
	})
})

describe('spansOf', () => {
	it('marks strong and code, and leaves markup as text', () => {
		expect(spansOf('a **b** `c` <i>d</i>')).toEqual([
			{ kind: 'plain', text: 'a ' }, { kind: 'strong', text: 'b' }, { kind: 'plain', text: ' ' }, { kind: 'code', text: 'c' }, { kind: 'plain', text: ' <i>d</i>' },
		])
	})
	it('takes lone marks as text', () => expect(spansOf('2 ** 3 ` and ****')).toEqual([{ kind: 'plain', text: '2 ** 3 ` and ****' }]))
})
