import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { energyInside, maskOfBoxes } from '../../../../src/common/cam/energy.ts'
import type { ModelManifest } from '../../../../src/common/contract/model.ts'
import type { ExplanationSetRequest } from '../../../../src/common/contract/training/explanationSet.ts'
import { explainSet } from '../../../../src/hosts/training/explanations/explainSet.ts'
import type { MapsRecord } from '../../../../src/hosts/training/explanations/records.ts'
import { writeSmallExplanationSet, type SmallExplanationSet } from '../../../support/explanationSet.ts'
import { temporaryFolder } from '../../../support/inferenceFixtures.ts'
import { paintedFilm, PAINTED_LUNGS, writeDarknessLungPack } from '../../../support/lungPack.ts'
import { writeManifest } from '../../../support/pictures.ts'

const [WIDTH, HEIGHT] = [160, 120]
const folder = temporaryFolder()
const data = join(folder.path, 'films')
const quiet = { signal: new AbortController().signal, progress: () => undefined }
const lungs = writeDarknessLungPack(folder.path)
let set: SmallExplanationSet
let cropped: ModelManifest

async function writePng(name: string, values: Uint8Array): Promise<void> {
	await sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace('b-w').png().toFile(join(data, name))
}

function request(change: Partial<ExplanationSetRequest> = {}): ExplanationSetRequest {
	return {
		model: { graph: join(set.pack, 'model.onnx'), manifest: cropped }, lungs, teacher: null, folder: data, split: null, by: [], films: null, seed: 1, localisation: [], localisationSplit: null, mode: 'paper', layer: null,
		randomisation: 0, output: null, html: null, softwareVersion: '0.0.0', ...change,
	}
}

/** The right lung's lower half is brighter than the rest: a finding that the network of quarters sees. */
const FINDING = { left: PAINTED_LUNGS[1].left, top: 0.5, right: PAINTED_LUNGS[1].right, bottom: PAINTED_LUNGS[1].bottom }

beforeAll(async () => {
	set = await writeSmallExplanationSet(join(folder.path, 'data'), join(folder.path, 'packs'))
	cropped = { ...set.manifest, input: { ...set.manifest.input, region: { of: 'lungs', margin: 0.1 } } }
	mkdirSync(join(data, 'masks'), { recursive: true })
	const inFinding = (place: number) => {
		const [x, y] = [((place % WIDTH) + 0.5) / WIDTH, (Math.floor(place / WIDTH) + 0.5) / HEIGHT]
		return x > FINDING.left && x < FINDING.right && y > FINDING.top && y < FINDING.bottom
	}
	const film = paintedFilm(WIDTH, HEIGHT)
	await writePng('chest.png', film.map((value, place) => (inFinding(place) ? value + 60 : value)))
	await writePng('lone.png', paintedFilm(WIDTH, HEIGHT, [PAINTED_LUNGS[0]]))
	await writePng('masks/lungs.png', film.map((value) => (value < 100 ? 1 : 0)))
	await writePng('masks/finding.png', film.map((_, place) => (inFinding(place) ? 1 : 0)))
	writeManifest(data, ['file', 'label', 'patient_or_group', 'split', 'source', 'lungs_mask', 'finding_mask'], [
		['chest.png', 'left', 'a', 'test', 'here', 'masks/lungs.png', 'masks/finding.png'],
		['lone.png', 'left', 'b', 'test', 'here', '', ''],
	])
})
afterAll(() => folder.remove())

describe('maps of a network that sees the lungs alone', () => {
	it('are held against masks of the film at the part that they cover', async () => {
		const out = join(folder.path, 'out')
		const report = await explainSet(request({ output: out, randomisation: 2, html: join(folder.path, 'html') }), quiet)
		expect(report.refused).toEqual([{ id: 'lone.png', reason: expect.stringMatching(/^Only one lung was found/) }])
		expect(report.data.films).toBe(1)
		const [maps] = readFileSync(join(out, 'films.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as MapsRecord).filter(({ kind }) => kind === 'maps')
		expect(maps?.lungs).toBe(lungs.manifest.sha256)
		const region = maps?.region
		expect(region?.left).toBeCloseTo(PAINTED_LUNGS[0].left - 0.07, 1)
		expect(region?.right).toBeCloseTo(PAINTED_LUNGS[1].right + 0.07, 1)
		const box = ({ left, top, right, bottom }: typeof FINDING) => ({ x: left * WIDTH, y: top * HEIGHT, width: (right - left) * WIDTH, height: (bottom - top) * HEIGHT })
		const map = { height: maps!.height, width: maps!.width, values: maps!.scoreCam['left'] ?? [], region }
		const finding = report.located.find(({ truth, method }) => truth === 'finding' && method === 'score-cam')
		const expected = energyInside(map, maskOfBoxes([box(FINDING)], WIDTH, HEIGHT))
		expect(finding?.energy.value).toBeCloseTo(expected!.energyShare, 9)
		expect(finding?.area.value).toBeCloseTo(expected!.areaShare, 9)
		// Of the crop, not of the film.
		expect(expected!.areaShare).toBeGreaterThan((0.3 * 0.3) / 0.9)
	})
	it('are not made without a lung network', async () => {
		await expect(explainSet(request({ lungs: { fault: 'It is gone.' } }), quiet)).rejects.toThrow('sees the lungs alone, and they cannot be looked for. It is gone.')
		await expect(explainSet(request({ lungs: null }), quiet)).rejects.toThrow('No lung network is installed.')
		const background: ModelManifest = { ...cropped, input: { ...cropped.input, region: { of: 'background', margin: 0.1 } } }
		await expect(explainSet(request({ model: { ...request().model, manifest: background } }), quiet)).rejects.toThrow('it reads none')
	})
})
