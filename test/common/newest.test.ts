import { expect, it } from 'vitest'
import { keepNewest } from '../../src/common/newest.ts'

it('drops what came first, and takes what is kept once more for the newest', () => {
	const kept = new Map<string, number>()
	for (const [key, value] of [['a', 1], ['b', 2], ['c', 3]] as const) keepNewest(kept, 3, key, value)
	keepNewest(kept, 3, 'a', 4)
	expect([...kept]).toEqual([['b', 2], ['c', 3], ['a', 4]])
	keepNewest(kept, 3, 'd', 5)
	expect([...kept]).toEqual([['c', 3], ['a', 4], ['d', 5]])
	keepNewest(kept, 1, 'e', 6)
	expect([...kept]).toEqual([['e', 6]])
})
