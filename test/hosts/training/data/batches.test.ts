import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { phantomDicomFile } from '../../../../src/common/imaging/phantomDicom.ts'
import { displaySamples } from '../../../../src/common/imaging/window.ts'
import { augmentationSchema, changesNothing } from '../../../../src/common/contract/training/augmentation.ts'
import { dataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import { randomStream } from '../../../../src/common/random.ts'
import { decodeFrameOf, sha256Of } from '../../../../src/hosts/imaging/decodeFrame.ts'
import { inputTensor } from '../../../../src/hosts/inference/preprocess.ts'
import { augment } from '../../../../src/hosts/training/data/images/augment.ts'
import { createBatchSource, type BatchSourceOptions } from '../../../../src/hosts/training/data/images/batchSource.ts'
import { resample } from '../../../../src/hosts/training/data/images/resample.ts'
import { readDataSet, type SeenDataSet } from '../../../../src/hosts/training/data/readDataSet.ts'
import { newFolder, picture, pictureFile, writeTree } from '../../../support/trees.ts'

const SIZE = 24
const INPUT = { size: SIZE, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3], colour: 'rgb' as const }
const chest = augmentationSchema.parse({ blur: 0.5, jpeg: 0.5, frame: 0.5, erase: 0.5 })

async function tenImages(): Promise<SeenDataSet> {
	const colours = await sharp(await pictureFile(3)).toColourspace('srgb').tint({ r: 200, g: 40, b: 90 }).png().toBuffer()
	const folder = await writeTree(await newFolder(), {
		'manifest.csv': ['file,label,split', 'film.dcm,a,train', 'colour.png,b,train', ...Array.from({ length: 7 }, (_, index) => `${index}.${index % 2 ? 'jpg' : 'png'},${index % 2 ? 'a' : 'b'},train`), 'v.png,a,val'].join('\n'),
		'film.dcm': phantomDicomFile(), 'colour.png': colours, ...Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`${index}.${index % 2 ? 'jpg' : 'png'}`, index])), 'v.png': 77,
	})
	return await readDataSet(dataRecipeSchema.parse({ layout: 'manifest', folder, splits: { test: 0 } }), { workers: 0 })
}

const options = (dataSet: SeenDataSet, own: Partial<BatchSourceOptions> = {}): BatchSourceOptions => ({ dataSet, split: 'train', input: INPUT, augmentation: chest, sampling: { by: 'shuffle', balance: 1 }, batch: 4, seed: 11, incomplete: 'drop', workers: 0, ...own })

