import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../../src/common/contract/model.ts'
import type { RunSummary } from '../../../../src/common/contract/training/run.ts'
import { explainImage } from '../../../../src/hosts/inference/explain.ts'
import { openNetwork } from '../../../../src/hosts/inference/network.ts'
import { planesTensor } from '../../../../src/hosts/inference/preprocess.ts'
import { openImage } from '../../../../src/hosts/training/data/images/openImage.ts'
import { createAnsweredImages } from '../../../../src/hosts/training/review/answeredImages.ts'
import { createRunMaps } from '../../../../src/hosts/training/review/runMaps.ts'
import { worstErrors } from '../../../../src/hosts/training/review/worst.ts'
import { startRun } from '../../../../src/hosts/training/runs/run.ts'
import { runControl, smallRecipe, writeSmallData } from '../../../support/smallRun.ts'

const lungs = { fault: 'No lung network is installed.' }
const never = new AbortController().signal

let folder: string
let data: string
let runs: string
let run: RunSummary
/** The worst errors of the test split. */
let worst: string[]

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-maps-'))
	runs = join(folder, 'runs')
	const parts = await writeSmallData(folder)
	data = parts.data
	run = await startRun({ recipe: smallRecipe(parts, { epochs: 1 }), title: 'recipe.json', base: folder }, { runs, cache: join(folder, 'cache'), models: [], lungs, softwareVersion: '0.0.0' }, runControl())
	worst = worstErrors(runs, run.id, 'test', 5).samples.map(({ id }) => id)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const image = (place = 0) => worst[place] ?? ''
const map = (name: string, own: { maps?: ReturnType<typeof createRunMaps>; signal?: AbortSignal; id?: string; onProgress?(done: number, of: number): void } = {}) => {
	const { maps = createRunMaps(createAnsweredImages()), signal = never, id = run.id, onProgress = () => {} } = own
	return maps.map({ runs, id, image: name, lungs }, { signal, onProgress })
}

/** Changes a file for the time of a test. */
async function whileChanged(path: string, change: () => void, work: () => Promise<void>): Promise<void> {
	cpSync(path, `${path}.kept`)
	try {
		change()
		await work()
	} finally {
		renameSync(`${path}.kept`, path)
	}
}

