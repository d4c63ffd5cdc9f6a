import { expect, it } from 'vitest'
import { dayOf } from '../../../src/renderer/worklist/dayOf.ts'

it.each<[string, 'first' | 'last', string | null]>([
	['2026', 'first', '2026-01-01'], ['2026', 'last', '2026-12-31'],
	['2024-02', 'last', '2024-02-29'], ['2023-2', 'last', '2023-02-28'], ['2100-02', 'last', '2100-02-28'],
	['2026-5-7', 'first', '2026-05-07'], [' 2026-05-31 ', 'last', '2026-05-31'],
	['2026-02-29', 'first', null], ['2026-13', 'first', null], ['2026-00', 'first', null], ['2026-01-00', 'first', null], ['202', 'first', null], ['', 'first', null], ['31.05.2026', 'first', null], ['0000', 'first', null],
])('%s as the %s day: %s', (text, end, expected) => expect(dayOf(text, end)).toBe(expected))
