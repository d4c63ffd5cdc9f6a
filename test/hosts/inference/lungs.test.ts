import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { energyInside, maskOfBoxes } from '../../../src/common/cam/energy.ts'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { equalise } from '../../../src/common/imaging/equalise.ts'
import { cropPlane, pixelBoxOf } from '../../../src/common/imaging/region.ts'
import { createInferenceEngine } from '../../../src/hosts/inference/engine.ts'
import { openLungNetwork } from '../../../src/hosts/inference/lungs.ts'
import { NO_LUNG_NETWORK, prepareFrame } from '../../../src/hosts/inference/prepared.ts'
import { CAM_SIDE, writeCamPack } from '../../support/camPack.ts'
import { frameOf, temporaryFolder, writeFrame } from '../../support/inferenceFixtures.ts'
import { paintedFilm, PAINTED_LUNGS, writeDarknessLungPack } from '../../support/lungPack.ts'

const WIDTH = 240
const HEIGHT = 200
const folder = temporaryFolder()
afterAll(() => folder.remove())
const lungPack = writeDarknessLungPack(folder.path)
const classifier = writeCamPack(folder.path, 8)
// The self-test of the classifier is not what is tested here.
const plain: ModelManifest = { ...classifier, domain: 'chest-radiograph', golden: { ...classifier.golden, tolerance: 1e3 }, input: { ...classifier.input, colour: 'grey', minimumSide: 16, modalities: [], bodyParts: [], views: [] } }
const cropped: ModelManifest = { ...plain, id: 'cropped', input: { ...plain.input, region: { of: 'lungs', margin: 0.05 } } }
const quiet = { progress: () => {}, signal: new AbortController().signal }

/** The painted film with a texture, so that every crop of it is another picture and it has enough grey levels. */
function film(lungs?: Parameters<typeof paintedFilm>[2]): Uint8Array {
	return paintedFilm(WIDTH, HEIGHT, lungs).map((value, place) => value + ((place * 7 + Math.floor(place / WIDTH) * 13) % 31))
}

const writeFilm = (name: string, lungs?: Parameters<typeof paintedFilm>[2]) => writeFrame(folder.path, frameOf(film(lungs), WIDTH, HEIGHT), `${name}.frame`)

async function engineWith(manifest: ModelManifest, lungs: Parameters<ReturnType<typeof createInferenceEngine>['load']>[0]['lungs']): Promise<ReturnType<typeof createInferenceEngine>> {
	const engine = createInferenceEngine()
	await engine.load({ directory: folder.path, manifest, lungs }, quiet)
	return engine
}

const answer = async (manifest: ModelManifest, lungs: Parameters<typeof engineWith>[1], framePath: string) =>
	(await engineWith(manifest, lungs)).predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 }, quiet)

const lungCheck = ({ gate }: Awaited<ReturnType<typeof answer>>) => gate.checks.find(({ name }) => name === 'lungs')

describe('the lung network', () => {
	it('finds what its network marks, with the same bits each time', async () => {
		const network = await openLungNetwork(lungPack.directory, lungPack.manifest)
		const [first, second] = [await network.find(film(), WIDTH, HEIGHT), await network.find(film(), WIDTH, HEIGHT)]
		expect(second).toEqual(first)
		for (const [side, { left, top, right, bottom }] of [['left', PAINTED_LUNGS[0]], ['right', PAINTED_LUNGS[1]]] as const) {
			const { box } = first.findings[side]!
			for (const [found, wanted] of [[box.left, left], [box.top, top], [box.right, right], [box.bottom, bottom]] as const) expect(Math.abs(found - wanted)).toBeLessThan(0.02)
		}
		await network.release()
	})
	it('is refused where it is not the one of its lungs.json, or gives other numbers', async () => {
		const { directory, manifest } = lungPack
		await expect(openLungNetwork(directory, { ...manifest, sha256: '0'.repeat(64) })).rejects.toThrow('its SHA-256 differs')
		await expect(openLungNetwork(directory, { ...manifest, golden: { ...manifest.golden, mean: manifest.golden.mean + 0.1 } })).rejects.toThrow('self-test failed')
		await expect(openLungNetwork(directory, { ...manifest, golden: { ...manifest.golden, grid: { rows: 1, columns: 1, logits: [9] } } })).rejects.toThrow('self-test failed')
		await expect(openLungNetwork(directory, { ...manifest, input: { ...manifest.input, name: 'film' } })).rejects.toThrow('does not fit its lungs.json: it does not have the one input "film"')
		await expect(openLungNetwork(directory, { ...manifest, output: { ...manifest.output, name: 'mask' } })).rejects.toThrow('it has no output "mask"')
	})
})