describe('batches', () => {
	it('without augmentation are to the bit what a prediction gets, and again from memory', async () => {
		const dataSet = await tenImages()
		for (const colour of ['grey', 'rgb'] as const) {
			const source = createBatchSource(options(dataSet, { augmentation: null, sampling: null, incomplete: 'fill', input: { ...INPUT, colour } }))
			for (const epoch of [0, 1]) {
				for (let index = 0; index < source.batches; index++) {
					const { images, indices } = await source.batch(epoch, index)
					for (const [place, position] of indices.entries()) {
						const bytes = await readFile(dataSet.samples[position]?.path ?? '')
						const frame = await decodeFrameOf(bytes, sha256Of(bytes), 0)
						const expected = inputTensor(frame, displaySamples(frame), {
							...INPUT, colour, name: 'input', height: SIZE, width: SIZE, channels: 3, resize: { geometry: 'stretch', interpolation: 'pillow-bilinear' }, modalities: [], bodyParts: [], views: [], minimumSide: 1,
						})
						expect(images.subarray(place * expected.length, (place + 1) * expected.length)).toEqual(expected)
					}
				}
			}
			await source.close()
		}
	})

	it('are a function of seed, epoch and index, however many threads there are and whatever was asked before', async () => {
		const dataSet = await tenImages()
		const all = async (own: Partial<BatchSourceOptions>, order: [number, number][]): Promise<Map<string, unknown>> => {
			const source = createBatchSource(options(dataSet, own))
			const made = new Map<string, unknown>()
			try {
				for (const [epoch, index] of order) made.set(`${epoch}/${index}`, await source.batch(epoch, index))
			} finally {
				await source.close()
			}
			return new Map([...made].toSorted())
		}
		const first = await all({}, [[0, 0], [0, 1], [1, 0], [1, 1]])
		expect(await all({ workers: 2 }, [[0, 0], [0, 1], [1, 0], [1, 1]])).toEqual(first)
		expect(await all({ workers: 1, keepBytes: 2000 }, [[1, 1], [0, 1], [1, 0], [0, 0]])).toEqual(first)
		expect(await all({ keepBytes: 0 }, [[1, 0], [1, 1], [0, 0], [0, 1]])).toEqual(first)
		expect(await all({ seed: 12 }, [[0, 0], [0, 1], [1, 0], [1, 1]])).not.toEqual(first)
	})

	it('give an image of an epoch the same picture in batches of any size', async () => {
		const dataSet = await tenImages()
		const pictures = async (batch: number): Promise<Float32Array[]> => {
			const source = createBatchSource(options(dataSet, { batch, incomplete: 'fill' }))
			const made: Float32Array[] = []
			for (let index = 0; index < source.batches; index++) {
				const { images, indices } = await source.batch(2, index)
				for (const place of indices.keys()) made.push(images.subarray(place * 3 * SIZE ** 2, (place + 1) * 3 * SIZE ** 2))
			}
			await source.close()
			return made
		}
		expect(await pictures(2)).toEqual(await pictures(5))
	})

	it('show every image of a split, truth beside it; what does not fill is left out or empty', async () => {
		const dataSet = await tenImages()
		const drop = createBatchSource(options(dataSet))
		expect([drop.images, drop.batches]).toEqual([8, 2])
		await drop.close()
		const fill = createBatchSource(options(dataSet, { incomplete: 'fill', sampling: null }))
		expect([fill.images, fill.batches]).toEqual([9, 3])
		const seen: number[] = []
		for (let index = 0; index < 3; index++) {
			const batch = await fill.batch(0, index)
			seen.push(...batch.indices)
			for (const [place, position] of batch.indices.entries()) expect([...batch.target.subarray(2 * place, 2 * place + 2)]).toEqual(dataSet.samples[position]?.truth)
			if (index === 2) {
				expect(batch.indices).toHaveLength(1)
				expect([...batch.known]).toEqual([1, 1, 0, 0, 0, 0, 0, 0])
				expect(batch.images.subarray(3 * SIZE * SIZE).every((value) => value === 0)).toBe(true)
			}
		}
		expect(seen).toEqual([...dataSet.samples.keys()].filter((position) => dataSet.samples[position]?.split === 'train'))
		await fill.close()
		expect(() => createBatchSource(options(dataSet, { split: 'test' }))).toThrow('The data set has no image in the test split.')
	})

	it('marks what is not known', async () => {
		const folder = await writeTree(await newFolder(), { 'manifest.csv': 'file,A,B,split\n1.png,1,,train\n2.png,-1,0,train\n', '1.png': 1, '2.png': 2 })
		const dataSet = await readDataSet(dataRecipeSchema.parse({ layout: 'manifest', folder, task: 'multilabel', labels: ['A', 'B'], uncertainty: 'smoothed', splits: { validation: 0, test: 0 } }), { workers: 0 })
		const source = createBatchSource(options(dataSet, { batch: 2, sampling: null }))
		const { target, known } = await source.batch(0, 0)
		expect([...target]).toEqual([1, 0, Math.fround(0.7), 0])
		expect([...known]).toEqual([1, 0, 1, 1])
		await source.close()
	})

	it('names an image that has changed or gone since the data set was read', async () => {
		const dataSet = await tenImages()
		const folder = join(dataSet.samples[0]?.path ?? '', '..')
		await writeTree(folder, { '0.png': 1000 })
		const changed = createBatchSource(options(dataSet, { batch: 9 }))
		await expect(changed.batch(0, 0)).rejects.toThrow('0.png: the file has changed since the data set was read.')
		await changed.close()
		await writeTree(folder, { '0.png': 'gone' })
		const gone = createBatchSource(options(dataSet, { batch: 9 }))
		await expect(gone.batch(0, 0)).rejects.toThrow('0.png: It looks like a text')
		await gone.close()
	})

	it('closes with jobs under way and refuses what comes later', async () => {
		const dataSet = await tenImages()
		const source = createBatchSource(options(dataSet, { workers: 1 }))
		await source.batch(0, 0)
		await source.close()
		await expect(source.batch(3, 0)).rejects.toThrow('The images are no longer needed.')
	})
})

