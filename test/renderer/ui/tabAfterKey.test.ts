import { expect, it } from 'vitest'
import { tabAfterKey } from '../../../src/renderer/ui/tabAfterKey.ts'

const TABS = ['analysis', 'findings', 'report', 'metadata'] as const

it.each<[string, (typeof TABS)[number], string, string | null]>([
	['to the next', 'analysis', 'ArrowRight', 'findings'],
	['round to the first', 'metadata', 'ArrowRight', 'analysis'],
	['round to the last', 'analysis', 'ArrowLeft', 'metadata'],
	['to the beginning', 'report', 'Home', 'analysis'],
	['to the end', 'report', 'End', 'metadata'],
	['nowhere by another key', 'report', 'ArrowDown', null],
])('a key moves %s', (_, present, key, expected) => expect(tabAfterKey(TABS, present, key)).toBe(expected))