describe('the check "Lungs"', () => {
	it('passes a film with two whole lungs, after the others, and says where they are', async () => {
		const prediction = await answer(plain, lungPack, writeFilm('chest'))
		expect(prediction.gate.ok).toBe(true)
		expect(lungCheck(prediction)).toEqual({ name: 'lungs', title: 'Lungs', state: 'passed', detail: expect.stringMatching(/^Two complete lungs, as on a frontal chest film; they cover 3\d % of it\.$/) })
		expect(prediction.lungs).toMatchObject({ model: { id: 'darkness', version: '1.0.0', sha256: lungPack.manifest.sha256 }, dice: null, findings: { reasons: [] } })
		expect(prediction.region).toBeNull()
	})
	it('refuses a film with one lung or a lung that is cut off, with the reason', async () => {
		const lone = await answer(plain, lungPack, writeFilm('lone', [PAINTED_LUNGS[0]]))
		expect(lone.gate.reasons).toEqual([expect.stringMatching(/^Only one lung was found/)])
		expect(lone.labels).toEqual([])
		const cut = await answer(plain, lungPack, writeFilm('cut', PAINTED_LUNGS.map((lung) => ({ ...lung, bottom: 1 }))))
		expect(cut.gate.reasons).toEqual([expect.stringMatching(/^A lung is cut off at the film's lower border/)])
	})
	it('is unknown where nobody can look, but a network that sees the lungs alone refuses then', async () => {
		const path = writeFilm('again')
		const unlooked = await answer(plain, undefined, path)
		expect(unlooked.gate.ok).toBe(true)
		expect(lungCheck(unlooked)).toMatchObject({ state: 'unknown', detail: 'Lungs were not looked for. No lung network is installed.' })
		expect(unlooked.lungs).toBeNull()
		const damaged = { ...lungPack, manifest: { ...lungPack.manifest, sha256: '0'.repeat(64) } }
		for (const [lungs, reason] of [[undefined, /No lung network is installed\.$/], [{ fault: 'It is gone.' }, /It is gone\.$/], [damaged, /its SHA-256 differs\.$/]] as const) {
			const refused = await answer(cropped, lungs, path)
			expect(refused).toMatchObject({ labels: [], tensorSha256: null })
			expect(refused.gate.reasons).toEqual([expect.stringMatching(reason)])
			expect(refused.gate.reasons[0]).toMatch(/^The network sees the lungs alone, and they could not be looked for\./)
		}
	})
	it('is not made where an earlier check failed, nor on tissue', async () => {
		const blank = writeFrame(folder.path, frameOf(new Uint8Array(WIDTH * HEIGHT), WIDTH, HEIGHT), 'blank.frame')
		expect(lungCheck(await answer(plain, lungPack, blank))).toMatchObject({ name: 'lungs', state: 'skipped' })
		const { gate } = await answer({ ...plain, domain: 'histology' }, lungPack, writeFilm('tissue'))
		expect(gate.checks.map(({ name }) => name)).not.toContain('lungs')
	})
})

describe('a network that sees the lungs alone', () => {
	it('gets the crop that is stated, to the bit', async () => {
		const path = writeFilm('crop')
		const { region, tensorSha256, labels } = await answer(cropped, lungPack, path)
		const box = pixelBoxOf(region!, WIDTH, HEIGHT)
		expect(box.x).toBeLessThan(PAINTED_LUNGS[0].left * WIDTH)
		expect(box.x + box.width).toBeGreaterThan(PAINTED_LUNGS[1].right * WIDTH)
		expect(box.width).toBeLessThan(WIDTH)
		const cut = cropPlane(film(), WIDTH, HEIGHT, region!)
		const alone = await answer(plain, undefined, writeFrame(folder.path, frameOf(cut.plane, cut.width, cut.height), 'cut-out.frame'))
		expect(tensorSha256).toBe(alone.tensorSha256)
		expect(labels).toEqual(alone.labels)
		const equal = await answer({ ...cropped, input: { ...cropped.input, tones: 'equalised' } }, lungPack, path)
		const equalAlone = await answer(plain, undefined, writeFrame(folder.path, frameOf(equalise(cut.plane), cut.width, cut.height), 'equal.frame'))
		expect(equal.tensorSha256).toBe(equalAlone.tensorSha256)
		expect(equal.tensorSha256).not.toBe(tensorSha256)
	})
	it('has maps of the crop that say so, and how much of each lies inside the lungs', async () => {
		const framePath = writeFilm('map')
		const engine = await engineWith(cropped, lungPack)
		const { region } = await engine.predict({ modelSha256: cropped.sha256, framePath, decodeMilliseconds: 0 }, quiet)
		const states: unknown[] = []
		const request = { modelSha256: cropped.sha256, framePath, layer: null, mode: 'paper' as const, region }
		const state = await engine.explain(request, { ...quiet, progress: (now) => states.push(now.region) })
		expect(state.region).toEqual(region)
		expect(states.every((stated) => JSON.stringify(stated) === JSON.stringify(region))).toBe(true)
		const cut = cropPlane(film(), WIDTH, HEIGHT, region!)
		const alone = await (await engineWith(plain, undefined)).explain({ ...request, framePath: writeFrame(folder.path, frameOf(cut.plane, cut.width, cut.height), 'map-alone.frame'), region: null }, quiet)
		expect(state.maps).toEqual(alone.maps)
		expect(alone.region).toBeUndefined()
		expect(alone.lungs).toBeUndefined()
		const boxes = PAINTED_LUNGS.map(({ left, top, right, bottom }) => ({ x: left * WIDTH, y: top * HEIGHT, width: (right - left) * WIDTH, height: (bottom - top) * HEIGHT }))
		let measured = 0
		for (const [label, values] of Object.entries(state.maps)) {
			const truth = energyInside({ height: state.height, width: state.width, values, region: region! }, maskOfBoxes(boxes, WIDTH, HEIGHT))
			const found = state.lungs?.inside[label]
			expect(found === undefined).toBe(truth === null)
			if (!found || !truth) continue
			measured++
			expect(Math.abs(found.energyShare - truth.energyShare)).toBeLessThan(0.05)
			expect(Math.abs(found.areaShare - truth.areaShare)).toBeLessThan(0.05)
		}
		expect(measured).toBeGreaterThan(0)
	})
	it('makes no map of another part of the film than it answered on', async () => {
		const framePath = writeFilm('elsewhere')
		const engine = await engineWith(cropped, lungPack)
		const request = { modelSha256: cropped.sha256, framePath, layer: null, mode: 'paper' as const }
		const other = { left: 0, top: 0, right: 0.5, bottom: 0.5 }
		await expect(engine.explain({ ...request, region: other }, quiet)).rejects.toThrow('another part of the film than when it answered. Analyse the image again.')
		await expect(engine.explain({ ...request, region: null }, quiet)).rejects.toThrow('another part of the film')
		const map = { height: 1, width: 1, values: [1] }
		await expect(engine.faithfulness({ ...request, layer: plain.outputs.defaultCamLayer, label: plain.labels[0]!.name, region: other, map }, quiet)).rejects.toThrow('another part of the film')
	})
	it('is never fed the whole film, or a film without its lungs, whoever asks', async () => {
		const frame = frameOf(film(), WIDTH, HEIGHT)
		expect((await prepareFrame(frame, cropped, NO_LUNG_NETWORK)).tensor).toBeNull()
		const background: ModelManifest = { ...cropped, input: { ...cropped.input, region: { of: 'background', margin: 0.05 } } }
		const network = await openLungNetwork(lungPack.directory, lungPack.manifest)
		await expect(prepareFrame(frame, background, network)).rejects.toThrow('films without their lungs')
		expect((await prepareFrame(frame, cropped, network)).tensor).toHaveLength(3 * CAM_SIDE ** 2)
	})
})

it('keeps what was found of a film for every network that asks', async () => {
	const engine = createInferenceEngine()
	const lungs = writeDarknessLungPack(join(folder.path, 'models'))
	await engine.load({ directory: folder.path, manifest: plain, lungs }, quiet)
	const framePath = writeFilm('kept')
	const ask = () => engine.predict({ modelSha256: plain.sha256, framePath, decodeMilliseconds: 0 }, quiet)
	const first = await ask()
	// What lies in the folder afterwards does not matter: the network was read when it was loaded.
	writeFileSync(join(lungs.directory, 'model.onnx'), 'nothing')
	expect((await ask()).lungs).toEqual(first.lungs)
})