describe('images that a run has answered on', () => {
	it('are found with the hash that the run has noted of them', () => {
		const found = createAnsweredImages().find(runs, run.id, image())
		expect(found).toMatchObject({ directory: run.directory, path: join(data, image()), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
		expect(found.logits).toHaveLength(3)
		const [line] = readFileSync(join(run.directory, 'predictions.csv'), 'utf8').split('\r\n').filter((own) => own.startsWith(image()))
		expect([...found.logits]).toEqual(line?.split(',').slice(-3).map((text) => Math.fround(Number(text))))
	})

	it('are no others: not of training, not of the folder, not outside of it', () => {
		const images = createAnsweredImages()
		const training = readFileSync(join(data, 'manifest.csv'), 'utf8').split('\n').find((line) => line.includes(',train,'))?.split(',')[0] ?? ''
		expect(training).toMatch(/\.png$/)
		for (const name of [training, 'manifest.csv', '../student.onnx', '/etc/passwd', `./${image()}`, '']) expect(() => images.find(runs, run.id, name)).toThrow(/has not answered on an image/)
		expect(() => images.find(runs, 'none-1', image())).toThrow('There is no run none-1')
	})

	it('are none where predictions name a file outside of the data', () => {
		const directory = join(runs, 'outside-1')
		cpSync(run.directory, directory, { recursive: true })
		const path = join(directory, 'predictions.csv')
		writeFileSync(path, readFileSync(path, 'utf8').replaceAll(image(), '../student.onnx'))
		expect(() => createAnsweredImages().find(runs, 'outside-1', '../student.onnx')).toThrow('has not answered on an image ../student.onnx')
		rmSync(directory, { recursive: true })
	})

	it('are looked for anew when the predictions are others', () => {
		const directory = join(runs, 'changing-1')
		cpSync(run.directory, directory, { recursive: true })
		const images = createAnsweredImages()
		expect(images.find(runs, 'changing-1', image()).sha256).not.toBeNull()
		rmSync(join(directory, 'images.json'))
		expect(images.find(runs, 'changing-1', image()).sha256).toBeNull()
		rmSync(directory, { recursive: true })
	})
})

describe('the map of an image by the pack of a run', () => {
	it('is the Score-CAM of the reading desk, of all labels, and tells how far it is', async () => {
		const told: [number, number][] = []
		const state = await map(image(), { onProgress: (done, of) => told.push([done, of]) })
		expect(state).toMatchObject({ exact: true, mode: 'paper', layer: 'layer3', channels: 6 })
		expect(Object.keys(state.maps)).toEqual(['bright', 'left', 'top'])
		expect(told.at(-1)).toEqual([6, 6])

		const pack = join(run.directory, 'pack')
		const manifest = JSON.parse(readFileSync(join(pack, 'model.json'), 'utf8')) as ModelManifest
		const network = await openNetwork(pack, manifest)
		const tensor = planesTensor(await openImage(join(data, image()), 'grey'), manifest.input, null)
		const desk = await explainImage(network, { tensor, layer: null, mode: 'paper' }, { signal: never, progress: () => {}, yieldTurn: async () => {} })
		await network.session.release()
		expect(state.maps).toEqual(desk.maps)
	})

	it('is made once, and of one image after the other', async () => {
		const maps = createRunMaps(createAnsweredImages())
		const [first, second] = await Promise.all([map(image(0), { maps }), map(image(1), { maps })])
		expect(first.maps).not.toEqual(second.maps)
		let told = 0
		expect(await map(image(0), { maps, onProgress: () => told++ })).toBe(first)
		expect(told).toBe(0)
	})

	it('ends when nobody wants it any more, and the next is made', async () => {
		const maps = createRunMaps(createAnsweredImages())
		const gone = new AbortController()
		const left = expect(map(image(0), { maps, signal: gone.signal, onProgress: () => gone.abort() })).rejects.toThrow('The map was cancelled.')
		const unwanted = expect(map(image(1), { maps, signal: AbortSignal.abort() })).rejects.toThrow('The map was cancelled.')
		const next = map(image(2), { maps })
		await left
		await unwanted
		expect((await next).exact).toBe(true)
	})

	it('is refused in a sentence where the image is gone or has changed', async () => {
		const path = join(data, image())
		await whileChanged(path, () => rmSync(path), async () => {
			await expect(map(image())).rejects.toThrow(`${image()}: The file is not there.`)
		})
		// The same picture in other bytes is another file.
		await whileChanged(path, () => appendFileSync(path, 'x'), async () => {
			await expect(map(image())).rejects.toThrow(`${image()} has changed since the run answered on it`)
		})
		expect((await map(image())).exact).toBe(true)
	})

	it('is refused where a run that noted no hashes would answer otherwise now', async () => {
		const directory = join(runs, 'older-1')
		cpSync(run.directory, directory, { recursive: true })
		rmSync(join(directory, 'images.json'))
		expect((await map(image(), { id: 'older-1' })).exact).toBe(true)
		const path = join(data, image())
		const other = join(data, worstErrors(runs, run.id, 'test', 200).samples.find(({ id }) => id.split('/')[0] !== image().split('/')[0])?.id ?? '')
		await whileChanged(path, () => cpSync(other, path), async () => {
			await expect(map(image(), { id: 'older-1' })).rejects.toThrow(`The network answers otherwise on ${image()} than when the run ended`)
		})
		rmSync(directory, { recursive: true })
	})

	it('is refused where the network of the pack is another one', async () => {
		const directory = join(runs, 'damaged-1')
		cpSync(run.directory, directory, { recursive: true })
		appendFileSync(join(directory, 'pack', 'model.onnx'), 'x')
		await expect(map(image(), { id: 'damaged-1' })).rejects.toThrow('its SHA-256 differs')
		rmSync(directory, { recursive: true })
	})
})
