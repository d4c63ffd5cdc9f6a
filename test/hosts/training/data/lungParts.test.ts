import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { equalise } from '../../../../src/common/imaging/equalise.ts'
import type { Sample } from '../../../../src/hosts/training/data/dataSet.ts'
import { makeBatch } from '../../../../src/hosts/training/data/images/makeBatch.ts'
import { showPart } from '../../../../src/hosts/training/data/images/shownPart.ts'
import { withLungParts, type LungPartOptions } from '../../../../src/hosts/training/data/lungParts.ts'
import { sha256Of } from '../../../../src/hosts/imaging/decodeFrame.ts'
import { temporaryFolder } from '../../../support/inferenceFixtures.ts'
import { paintedFilm, PAINTED_LUNGS, writeDarknessLungPack } from '../../../support/lungPack.ts'

const folder = temporaryFolder()
const models = join(folder.path, 'models')
const cache = join(folder.path, 'cache')
const samples: (Sample & { sha256: string })[] = []
let pack: LungPartOptions['pack']
const options = (change: Partial<LungPartOptions> = {}): LungPartOptions => ({ pack, cache: null, signal: new AbortController().signal, onProgress: () => undefined, ...change })

async function film(name: string, width: number, height: number, lungs?: Parameters<typeof paintedFilm>[2]): Promise<void> {
	const path = join(folder.path, name)
	const bytes = await sharp(paintedFilm(width, height, lungs), { raw: { width, height, channels: 1 } }).png().toBuffer()
	writeFileSync(path, bytes)
	samples.push({ id: name, path, truth: [1], split: 'train', group: name, source: '', attributes: {}, sha256: sha256Of(bytes) })
}

beforeAll(async () => {
	pack = writeDarknessLungPack(models)
	await film('both.png', 200, 160)
	await film('one.png', 200, 160, PAINTED_LUNGS.slice(0, 1))
})
afterAll(() => folder.remove())

describe('the part of a film that a network is shown', () => {
	it('is the box around both lungs with its margin; a film without both is left out with the reason', async () => {
		const { samples: shown, refused, lungs } = await withLungParts(samples, { of: 'lungs', margin: 0.1 }, options())
		expect(shown.map(({ id }) => id)).toEqual(['both.png'])
		expect(refused).toEqual([{ id: 'one.png', reason: expect.stringContaining('Only one lung was found') as string }])
		expect(lungs.id).toBe('darkness')
		const { region, hidden } = shown[0]!.part
		expect(hidden).toBeNull()
		// 0.7 wide and 0.6 high, a tenth more on each side; the network sees 64 x 64.
		for (const [found, expected] of [[region.left, 0.08], [region.right, 0.92], [region.top, 0.14], [region.bottom, 0.86]] as const) expect(Math.abs(found - expected)).toBeLessThan(1 / 64)
	})

	it('has the box painted black where the background is to be seen', async () => {
		const { samples: [shown] } = await withLungParts(samples, { of: 'background', margin: 0.1 }, options())
		const image = showPart({ sha256: '', width: 200, height: 160, planes: [paintedFilm(200, 160)] }, shown!.part, null)
		const [plane] = image.planes
		expect(image.width * image.height).toBe(plane!.length)
		expect(new Set(plane)).toEqual(new Set([0, 200]))
		const black = plane!.filter((value) => value === 0).length / plane!.length
		// Three hundredths more than the box are hidden, so that nothing of a lung shows at its border.
		expect(black).toBeCloseTo((1.06 / 1.2) ** 2, 1)
	})

	it('is found once where there is a memory, which may be damaged', async () => {
		const fresh = await withLungParts(samples, { of: 'lungs', margin: 0 }, options({ cache }))
		const [file] = readdirSync(cache)
		const again = samples.map((sample) => ({ ...sample, path: join(folder.path, 'gone.png') }))
		expect((await withLungParts(again, { of: 'lungs', margin: 0 }, options({ cache }))).samples.map(({ part }) => part)).toEqual(fresh.samples.map(({ part }) => part))
		writeFileSync(join(cache, file!), '{"film":"x"}\nnot JSON\n')
		expect((await withLungParts(samples, { of: 'lungs', margin: 0 }, options({ cache }))).samples.map(({ part }) => part)).toEqual(fresh.samples.map(({ part }) => part))
	})

	it('cannot be without a network that finds lungs, or one that was exchanged', async () => {
		await expect(withLungParts(samples, { of: 'lungs', margin: 0 }, options({ pack: { fault: 'No lung network is installed.' } }))).rejects.toThrow('the lungs cannot be looked for. No lung network is installed.')
		const other = join(folder.path, 'other')
		const exchanged = writeDarknessLungPack(other)
		writeFileSync(join(exchanged.directory, 'model.onnx'), 'x')
		await expect(withLungParts(samples, { of: 'lungs', margin: 0 }, options({ pack: exchanged }))).rejects.toThrow('SHA-256')
	})

	it('is what a batch holds: cut out and equalised before it is made small', async () => {
		const { samples: [shown] } = await withLungParts(samples, { of: 'lungs', margin: 0 }, options())
		const input = { size: 24, mean: [0, 0, 0], std: [1, 1, 1], colour: 'grey' as const, tones: 'equalised' as const }
		const job = { kind: 'batch' as const, input, augmentation: null, seed: 0, epoch: 0, first: 0, batch: 1 }
		const { id, path, sha256, part } = shown!
		const { images } = await makeBatch({ ...job, images: [{ id, path, sha256, mask: null, part, kept: null }] })
		const whole = await makeBatch({ ...job, images: [{ id, path, sha256, mask: null, part: null, kept: null }] })
		// Without a margin the corners are lung, equalised to the darkest; of the whole film they are the brightest.
		expect(images[0]).toBe(equalise(Uint8Array.of(...Array<number>(300).fill(40), ...Array<number>(300).fill(200)))[0]! / 255)
		expect(whole.images[0]).toBe(1)
		expect(images.slice(0, 24)).not.toEqual(whole.images.slice(0, 24))
	})
})
