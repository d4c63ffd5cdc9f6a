import { appendFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { sampleQuerySchema, type DataSetSample, type SampleQuery } from '../../../src/common/contract/training/dataSets.ts'
import { correctionsByImage } from '../../../src/main/training/corrections.ts'
import { asksForAll, fitting } from '../../../src/main/training/sampleQuery.ts'
import { openSampleFile, type SampleFile } from '../../../src/main/training/samples.ts'
import { newFolder } from '../../support/trees.ts'

const idArbitrary = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((id) => !id.startsWith('/') && !id.split('/').includes('..'))
const sampleArbitrary: fc.Arbitrary<DataSetSample> = fc.record({
	id: idArbitrary,
	split: fc.constantFrom('train', 'validation', 'test'), group: fc.string({ maxLength: 5 }), source: fc.constantFrom('north', 'south', ''),
	attributes: fc.record({ sex: fc.constantFrom('F', 'M', '') }), truth: fc.tuple(fc.constantFrom(0, 1, null), fc.constantFrom(0, 0.7, 1)),
	sha256: fc.constant('ab'.repeat(32)), width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }), leaks: fc.constantFrom([], ['group'], ['similar', 'identical']),
})

let folder: string
let count = 0
beforeAll(async () => {
	folder = await newFolder()
})

async function fileOf(samples: readonly DataSetSample[]): Promise<{ file: SampleFile; path: string }> {
	const path = join(folder, `${count++}.jsonl`)
	await writeFile(path, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''))
	return { file: await openSampleFile(path), path }
}

const inOrder = (samples: readonly DataSetSample[]) => samples.toSorted((a, b) => (a.id < b.id ? -1 : 1))
const query = (own: Partial<SampleQuery> = {}) => sampleQuerySchema.parse({ dataSetId: 1, ...own })

describe('a file of samples', () => {
	it('gives any lines, those that fit, and each by its id', async () => {
		await fc.assert(fc.asyncProperty(fc.uniqueArray(sampleArbitrary, { selector: ({ id }) => id, maxLength: 40 }), fc.array(fc.nat()), idArbitrary, async (some, places, other) => {
			const samples = inOrder(some)
			const { file } = await fileOf(samples)
			expect(file.total).toBe(samples.length)
			const lines = places.map((place) => place % Math.max(1, samples.length)).filter((line) => line < samples.length)
			expect(await file.read(lines)).toEqual(lines.map((line) => samples[line]))
			expect(await file.read(await file.find(({ source }) => source === 'north'))).toEqual(samples.filter(({ source }) => source === 'north'))
			for (const sample of samples) expect(await file.withId(sample.id)).toEqual(sample)
			expect(await file.withId(other)).toEqual(samples.find(({ id }) => id === other) ?? null)
		}), { numRuns: 60 })
	})

	it('that is longer than one piece is read whole', async () => {
		const samples = inOrder(fc.sample(sampleArbitrary, { numRuns: 1, seed: 4 }).flatMap((sample) => Array.from({ length: 9000 }, (_, index) => ({ ...sample, id: `${String(index).padStart(5, '0')} é`, group: `g${index % 90}` }))))
		const { file } = await fileOf(samples)
		expect([...(await file.find(({ group }) => group === 'g7'))]).toEqual(Array.from({ length: 100 }, (_, index) => 7 + 90 * index))
		expect((await file.withId('08999 é'))?.id).toBe('08999 é')
	})

	it('that is gone or damaged is refused with what to do', async () => {
		const { file, path } = await fileOf(inOrder(fc.sample(sampleArbitrary, { numRuns: 5, seed: 1 }).map((sample, index) => ({ ...sample, id: `${index}` }))))
		const sentence = 'The list of samples of the last survey cannot be read. Survey the data set anew.'
		await truncate(path, 30)
		await expect(file.read([0])).rejects.toThrow(sentence)
		await appendFile(path, '\n')
		await expect(file.find(() => true)).rejects.toThrow(sentence)
		await rm(path)
		await expect(file.withId('1')).rejects.toThrow(sentence)
		await expect(openSampleFile(path)).rejects.toThrow(sentence)
	})
})

describe('a query', () => {
	const base: DataSetSample = { id: 'films/Müller 1.png', split: 'test', group: 'P7', source: 'north', attributes: { sex: 'F' }, truth: [1, 0], sha256: 'ab'.repeat(32), width: 1, height: 1, leaks: [] }
	const fits = (own: Partial<SampleQuery>, sample: Partial<DataSetSample> = {}, corrections: { image: string; labels: string[] | null }[] = []) =>
		fitting(query(own), ['a', 'b'], correctionsByImage({ corrections } as Parameters<typeof correctionsByImage>[0]))({ ...base, ...sample })

	it('wants all samples, or those of a split, source or group', () => {
		expect([asksForAll(query()), asksForAll(query({ offset: 7, text: ' ' })), asksForAll(query({ leaking: true })), asksForAll(query({ text: 'x' }))]).toEqual([true, true, false, false])
		expect([fits({ split: 'test' }), fits({ split: 'train' }), fits({ source: 'north' }), fits({ source: '' }), fits({ group: 'P7' }), fits({ group: 'P' })]).toEqual([true, false, true, false, true, false])
		expect([fits({ leaking: true }), fits({ leaking: true }, { leaks: ['group'] })]).toEqual([false, true])
	})

	it('looks for words in id, group, source and attributes', () => {
		expect([fits({ text: 'MÜLLER' }), fits({ text: 'p7 north' }), fits({ text: 'f' }), fits({ text: 'müller south' })]).toEqual([true, true, true, false])
	})

	it('goes by the label as it was corrected; what was left out by that of the data', () => {
		const { id: image } = base
		expect([fits({ label: 'a' }), fits({ label: 'b' }), fits({ label: 'c' }), fits({ label: 'b' }, { truth: [null, 0.7] })]).toEqual([true, false, false, true])
		expect([fits({ label: 'a' }, {}, [{ image, labels: ['b'] }]), fits({ label: 'b' }, {}, [{ image, labels: ['b'] }]), fits({ label: 'a' }, {}, [{ image, labels: null }])]).toEqual([false, true, true])
		expect([fits({ corrected: true }), fits({ corrected: true }, {}, [{ image, labels: null }])]).toEqual([false, true])
	})
})
