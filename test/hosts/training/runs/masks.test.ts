import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lungManifestSchema } from '../../../../src/common/contract/lungs.ts'
import { augmentationSchema } from '../../../../src/common/contract/training/augmentation.ts'
import { dataRecipeSchema } from '../../../../src/common/contract/training/data.ts'
import type { RecipeInput } from '../../../../src/common/contract/training/recipe.ts'
import { metricEventSchema, type RunSummary } from '../../../../src/common/contract/training/run.ts'
import { maskOverlap } from '../../../../src/common/stats/overlap.ts'
import { openLungNetwork } from '../../../../src/hosts/inference/lungs.ts'
import { createBatchSource } from '../../../../src/hosts/training/data/images/batchSource.ts'
import type { Batch } from '../../../../src/hosts/training/data/dataSet.ts'
import { readDataSet, type SeenDataSet } from '../../../../src/hosts/training/data/readDataSet.ts'
import { overlapMetrics, type FilmOverlap } from '../../../../src/hosts/training/pack/lungs/evaluateMasks.ts'
import { makeLungPack } from '../../../../src/hosts/training/pack/lungs/makeLungPack.ts'
import { packDescriptionSchema } from '../../../../src/common/contract/training/pack.ts'
import { hashWeights, readBest } from '../../../../src/hosts/training/runs/checkpoint.ts'
import { parseRecipe } from '../../../../src/hosts/training/runs/recipeFile.ts'
import { resumeRun, startRun, type RunControl } from '../../../../src/hosts/training/runs/run.ts'
import { initialWeights } from '../../../../src/zoo/initialise.ts'
import { buildLungNetwork } from '../../../../src/zoo/lungs.ts'
import { FILM, writeGrey, writeLungFilms } from '../../../support/lungFilms.ts'
import { runControl } from '../../../support/smallRun.ts'

const SIDE = 64
const INPUT = { size: SIDE, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], colour: 'grey' as const }

let folder: string
let films: string
let dataSet: SeenDataSet

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-masks-'))
	films = await writeLungFilms(join(folder, 'films'), 16)
	dataSet = await readMasks(films)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const readMasks = (of: string, changes: object = {}) => readDataSet(dataRecipeSchema.parse({ layout: 'lung-masks', folder: of, ...changes }), { workers: 0 })

function copyOf(name: string): string {
	const copy = join(folder, name)
	cpSync(films, copy, { recursive: true })
	return copy
}

function recipeOf(changes: Partial<RecipeInput> = {}): RecipeInput {
	return {
		schemaVersion: 1, name: 'lungs', seed: 5, data: { layout: 'lung-masks', folder: films }, student: { from: 'lungs' }, input: { size: SIDE },
		optimisation: { optimiser: { kind: 'adamw', learningRate: 0.003 }, averageDecay: 0.8 }, epochs: 3, batch: 4, threads: 1, checkpointEverySteps: 1,
		augmentation: { preset: 'chest-radiograph', crop: 0.9 }, validation: { monitor: 'dice' }, pack: { id: 'lungs', title: 'Lungs', weights: 'float16', limitations: ['Knows ellipses only.'], heart: 'outside' },
		...changes,
	}
}

