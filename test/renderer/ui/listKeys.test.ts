import type { KeyboardEvent } from 'react'
import { expect, it } from 'vitest'
import { goThroughRows } from '../../../src/renderer/ui/listKeys.ts'

/** Presses a key where a list of four has the keyboard on a row (-1: on something else in it). @returns the row that gets it, null for none, and whether the key was used. */
function pressed(at: number, key: string, modifier: Partial<KeyboardEvent> = {}): [number | null, boolean] {
	let went: number | null = null
	let used = false
	const rows = [0, 1, 2, 3].map((index) => ({ focus: () => void (went = index) }))
	const list = { querySelectorAll: (selector: string) => (selector === '[data-id]' ? rows : []) }
	const event = { key, ctrlKey: false, altKey: false, metaKey: false, ...modifier, currentTarget: list, target: rows[at] ?? {}, preventDefault: () => void (used = true) }
	goThroughRows(event as unknown as KeyboardEvent, '[data-id]')
	return [went, used]
}

it.each<[string, number, string, number]>([
	['down', 1, 'ArrowDown', 2],
	['up', 1, 'ArrowUp', 0],
	['no further than the last', 3, 'ArrowDown', 3],
	['no further than the first', 0, 'ArrowUp', 0],
	['to the first', 2, 'Home', 0],
	['to the last', 1, 'End', 3],
])('a key goes %s', (_, at, key, expected) => expect(pressed(at, key)).toEqual([expected, true]))

it.each<[string, number, string, Partial<KeyboardEvent>]>([
	['another key', 1, 'ArrowRight', {}],
	['a command', 1, 'ArrowDown', { ctrlKey: true }],
	['a key of something else in the list', -1, 'ArrowDown', {}],
])('%s is left alone', (_, at, key, modifier) => expect(pressed(at, key, modifier)).toEqual([null, false]))
