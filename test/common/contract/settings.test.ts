import { describe, expect, it } from 'vitest'
import { settingsChangeSchema, settingsSchema } from '../../../src/common/contract/system.ts'

describe('a change of settings', () => {
	it('holds what it names and nothing else', () => {
		expect(settingsChangeSchema.parse({})).toEqual({})
		expect(settingsChangeSchema.parse({ readerName: 'A' })).toEqual({ readerName: 'A' })
		expect(settingsChangeSchema.parse({ teacher: null, unknown: 1 })).toEqual({ teacher: null })
	})
	it('can name every setting but the one of older programs', () => {
		expect([...Object.keys(settingsChangeSchema.shape), 'student'].toSorted()).toEqual(Object.keys(settingsSchema.shape).toSorted())
	})
	it('keeps to the bounds', () => {
		expect(settingsChangeSchema.safeParse({ panelWidth: 10_000 }).success).toBe(false)
		expect(settingsChangeSchema.safeParse({ windowPresets: [{ name: 'a', center: 0, width: 0 }] }).success).toBe(false)
	})
})