describe('a data set of masks', () => {
	it('is read with its splits, patients and the hash of every mask', () => {
		expect(dataSet).toMatchObject({ task: 'segmentation', labels: ['lungs'], refused: [] })
		expect(dataSet.samples.map(({ split }) => split).toSorted().join()).toBe([...Array<string>(4).fill('test'), ...Array<string>(8).fill('train'), ...Array<string>(4).fill('validation')].join())
		const [first] = dataSet.samples
		expect(first).toMatchObject({ id: 'film0.png', truth: [1], group: 'patient 0', mask: { id: 'masks/film0.png', sha256: createHash('sha256').update(readFileSync(join(films, 'masks/film0.png'))).digest('hex') } })
	})

	it('leaves out, with the reason, what has no mask, an empty one, one of another shape, or a picture for a mask', async () => {
		const copy = copyOf('faulty')
		const noise = Uint8Array.from({ length: FILM.width * FILM.height }, (_, index) => index % 251)
		await writeGrey(join(copy, 'masks/film0.png'), new Uint8Array(FILM.width * FILM.height))
		await writeGrey(join(copy, 'masks/film2.png'), new Uint8Array(40 * 64).fill(255), { width: 40, height: 64 })
		await writeGrey(join(copy, 'masks/film4.png'), noise)
		rmSync(join(copy, 'masks/film6.png'))
		const read = await readMasks(copy, { unreadableShare: 0.5 })
		expect(read.refused.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
			'film0.png masks/film0.png: The mask marks nothing.', expect.stringContaining('film2.png masks/film2.png: The mask is 40 x 64 pixels and its film 80 x 64'),
			expect.stringContaining('film4.png masks/film4.png: The mask has more than 8 grey values'), 'film6.png masks/film6.png: The mask is not there.',
		])
		await expect(readMasks(copy)).rejects.toThrow('more than data.unreadableShare')
	})

	it('is another data set when a mask has changed, and a mask that changes after it was read is refused', async () => {
		const copy = copyOf('changed')
		const before = await readMasks(copy)
		expect(before.sha256).toBe(dataSet.sha256)
		await writeGrey(join(copy, 'masks/film0.png'), new Uint8Array(FILM.width * FILM.height).fill(255, 0, 999))
		expect((await readMasks(copy)).sha256).not.toBe(before.sha256)
		const source = createBatchSource({ dataSet: before, split: 'train', input: INPUT, augmentation: null, sampling: null, batch: 8, seed: 1, incomplete: 'fill', workers: 0 })
		await expect(source.batch(0, 0)).rejects.toThrow('masks/film0.png: the file has changed since the data set was read')
	})

	it('has the sets that the recipe names, or says which there are', async () => {
		await expect(readMasks(films, { sets: ['v7_lungs'] })).rejects.toThrow('has no set "v7_lungs". It has films.')
		expect((await readMasks(films, { sets: ['films'] })).samples).toHaveLength(16)
	})
})

function batchOf(augmentation: object | null, seed = 1): Promise<Batch> {
	const source = createBatchSource({
		dataSet, split: 'train', input: INPUT, augmentation: augmentation && augmentationSchema.parse({ preset: 'none', ...augmentation }), sampling: null, batch: 10, seed, incomplete: 'fill', workers: 0,
	})
	return source.batch(0, 0)
}

describe('batches of masks', () => {
	const GEOMETRY = { rotation: 20, scale: 0.2, translation: 0.1, crop: 0.6 }
	const TONES = { brightness: 0.2, contrast: 0.3, gamma: 0.5, blur: 1, noise: 0.1, jpeg: 1, frame: 1, erase: 1 }
	const area = SIDE * SIDE

	it('have a mask of the network\'s size for each film, known all over; what fills a batch is not known', async () => {
		const { target, known, indices } = await batchOf(null)
		expect(indices).toHaveLength(8)
		expect([...new Set(target)].toSorted()).toEqual([0, 1])
		expect(known).toEqual(new Float32Array(10 * area).fill(1, 0, 8 * area))
		expect(target.subarray(8 * area).every((value) => value === 0)).toBe(true)
	})

	it.each([1, 2, 3])('move film and mask alike (seed %i)', async (seed) => {
		const plain = await batchOf(null), { images, target } = await batchOf(GEOMETRY, seed)
		let moved = 0
		for (let place = 0; place < 8; place++) {
			const mask = target.subarray(place * area, (place + 1) * area)
			// Lungs are dark, but so is what lies outside of the film: black after the normalisation is -2.
			const dark = images.subarray(place * 3 * area, place * 3 * area + area).map((value) => (value < -0.1 && value > -1.7 ? 1 : 0))
			expect(maskOverlap(dark, mask).dice).toBeGreaterThan(0.85)
			if (maskOverlap(mask, plain.target.subarray(place * area, (place + 1) * area)).dice < 0.95) moved++
		}
		expect(moved).toBeGreaterThan(4)
	})

	it('change grey values of the film alone', async () => {
		const plain = await batchOf(null), changed = await batchOf(TONES)
		expect(changed.target).toEqual(plain.target)
		expect(changed.images).not.toEqual(plain.images)
	})

	it('are the same in a thread of their own', async () => {
		const source = createBatchSource({ dataSet, split: 'train', input: INPUT, augmentation: augmentationSchema.parse({ preset: 'none', ...GEOMETRY }), sampling: null, batch: 10, seed: 1, incomplete: 'fill', workers: 1 })
		try {
			const first = await source.batch(0, 0), own = await batchOf(GEOMETRY)
			expect([first.target, first.images]).toEqual([own.target, own.images])
		} finally {
			await source.close()
		}
	})
})

