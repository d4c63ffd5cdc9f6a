import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFreeKey, keyConflicts, keyName, keysOf, normaliseKey, shownKey, type KeyPress } from '../../../src/renderer/app/keys.ts'

function press(key: string, code: string, modifiers: Partial<KeyPress> = {}): KeyPress {
	return { key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers }
}

describe('keyName', () => {
	it.each<[string, KeyPress, string | null]>([
		['a letter', press('i', 'KeyI'), 'i'],
		['a letter with Caps Lock', press('I', 'KeyI'), 'i'],
		['a letter with Shift', press('R', 'KeyR', { shiftKey: true }), 'Shift+r'],
		['three modifiers in their one order', press('Z', 'KeyZ', { shiftKey: true, ctrlKey: true, altKey: true }), 'Ctrl+Alt+Shift+z'],
		['the command key of a Mac', press('k', 'KeyK', { metaKey: true }), 'Ctrl+k'],
		['a character that Shift makes', press('?', 'Slash', { shiftKey: true }), '?'],
		['plus', press('+', 'Equal', { shiftKey: true }), '+'],
		['Shift with a digit of the number block', press('1', 'Numpad1', { shiftKey: true }), 'Shift+1'],
		['a Cyrillic letter in the place of i', press('ш', 'KeyI'), 'i'],
		['a Greek letter with Ctrl', press('κ', 'KeyK', { ctrlKey: true }), 'Ctrl+k'],
		['an Arabic digit', press('٣', 'Digit3'), '3'],
		['a letter without a place of its own', press('ñ', 'Semicolon'), 'ñ'],
		['the blank', press(' ', 'Space'), 'Space'],
		['a function key', press('F11', 'F11'), 'F11'],
		['Shift alone', press('Shift', 'ShiftLeft', { shiftKey: true }), null],
		['a dead key', press('Dead', 'BracketLeft'), null],
	])('%s', (_, given, expected) => expect(keyName(given)).toBe(expected))

	it('is written as commands write it: normalising changes nothing', () => {
		fc.assert(fc.property(
			fc.constantFrom('i', 'Z', '?', '+', '-', '`', ' ', 'F11', 'ArrowLeft', 'Delete', '/', '[', '0'),
			fc.boolean(), fc.boolean(), fc.boolean(),
			(key, ctrlKey, altKey, shiftKey) => {
				const name = keyName(press(key, '', { ctrlKey, altKey, shiftKey }))
				expect(name).not.toBeNull()
				expect(normaliseKey(name ?? '')).toBe(name)
			},
		))
	})
})

describe('keysOf', () => {
	const command = { id: 'view.reset', keys: '` Shift+R' }
	it('takes the default, written in any way', () => expect(keysOf(command, {})).toEqual(['`', 'Shift+r']))
	it('takes what the settings hold', () => expect(keysOf(command, { 'view.reset': 'shift+ctrl+X' })).toEqual(['Ctrl+Shift+x']))
	it('has none where the settings hold nothing', () => expect(keysOf(command, { 'view.reset': '' })).toEqual([]))
	it('is not led astray by names of Object', () => expect(keysOf({ id: 'constructor', keys: 'x' }, {})).toEqual(['x']))
	it('knows plus as a key', () => expect(keysOf({ id: 'zoom', keys: '+ Ctrl++' }, {})).toEqual(['+', 'Ctrl++']))
})

const inSection = (id: string, section: 'runs' | 'dataSets') => ({ id, keys: 'Insert', room: 'admin' as const, section })

describe('keyConflicts', () => {
	const commands = [
		{ id: 'invert', keys: 'i', room: 'reading' as const },
		{ id: 'info', keys: 'o Delete', room: 'reading' as const },
		{ id: 'remove', keys: 'Delete', room: 'worklist' as const },
		{ id: 'help', keys: '?', room: null },
	]
	it('finds none in different rooms', () => expect(keyConflicts(commands, {})).toEqual(new Map()))
	it('names all that share a key in one room', () => expect(keyConflicts(commands, { info: 'i' })).toEqual(new Map([['i', ['invert', 'info']]])))
	it('counts what works everywhere in every room', () => expect(keyConflicts(commands, { help: 'Delete' })).toEqual(new Map([['Delete', ['info', 'remove', 'help']]])))
	it('finds none in different sections of a room, and those in one', () => {
		expect(keyConflicts([inSection('a', 'runs'), inSection('b', 'dataSets')], {})).toEqual(new Map())
		expect(keyConflicts([inSection('a', 'runs'), inSection('b', 'runs')], {})).toEqual(new Map([['Insert', ['a', 'b']]]))
	})
	it('does not count a key twice of one command', () => expect(keyConflicts([{ id: 'a', keys: 'x X', room: null }], {})).toEqual(new Map()))
})

describe('isFreeKey', () => {
	it.each<[string, Parameters<typeof isFreeKey>[1], boolean]>([
		['i', 'text', false], ['?', 'text', false], ['Ctrl+z', 'text', false], ['Ctrl+k', 'text', true], ['Alt+1', 'text', true], ['F11', 'text', true], ['Escape', 'text', false],
		['Enter', 'button', false], ['Space', 'button', false], ['i', 'button', true], ['ArrowLeft', 'choice', false], ['i', 'choice', true], ['Enter', 'page', true],
	])('%s over %s: %s', (key, owner, free) => expect(isFreeKey(key, owner)).toBe(free))
})

describe('shownKey', () => {
	it.each([['Ctrl+Shift+z', 'Ctrl+Shift+Z'], ['ArrowUp', '↑'], ['Alt+ArrowUp', 'Alt+↑'], ['+', '+'], ['Ctrl++', 'Ctrl++'], ['Ctrl+Backspace', 'Ctrl+⌫']])('%s as %s', (key, shown) => expect(shownKey(key)).toBe(shown))
})