describe('augmentation', () => {
	it('begins with each domain\'s own values and takes single parts from the recipe', () => {
		expect(augmentationSchema.parse({})).toMatchObject({ horizontalFlip: 0, symmetries: false, rotation: 7 })
		expect(augmentationSchema.parse({ preset: 'histology', rotation: 3 })).toMatchObject({ symmetries: true, rotation: 3, border: 'mirror' })
		expect(changesNothing(augmentationSchema.parse({ preset: 'none' }))).toBe(true)
		expect(augmentationSchema.safeParse({ mirror: 1 }).error?.issues[0]?.message).toContain('mirror')
		expect(augmentationSchema.safeParse({ rotation: 400 }).success).toBe(false)
	})

	it('is a function of the stream, and makes pictures of the right size whatever is drawn', async () => {
		const own = { width: 48, height: 40, planes: [new Uint8Array(await picture(1))] }
		const parts = fc.record({
			preset: fc.constantFrom('none', 'chest-radiograph', 'histology'), rotation: fc.integer({ min: 0, max: 180 }), scale: fc.constantFrom(0, 0.5), translation: fc.constantFrom(0, 0.3), crop: fc.constantFrom(0.25, 1),
			border: fc.constantFrom('black', 'edge', 'mirror'), gamma: fc.constantFrom(0, 1), blur: fc.constantFrom(0, 1), noise: fc.constantFrom(0, 0.3), jpeg: fc.constantFrom(0, 1), frame: fc.constantFrom(0, 1), erase: fc.constantFrom(0, 1),
		})
		await fc.assert(fc.asyncProperty(parts, fc.nat(10000), fc.integer({ min: 8, max: 64 }), async (wanted, seed, size) => {
			const augmentation = augmentationSchema.parse(wanted)
			const { planes: [first] } = await augment(own, augmentation, size, randomStream(seed, 'augment', 0, 0))
			const { planes: [second] } = await augment(own, augmentation, size, randomStream(seed, 'augment', 0, 0))
			expect(first).toHaveLength(size * size)
			expect(first).toEqual(second)
		}), { numRuns: 60 })
	})

	it('turns and mirrors patches into the eight symmetries and no others, to the bit', async () => {
		const square = { width: 32, height: 32, planes: [new Uint8Array(await picture(2, 32, 32))] }
		const augmentation = { ...augmentationSchema.parse({ preset: 'none' }), symmetries: true }
		const seen = new Set<string>()
		for (let index = 0; index < 100; index++) seen.add(String((await augment(square, augmentation, 32, randomStream(1, 'x', index))).planes[0]))
		const expected = new Set<string>()
		for (const mirrored of [false, true]) {
			for (const angle of [0, 90, 180, 270]) {
				const turned = sharp(await sharp(square.planes[0], { raw: { width: 32, height: 32, channels: 1 } }).rotate(angle).toColourspace('b-w').png().toBuffer())
				expected.add(String(new Uint8Array(await (mirrored ? turned.flop() : turned).toColourspace('b-w').raw().toBuffer())))
			}
		}
		expect(seen).toEqual(expected)
	})

	it('never mirrors a chest film by itself', async () => {
		const left = { width: 32, height: 32, planes: [Uint8Array.from({ length: 1024 }, (_, index) => (index % 32 < 16 ? 220 : 30))] }
		for (let index = 0; index < 50; index++) {
			const { planes: [plane = new Uint8Array()] } = await augment(left, { ...augmentationSchema.parse({}), erase: 0 }, 32, randomStream(2, 'x', index))
			const half = (from: number) => plane.reduce((sum, value, place) => sum + (place % 32 >= from && place % 32 < from + 16 ? value : 0), 0)
			expect(half(0)).toBeGreaterThan(half(16))
		}
	})

	it('turns about the middle in the film\'s own pixels', () => {
		const plane = new Uint8Array(61 * 41)
		plane[20 * 61 + 50] = 255
		const [turned = plane] = resample({ width: 61, height: 41, planes: [plane] }, { a: 0, b: -1, c: 1, d: 0, x: 30.5 + 20.5, y: 20.5 - 20.5 }, 41, 'black')
		// The point 20 to the right of the middle stands 20 above it or below.
		expect(turned[0 * 41 + 20] === 255 || turned[40 * 41 + 20] === 255).toBe(true)
	})

	it('shrinks like Pillow: means are kept and stripes do not alias', () => {
		const stripes = { width: 128, height: 128, planes: [Uint8Array.from({ length: 128 * 128 }, (_, index) => (index % 2 ? 255 : 0))] }
		// Three to one: a place of the result falls on a dark and on a bright stripe in turn.
		const [small = new Uint8Array()] = resample(stripes, { a: 3, b: 0, c: 0, d: 3, x: 0, y: 0 }, 40, 'edge')
		const row = small.subarray(40 * 4 + 2, 40 * 5 - 2)
		expect(Math.max(...row) - Math.min(...row)).toBeLessThanOrEqual(60)
		expect(row.reduce((sum, value) => sum + value, 0) / row.length).toBeCloseTo(127.5, -0.5)
	})

	it('fills what lies outside as it is told', () => {
		const white = { width: 8, height: 8, planes: [new Uint8Array(64).fill(200)] }
		const shifted = (border: 'black' | 'edge' | 'mirror') => resample(white, { a: 1, b: 0, c: 0, d: 1, x: -4, y: 0 }, 8, border)[0] ?? new Uint8Array()
		expect(shifted('black')[0]).toBe(0)
		expect(shifted('black')[7]).toBe(200)
		expect(shifted('edge')[0]).toBe(200)
		expect(shifted('mirror')[0]).toBe(200)
	})
})