describe('a recipe for masks', () => {
	it.each<[string, Partial<RecipeInput>, string]>([
		['another network', { student: { from: 'zoo', name: 'ofa-595' } }, '"student.from" is not valid: Data with masks'],
		['the network without masks', { data: { layout: 'folders', folder: 'films' } }, 'needs data with masks'],
		['a teacher', { teachers: [{ from: 'pack', pack: 'x' }] }, '"teachers" is not valid'],
		['the head alone', { headOnly: true, augmentation: { preset: 'none' } }, '"headOnly" is not valid'],
		['a monitor of classes', { validation: { monitor: 'auroc' } }, '"validation.monitor" is not valid: Masks are validated by dice, iou, loss'],
		['sampling by class', { data: { layout: 'lung-masks', folder: 'films', sampling: { by: 'class' } } }, '"data.sampling.by" is not valid'],
		['labels', { data: { layout: 'lung-masks', folder: 'films', labels: ['x'] } as RecipeInput['data'] }, 'there is no field "data.labels"'],
	])('refuses %s', (_what, changes, message) => {
		expect(() => parseRecipe(recipeOf(changes), 'recipe.json')).toThrow(message)
	})

	it('refuses Dice for classes', () => {
		expect(() => parseRecipe(recipeOf({ data: { layout: 'folders', folder: 'films' }, student: { from: 'zoo', name: 'ofa-595' } }), 'recipe.json')).toThrow('"dice" is for masks')
	})
})

