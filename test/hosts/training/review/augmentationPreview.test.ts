import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { augmentationPreviewSchema, PREVIEW_SIDE, recipeNetworksSchema } from '../../../../src/common/contract/training/looks.ts'
import type { RecipeInput } from '../../../../src/common/contract/training/recipe.ts'
import { augmentationPreview } from '../../../../src/hosts/training/review/augmentationPreview.ts'
import { recipeNetworks } from '../../../../src/hosts/training/review/recipeNetworks.ts'
import { LABELS, SIDE } from '../../../support/pictures.ts'
import { smallRecipe, writeSmallData } from '../../../support/smallRun.ts'

let folder: string
let parts: { data: string; student: string }
const places = () => ({ runs: join(folder, 'runs'), cache: join(folder, 'cache'), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0' })

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-preview-'))
	parts = await writeSmallData(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const source = (changes: Partial<RecipeInput> = {}) => ({ recipe: smallRecipe(parts, changes), title: 'The recipe', base: folder })
const preview = (changes: Partial<RecipeInput> = {}, own: Partial<Parameters<typeof augmentationPreview>[2]> = {}) =>
	augmentationPreview(source(changes), places(), { samples: 3, draws: 2, seed: 1, signal: new AbortController().signal, progress: () => {}, ...own })

/** Values of the first channel. */
async function pixelsOf(picture: string): Promise<{ data: Buffer; width: number; channels: number }> {
	const image = sharp(Buffer.from(picture, 'base64'))
	const { width, channels } = await image.metadata()
	return { data: await image.extractChannel(0).raw().toBuffer(), width, channels }
}

async function meanOf(picture: string): Promise<number> {
	return (await pixelsOf(picture)).data.reduce((sum, value) => sum + value, 0) / SIDE ** 2
}

describe('a preview of augmentation', () => {
	it('shows an image of each label, as the network is shown it and changed, the same for the same seed', async () => {
		const told: number[] = []
		const first = await preview({}, { progress: ({ done }) => void told.push(done) })
		expect(augmentationPreviewSchema.parse(first)).toEqual(first)
		expect(first).toMatchObject({ size: SIDE, refused: [] })
		expect(first.samples.map(({ labels }) => labels)).toEqual([['bright'], ['left'], ['top']])
		expect(told).toEqual([0, 1, 2])
		for (const { id, plain, augmented } of first.samples) {
			const shown = await pixelsOf(plain)
			expect(shown).toMatchObject({ width: SIDE, channels: 1 })
			// The network is as large as the pictures, so nothing is lost on the way.
			expect(shown.data.equals((await pixelsOf(readFileSync(join(parts.data, id)).toString('base64'))).data)).toBe(true)
			const [one, other] = await Promise.all(augmented.map(pixelsOf))
			expect(one?.data.equals(shown.data)).toBe(false)
			expect(other?.data.equals(one?.data ?? Buffer.alloc(0))).toBe(false)
		}
		expect(await preview()).toEqual(first)
		expect((await preview({}, { seed: 2 })).samples.map(({ plain }) => plain)).not.toEqual(first.samples.map(({ plain }) => plain))
		expect(existsSync(join(folder, 'runs'))).toBe(false)
	})

	it('follows the recipe: nothing is changed where it says so, and only what it names', async () => {
		expect((await preview({ augmentation: { preset: 'none' } })).samples.map(({ augmented }) => augmented)).toEqual([[], [], []])
		const flipped = await preview({ augmentation: { preset: 'none', horizontalFlip: 1 } })
		for (const { plain, augmented: [mirrored = ''] } of flipped.samples) {
			const { data, width } = await pixelsOf(plain)
			expect((await pixelsOf(mirrored)).data.equals(Buffer.from(data.map((_, place) => data[place - (place % width) + width - 1 - (place % width)] ?? 0)))).toBe(true)
		}
	})

	it('changes no two images alike', async () => {
		const { samples } = await preview({ augmentation: { preset: 'none', brightness: 0.2 } }, { draws: 1 })
		const changes = await Promise.all(samples.map(async ({ plain, augmented: [changed = ''] }) => Math.round(await meanOf(changed) - await meanOf(plain))))
		expect(new Set(changes).size).toBe(3)
	})

	it('is bounded in size, and needs neither weights nor teachers', async () => {
		const { size, samples } = await preview({
			student: { from: 'zoo', name: 'mobilenetv2', weights: 'weights/none.safetensors' }, teachers: [{ from: 'pack', pack: 'no-such-teacher' }], input: { size: 320, colour: 'rgb' },
		}, { samples: 1, draws: 1 })
		expect(size).toBe(320)
		expect(samples).toHaveLength(1)
		expect(await pixelsOf(samples[0]?.plain ?? '')).toMatchObject({ width: PREVIEW_SIDE, channels: 3 })
	})

	it('names the field that does not fit, and passes over what cannot be read or was left out', async () => {
		await expect(preview({ data: { layout: 'manifest', folder: 'nowhere' } })).rejects.toThrow('nowhere, which the field "data.folder" names, is not there.')
		await expect(preview({ batch: 0 })).rejects.toThrow('The recipe: the field "batch" is not valid')
		await expect(preview({ input: { size: SIDE, region: { of: 'lungs', margin: 0.1 } } })).rejects.toThrow('No lung network is installed.')
		await expect(preview({}, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)

		const few = await writeSmallData(await mkdtemp(join(folder, 'few-')), 12)
		const all = (await augmentationPreview({ ...source(), recipe: smallRecipe(few) }, places(), { samples: 6, draws: 1, seed: 0, signal: new AbortController().signal, progress: () => {} })).samples.map(({ id }) => id)
		const [broken = '', left = ''] = all
		writeFileSync(join(few.data, broken), 'no picture')
		const rest = await augmentationPreview({ ...source(), recipe: smallRecipe(few, { data: { layout: 'manifest', folder: few.data, corrections: [{ image: left, labels: null }] } }) }, places(), { samples: 6, draws: 1, seed: 0, signal: new AbortController().signal, progress: () => {} })
		expect(rest.refused.map(({ id }) => id)).toEqual([broken])
		expect(rest.samples.map(({ id }) => id)).not.toContain(left)
		for (const label of LABELS) rmSync(join(few.data, label), { recursive: true })
		await expect(augmentationPreview({ ...source(), recipe: smallRecipe(few) }, places(), { samples: 2, draws: 1, seed: 0, signal: new AbortController().signal, progress: () => {} })).rejects.toThrow('can be shown. ')
	})
})

describe('the networks of a recipe', () => {
	it('have layers and parts by name, in the order in which an image meets them', () => {
		const networks = recipeNetworks(source({ teachers: [{ from: 'pack', pack: 'no-such-teacher' }] }), places(), 3)
		expect(recipeNetworksSchema.parse(networks)).toEqual(networks)
		expect(networks.student).toMatchObject({ size: SIDE, layers: [{ name: 'stage_1', channels: 6 }, { name: 'stage_2' }, { name: 'stage_3' }] })
		expect('parts' in networks.student && networks.student.parts.map(({ patterns }) => patterns.join(' '))).toEqual(['conv1.*', 'norm1.*', 'conv2.*', 'norm2.*', 'conv3.*', 'norm3.*', 'head.*'])
		expect(networks.teachers).toEqual([{ fault: expect.stringContaining('"no-such-teacher", which the field "teachers[0].pack" names, is not there') as string }])
	})

	it('of the zoo have parts that together are all of their parameters', () => {
		const { student } = recipeNetworks(source({ student: { from: 'zoo', name: 'eeea-net-c2' }, input: {} }), places(), 3)
		if ('fault' in student) throw new Error(student.fault)
		expect(student.parts.at(0)?.patterns).toEqual(['first_conv.conv.*', 'first_conv.bn.*'].slice(0, student.parts[0]?.patterns.length))
		expect(student.parts.map(({ patterns }) => patterns.join(' '))).toContain('blocks.3.*')
		expect(student.parts.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(student.parameters)
		expect(student.macs).toBeGreaterThan(1e8)
	})
})
