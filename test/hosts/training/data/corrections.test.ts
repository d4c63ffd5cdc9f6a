import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { dataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { readDataSet, type SeenDataSet } from '../../../../src/hosts/training/data/readDataSet.ts'
import { newFolder, writeTree } from '../../../support/trees.ts'

const COUNT = 30
let folder: string

/** Pictures of two labels without splits, three of each patient. */
beforeAll(async () => {
	const names = Array.from({ length: COUNT }, (_, index) => `${index}.png`)
	folder = await writeTree(await newFolder(), {
		...Object.fromEntries(names.map((name, index) => [name, index])),
		'manifest.csv': ['file,label,group', ...names.map((name, index) => `${name},${index % 2 ? 'a' : 'b'},p${Math.floor(index / 3)}`)].join('\n'),
		'several.csv': 'file,A,B\n0.png,1,\n1.png,0,1\n2.png,1,1\n',
		'broken.csv': 'file,label\n0.png,a\n1.png,b\nnone.png,a\n',
	})
})

const read = (corrections: { image: string; labels: string[] | null }[], own: object = {}): Promise<SeenDataSet> =>
	readDataSet(dataRecipeSchema.parse({ layout: 'manifest', folder, corrections, ...own }), { workers: 0 })
const truthOf = ({ samples }: SeenDataSet, image: string) => samples.find(({ id }) => id === image)?.truth
const parse = (corrections: unknown, layout = 'manifest') => dataRecipeSchema.safeParse({ layout, folder: '/films', corrections })

describe('corrections by hand', () => {
	it('take the place of the data\'s truth, leave images out and count them, and change the data set\'s hash', async () => {
		const plain = await read([])
		const corrected = await read([{ image: '4.png', labels: ['a'] }, { image: '7.png', labels: null }])
		expect([truthOf(plain, '4.png'), truthOf(corrected, '4.png')]).toEqual([[0, 1], [1, 0]])
		expect(corrected.samples.find(({ id }) => id === '4.png')?.given).toEqual([0, 1])
		expect(corrected.samples.map(({ id }) => id)).toEqual(plain.samples.map(({ id }) => id).filter((id) => id !== '7.png'))
		expect(corrected.leftOut.map(({ id, truth }) => [id, truth])).toEqual([['7.png', [1, 0]]])
		expect([plain.filtered, corrected.filtered]).toEqual([{}, { 'left out by hand': 1 }])
		expect(corrected.refused).toEqual([])
		const hashes = [plain, corrected, await read([{ image: '4.png', labels: ['a'] }]), await read([{ image: '7.png', labels: null }])].map(({ sha256 }) => sha256)
		expect(new Set(hashes).size).toBe(4)
		// A correction that says what the data says changes nothing.
		expect((await read([{ image: '5.png', labels: ['a'] }])).sha256).toBe(plain.sha256)
	})

	it('name all labels of an image that may have several; those not named are absent', async () => {
		const own = { manifest: 'several.csv', task: 'multilabel', labels: ['A', 'B'] }
		const dataSet = await read([{ image: '0.png', labels: ['B'] }, { image: '1.png', labels: [] }], own)
		expect(dataSet.samples.map(({ truth }) => truth)).toEqual([[0, 1], [0, 0], [1, 1]])
		expect(dataSet.samples[0]?.given).toEqual([1, null])
	})

	it('never move another image to another split or group', async () => {
		const plain = await read([])
		const places = new Map(plain.samples.map(({ id, split, group }) => [id, `${split} ${group}`]))
		await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.record({ image: fc.nat({ max: COUNT - 1 }).map((index) => `${index}.png`), labels: fc.constantFrom<string[] | null>(null, ['a'], ['b']) }), { selector: ({ image }) => image, maxLength: 20 }), async (corrections) => {
			const { samples, leftOut } = await read(corrections)
			expect(samples.length + leftOut.length).toBe(COUNT)
			for (const { id, split, group } of [...samples, ...leftOut]) expect(`${split} ${group}`).toBe(places.get(id))
			for (const { image, labels } of corrections) expect(samples.find(({ id }) => id === image)?.truth).toEqual(labels?.includes('a') ? [1, 0] : labels ? [0, 1] : undefined)
		}), { numRuns: 20 })
	})

	it('leave an image out that cannot be read, which then counts for nothing', async () => {
		const own = { manifest: 'broken.csv' }
		await expect(read([], own)).rejects.toThrow('1 of 3 images of')
		const { samples, filtered, refused, leftOut } = await read([{ image: 'none.png', labels: null }], own)
		expect([samples.length, filtered, refused, leftOut]).toEqual([2, { 'left out by hand': 1 }, [], []])
	})

	it('are refused with a sentence where they name what the data set does not have', async () => {
		await expect(read([{ image: '3.png', labels: ['a'] }, { image: 'gone.png', labels: ['a'] }, { image: 'x.png', labels: null }])).rejects.toThrow('data.corrections: 2 of the images that are corrected, "gone.png" for example, are none of the images that the recipe uses.')
		await expect(read([{ image: '3.png', labels: ['c'] }])).rejects.toThrow('data.corrections, "3.png": "c" is none of the labels. There are a, b.')
		await expect(read([{ image: '3.png', labels: [] }])).rejects.toThrow('an image of this data set has one label, not 0.')
		await expect(read([{ image: '3.png', labels: ['a', 'b'] }])).rejects.toThrow('has one label, not 2.')
		// An image whose label the recipe does not use is none of its images.
		await expect(read([{ image: '0.png', labels: ['a'] }], { mapping: { b: null } })).rejects.toThrow('data.corrections: "0.png" is none of the images that the recipe uses.')
	})

	it('lie in a recipe that is bounded and leads nowhere else', () => {
		expect(parse([{ image: 'a', labels: null }]).success).toBe(true)
		expect(parse([{ image: 'a', labels: null }], 'lung-masks').success).toBe(false)
		for (const image of ['../a', 'a/../b', '/etc/passwd', '']) expect(parse([{ image, labels: null }]).success, image).toBe(false)
		expect(parse([{ image: 'a', labels: null }, { image: 'a', labels: ['x'] }]).error?.message).toContain('An image stands twice.')
		expect(parse(Array.from({ length: 20_001 }, (_, index) => ({ image: String(index), labels: null }))).success).toBe(false)
	})
})
