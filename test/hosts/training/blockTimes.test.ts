import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'onnxruntime-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { blockTimes, measureEncoding, measurePieces } from '../../../src/hosts/training/blockTimes.ts'
import { buildStudent } from '../../../src/hosts/training/buildStudent.ts'
import { EEEA_NET_C2 } from '../../../src/zoo/ofa/encoding.ts'
import { allPieces, countsOf, pieceKey, piecesOf } from '../../../src/zoo/ofa/pieces.ts'

let folder = ''
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'negatoscope-times-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A machine that is a thousand times slower than any: what is measured is always within the budget. */
const slow = Object.fromEntries(allPieces().map((piece) => [pieceKey(piece), 1 + countsOf(piece).macs / 1e4]))

/** As blockTimes writes it for this machine. */
function cacheOf(change: object = {}): string {
	return JSON.stringify({ version: 1, machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, onnxruntime ${env.versions.node}`, times: slow, ...change })
}

class Stopped extends Error {}
const stop = () => {
	throw new Stopped()
}

describe('measurePieces', () => {
	it('gives every piece a time, corrected by a whole network', async () => {
		const encoding = { ...EEEA_NET_C2, inputSize: 64 }
		const pieces = [...new Map(piecesOf(encoding).map((piece) => [pieceKey(piece), piece])).values()]
		const calls: [number, number][] = []
		const times = await measurePieces(pieces, [encoding], (done, total) => calls.push([done, total]))
		expect([...times.keys()]).toEqual(pieces.map(pieceKey))
		for (const [key, time] of times) expect(time, key).toBeGreaterThan(0)
		expect(calls).toEqual(Array.from({ length: pieces.length + 1 }, (_, index) => [index, pieces.length + 1]))
		expect(await measureEncoding(encoding, 3)).toBeGreaterThan(0)
	})
})

describe('blockTimes', () => {
	it('takes what the file has', async () => {
		const file = join(folder, 'times.json')
		writeFileSync(file, cacheOf())
		expect(Object.fromEntries(await blockTimes(file, stop))).toEqual(slow)
	})

	const { 'tail w1 4': tail, ...incomplete } = slow
	it.each([
		['another machine', cacheOf({ machine: 'other' })], ['a missing piece', cacheOf({ times: incomplete })], ['a negative time', cacheOf({ times: { ...slow, a: -1 } })],
		['damage', cacheOf().slice(0, -1)],
	])('measures again: %s', async (_, text) => {
		expect(tail).toBeGreaterThan(0)
		const file = join(folder, 'times.json')
		writeFileSync(file, text)
		await expect(blockTimes(file, stop)).rejects.toBeInstanceOf(Stopped)
		expect(readFileSync(file, 'utf8')).toBe(text)
	})
})

describe('buildStudent', () => {
	it('gives a student with prediction and measurement', async () => {
		const timesFile = join(folder, 'times.json')
		writeFileSync(timesFile, cacheOf())
		const student = await buildStudent({ budget: 12_000, classes: 3, timesFile }, stop)
		expect(student.latency).toBeLessThanOrEqual(12_000)
		expect(student.measured).toBeGreaterThan(0)
		expect(student.measured).toBeLessThan(student.latency)
	})

	it('says how fast the fastest is where none is fast enough', async () => {
		const timesFile = join(folder, 'times.json')
		writeFileSync(timesFile, cacheOf())
		await expect(buildStudent({ budget: 1, classes: 3, timesFile }, stop)).rejects.toThrow(/^No student takes 1 ms on this machine; the fastest takes about \d+\.\d ms\.$/)
	})
})
