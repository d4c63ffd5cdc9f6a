import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { hashWeights, readBest, readLatest, saveBest, saveCheckpoint } from '../../../../src/hosts/training/runs/checkpoint.ts'
import { START } from '../../../../src/hosts/training/runs/loop.ts'
import { readSafetensors } from '../../../../src/zoo/safetensors.ts'

let folder: string
const folders: string[] = []

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-checkpoints-'))
	folders.push(folder)
})
afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true, force: true }))))

const best = (step: number) => ({ step, epoch: 1, metric: 'accuracy', value: 0.5 })
const weights = (...values: number[]) => new Map([['layer.0.weight', Float32Array.from(values)], ['layer.0.bias', new Float32Array()]])

it('gives back what was saved, to the bit, and is a safetensors file for others', () => {
	fc.assert(fc.property(fc.float32Array({ maxLength: 20 }), fc.float32Array({ maxLength: 9 }), (first, second) => {
		const groups = new Map([['weights', new Map([['é "x"', first]])], ['slots', new Map([['mean/é "x"', second], ['square/a:b', new Float32Array(3)]])]])
		saveCheckpoint(folder, { position: { ...START, step: 3, loss: 0.25 }, groups })
		const { checkpoint } = readLatest(folder)
		expect(checkpoint.position).toEqual({ ...START, step: 3, loss: 0.25 })
		expect([...checkpoint.groups].map(([name, values]) => [name, [...values.keys()], hashWeights(values)])).toEqual([...groups].map(([name, values]) => [name, [...values.keys()], hashWeights(values)]))
		const tensor = readSafetensors(readFileSync(join(folder, 'step-0000000003.safetensors'))).get('slots:square/a:b')
		expect(tensor?.dims).toEqual([3])
	}), { numRuns: 40 })
})

it('keeps the last two, and the best weights that either of them names', () => {
	for (const step of [10, 20, 30, 40]) {
		if (step !== 30) saveBest(folder, { position: { ...START, step }, groups: new Map([['weights', weights(step)]]) })
		saveCheckpoint(folder, { position: { ...START, step, best: best(step === 30 ? 20 : step) }, groups: new Map([['weights', weights(step)]]) })
	}
	expect(readdirSync(folder).toSorted()).toEqual(['best-0000000020.safetensors', 'best-0000000040.safetensors', 'step-0000000030.safetensors', 'step-0000000040.safetensors'])
	expect(readBest(folder, 20).get('layer.0.weight')).toEqual(Float32Array.of(20))
	expect(() => readBest(folder, 10)).toThrow(/best-0000000010.safetensors is not there/)
})

it('believes no byte of a damaged file', () => {
	saveCheckpoint(folder, { position: START, groups: new Map([['weights', weights(1, 2, 3, 4)]]) })
	const path = join(folder, 'step-0000000000.safetensors')
	const whole = readFileSync(path)
	fc.assert(fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.constantFrom('change', 'cut', 'add'), (place, difference, what) => {
		const bytes = what === 'cut' ? whole.subarray(0, place) : what === 'add' ? Buffer.concat([whole, Buffer.of(difference)]) : Buffer.from(whole)
		if (what === 'change') bytes[place] = (whole[place] ?? 0) ^ difference
		writeFileSync(path, bytes)
		let read: ReturnType<typeof readLatest>
		try {
			read = readLatest(folder)
		} catch (error) {
			expect((error as Error).message).toMatch(/has no checkpoint that is whole\. .*is damaged\./)
			return
		}
		// A change of the header may leave it meaning the same; the values are never others.
		expect([...read.checkpoint.groups.values()].flatMap((values) => [...values.values()].flatMap((one) => [...one]))).toEqual([1, 2, 3, 4])
	}), { numRuns: 300 })
})