const places = (runs: string) => ({ runs: join(folder, runs), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0', cache: folder })
const control = (progress: RunControl['progress'] = () => {}, pause = new AbortController()) => runControl({ progress, pause: pause.signal })
const weightsOf = ({ directory, record }: RunSummary) => hashWeights(readBest(join(directory, 'checkpoints'), record.best?.step ?? -1))
const start = (recipe: RecipeInput, runs: string, own = control()) => startRun({ recipe, title: 'recipe.json', base: folder }, places(runs), own)

describe('a run on masks', () => {
	let whole: RunSummary

	beforeAll(async () => {
		whole = await start(recipeOf(), 'whole')
	})

	it('learns, and says how well after every epoch', () => {
		expect(whole.record).toMatchObject({ state: 'finished', best: { metric: 'dice' } })
		const events = readFileSync(join(whole.directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map((line) => metricEventSchema.parse(JSON.parse(line)))
		const losses = events.flatMap((event) => (event.event === 'step' ? [event.loss] : []))
		expect(losses.at(-1)).toBeLessThan(0.85 * (losses[0] ?? 0))
		const validations = events.flatMap((event) => (event.event === 'validation' ? [event.metrics] : []))
		expect(validations).toHaveLength(3)
		for (const metrics of validations) expect(Object.keys(metrics).toSorted()).toEqual(['dice', 'iou', 'loss'])
	})

	it('is resumed to the same bits', async () => {
		const pause = new AbortController()
		const paused = await start(recipeOf(), 'paused', control((value) => {
			if (value.kind === 'metric' && value.metric.event === 'step' && value.metric.step === 3) pause.abort()
		}, pause))
		expect(paused.record).toMatchObject({ state: 'paused', step: 3 })
		const resumed = await resumeRun(paused.id, places('paused'), control())
		expect(weightsOf(resumed)).toBe(weightsOf(whole))
		expect(readFileSync(join(resumed.directory, 'metrics.jsonl'), 'utf8')).toBe(readFileSync(join(whole.directory, 'metrics.jsonl'), 'utf8'))
	})

	it('leaves a pack that says what it is and works', async () => {
		const pack = whole.pack ?? ''
		const manifest = lungManifestSchema.parse(JSON.parse(readFileSync(join(pack, 'lungs.json'), 'utf8')))
		expect(manifest).toMatchObject({ id: 'lungs', parameters: 451_329, heart: 'outside', input: { side: SIDE }, output: { name: 'logits', threshold: 0.5 }, trainingRun: { seed: 5 } })
		expect(manifest.limitations[0]).toBe('Knows ellipses only.')
		expect(manifest.metrics.map(({ name, split, n, groups }) => [name, split, n, groups])).toEqual([['dice', 'validation', 4, 2], ['iou', 'validation', 4, 2], ['dice', 'test', 4, 2], ['iou', 'test', 4, 2]])
		const network = await openLungNetwork(pack, manifest)
		expect(network.selfTestDifference).toBeLessThan(1e-4)
		await network.release()
		// Half precision: two bytes for each weight.
		expect(readFileSync(join(pack, 'model.onnx')).byteLength).toBeLessThan(2.2 * manifest.parameters)
		const each = JSON.parse(readFileSync(join(pack, 'films.json'), 'utf8')) as FilmOverlap[]
		expect(each).toHaveLength(8)
		const test = each.filter(({ split }) => split === 'test')
		expect(manifest.metrics[2]?.value).toBeCloseTo(test.reduce((sum, { dice }) => sum + dice, 0) / 4, 3)
		const card = readFileSync(join(pack, 'CARD.md'), 'utf8')
		for (const text of ['Research use only', '| Dice | test | all | 4 | 2 |', 'leave the heart out', 'Knows ellipses only.', manifest.sha256]) expect(card).toContain(text)
	})

	it('is refused where its graph was exchanged, or is not the one that its golden values are of', async () => {
		const copy = join(folder, 'tampered')
		cpSync(whole.pack ?? '', copy, { recursive: true })
		const manifest = lungManifestSchema.parse(JSON.parse(readFileSync(join(copy, 'lungs.json'), 'utf8')))
		await expect(openLungNetwork(copy, { ...manifest, golden: { ...manifest.golden, mean: manifest.golden.mean + 1 } })).rejects.toThrow('self-test failed')
		writeFileSync(join(copy, 'model.onnx'), new Uint8Array(10))
		await expect(openLungNetwork(copy, manifest)).rejects.toThrow('SHA-256')
	})
})

describe('the pack writer', () => {
	it('never writes over a folder, and leaves nothing behind when it is stopped', async () => {
		const network = buildLungNetwork({ inputSize: SIDE })
		const source = { network, weights: initialWeights(network, 1), input: { mean: [0, 0, 0], std: [1, 1, 1] }, training: '', trainingRun: null, description: packDescriptionSchema.parse({ id: 'x', title: 'x' }), dataSet }
		await expect(makeLungPack(source, films, { signal: new AbortController().signal, progress: () => {} })).rejects.toThrow('is there already')
		const stop = new AbortController()
		await expect(makeLungPack(source, join(folder, 'stopped'), { signal: stop.signal, progress: () => stop.abort() })).rejects.toThrow('abort')
		expect(() => readFileSync(join(folder, 'stopped', 'lungs.json'))).toThrow('ENOENT')
	})
})

const film = (id: string, group: string, source: string, dice: number): FilmOverlap => ({ id, split: 'test', group, source, dice, iou: dice / 2 })

describe('results of masks', () => {
	it('are means over films, of each source too, with an interval over patients', () => {
		const metrics = overlapMetrics([film('a', 'p', 'one', 0.9), film('b', 'p', 'one', 0.7), film('c', 'q', 'one', 0.8), film('d', 'r', 'two', 0.4)])
		expect(metrics.map(({ name, source, n, groups, value }) => [name, source, n, groups, value])).toEqual([
			['dice', '', 4, 3, 0.7], ['iou', '', 4, 3, 0.35], ['dice', 'one', 3, 2, 0.8], ['iou', 'one', 3, 2, 0.4], ['dice', 'two', 1, 1, 0.4], ['iou', 'two', 1, 1, 0.2],
		])
		const [all, , , , single] = metrics
		expect(all?.interval?.[0]).toBeCloseTo(0.4, 4)
		expect(all?.interval?.[1]).toBeCloseTo(0.8, 4)
		// One patient holds no trace of how it varies.
		expect(single?.interval).toBeNull()
	})
})
