import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createLineData, joinLines, rowsBelow } from '../../../../src/renderer/admin/charts/lineData.ts'

describe('line data', () => {
	it('holds a value or none for every x, whenever a line begins', () => {
		const data = createLineData()
		data.append(1, { loss: 4 })
		data.append(2, { loss: 3, rate: 0.1 })
		data.append(3, { rate: 0.2 })
		expect(data.x).toEqual([1, 2, 3])
		expect(data.values('loss')).toEqual([4, 3, null])
		expect(data.values('rate')).toEqual([null, 0.1, 0.2])
		expect(data.values('never')).toEqual([null, null, null])
	})

	it('joins what comes for the last x once more, as a validation does', () => {
		const data = createLineData()
		data.append(71, { loss: 4 })
		data.append(71, { validation: 5 })
		expect([data.x, data.values('loss'), data.values('validation')]).toEqual([[71], [4], [5]])
	})

	it('drops what stood behind a checkpoint that a run went back to', () => {
		const data = createLineData()
		for (let step = 1; step <= 10; step++) data.append(step, { loss: step, ...(step === 8 ? { validation: 1 } : {}) })
		data.append(6, { loss: 60 })
		data.append(7, { loss: 70 })
		expect(data.x).toEqual([1, 2, 3, 4, 5, 6, 7])
		expect(data.values('loss')).toEqual([1, 2, 3, 4, 5, 60, 70])
		expect(data.values('validation')).toEqual(Array.from({ length: 7 }, () => null))
	})

	it('takes what is not finite for none, and refuses a place that is not', () => {
		const data = createLineData()
		data.append(1, { loss: Number.NaN, other: Infinity })
		expect([data.values('loss'), data.values('other')]).toEqual([[null], [null]])
		expect(() => data.append(Number.NaN, {})).toThrow(RangeError)
	})

	it('takes any name for a line', () => {
		const data = createLineData()
		data.append(1, JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number>)
		expect([data.values('__proto__'), data.values('constructor'), data.values('toString')]).toEqual([[1], [2], [null]])
	})

	it('tells of every point until one has heard enough', () => {
		const data = createLineData()
		const listener = vi.fn<() => void>()
		const end = data.subscribe(listener)
		data.append(1, { loss: 1 })
		data.append(2, { loss: 1 })
		end()
		data.append(3, { loss: 1 })
		expect(listener).toHaveBeenCalledTimes(2)
	})

	it('keeps x rising and every line as long as x, whatever comes', () => {
		fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom('a', 'b'))), (points) => {
			const data = createLineData()
			for (const [x, line] of points) data.append(x, { [line]: x })
			expect(data.x).toEqual([...new Set(data.x)].toSorted((one, other) => one - other))
			for (const line of ['a', 'b']) {
				expect(data.values(line)).toHaveLength(data.x.length)
				expect(data.values(line).every((value, row) => value === null || value === data.x[row])).toBe(true)
			}
			expect(data.x.at(-1)).toBe(points.at(-1)?.[0])
		}))
	})
})

describe('joinLines', () => {
	it('puts runs of different steps over one x', () => {
		const data = joinLines({ one: { x: [1, 3, 5], y: [10, 30, 50] }, other: { x: [2, 3], y: [0.2, null] } })
		expect(data.x).toEqual([1, 2, 3, 5])
		expect(data.values('one')).toEqual([10, null, 30, 50])
		expect(data.values('other')).toEqual([null, 0.2, null, null])
	})
})

it('rowsBelow counts what lies below a limit', () => {
	fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 30 })), fc.integer({ min: -1, max: 31 }), (values, limit) => {
		expect(rowsBelow(values.toSorted((one, other) => one - other), limit)).toBe(values.filter((value) => value < limit).length)
	}))
})
