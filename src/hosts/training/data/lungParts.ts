import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { LungPack } from '../../../common/contract/lungs.ts'
import { filmRegionSchema, sha256Schema, type FilmRegion } from '../../../common/contract/primitives.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { InputRecipe } from '../../../common/contract/training/recipe.ts'
import { lungCrop } from '../../../common/lungs/crop.ts'
import { openLungNetwork, type LungNetwork } from '../../inference/lungs.ts'
import { writeDurably } from '../runs/durable.ts'
import type { Sample } from './dataSet.ts'
import { openImage } from './images/openImage.ts'
import type { ShownPart } from './images/shownPart.ts'

/** What was found on a film: the box around both lungs, or why there is none. */
const foundSchema = z.object({ film: sha256Schema, box: filmRegionSchema.nullable(), reason: z.string().max(1000) })
type Found = z.infer<typeof foundSchema>

export interface LungPartOptions {
	/** The network that finds the lungs, or why there is none. */
	pack: LungPack
	/** A folder where it is remembered what was found on a film; null: nothing is. */
	cache: string | null
	signal: AbortSignal
	onProgress(done: number, of: number): void
}

/** What is painted black is larger than the box that was found by this share of its sides on each: a mask's border is not exact, and nothing of the lungs may show. */
const HIDDEN_MARGIN = 0.03

/**
 * What a network that looks at the lungs, or at what is left without them, is shown of each film. Films on which no two lungs are found are left out with the reason.
 * @throws UserError where there is no lung network, or it fails its self-test; AbortError.
 */
export async function withLungParts<Item extends Sample & { sha256?: string }>(
	samples: readonly Item[], region: NonNullable<InputRecipe['region']>, { pack, cache, signal, onProgress }: LungPartOptions,
): Promise<{ samples: (Item & { part: ShownPart })[]; refused: { id: string; reason: string }[]; lungs: { id: string; sha256: string } }> {
	if ('fault' in pack) throw new UserError(`input.region: the lungs cannot be looked for. ${pack.fault}`)
	const network = await openLungNetwork(pack.directory, pack.manifest)
	try {
		const { id, sha256 } = network.manifest
		const memory = cache === null ? null : join(cache, `lungs-${sha256.slice(0, 16)}.jsonl`)
		const known = memory === null ? new Map<string, Found>() : await recall(memory)
		const before = known.size
		const refused: { id: string; reason: string }[] = []
		const shown: (Item & { part: ShownPart })[] = []
		for (const [index, sample] of samples.entries()) {
			signal.throwIfAborted()
			const found = known.get(sample.sha256 ?? '') ?? await find(network, sample, refused)
			if (found) {
				known.set(found.film, found)
				if (found.box) shown.push({ ...sample, part: partOf(found.box, region) })
				else refused.push({ id: sample.id, reason: found.reason })
			}
			if ((index + 1) % 16 === 0 || index + 1 === samples.length) onProgress(index + 1, samples.length)
		}
		if (memory !== null && known.size > before) await remember(memory, [...known.values()])
		return { samples: shown, refused, lungs: { id, sha256 } }
	} finally {
		await network.release()
	}
}

function partOf(box: FilmRegion, { of, margin }: NonNullable<InputRecipe['region']>): ShownPart {
	return { region: lungCrop({ box }, margin), hidden: of === 'background' ? lungCrop({ box }, HIDDEN_MARGIN) : null }
}

async function find(network: LungNetwork, { id, path }: Sample, refused: { id: string; reason: string }[]): Promise<Found | null> {
	try {
		const { sha256, width, height, planes: [plane = new Uint8Array(0)] } = await openImage(path, 'grey')
		const { findings: { box, reasons } } = await network.find(plane, width, height)
		return { film: sha256, box, reason: box ? '' : reasons.join(' ') }
	} catch (error) {
		if (!(error instanceof UserError)) throw error
		refused.push({ id, reason: error.message })
		return null
	}
}

async function recall(path: string): Promise<Map<string, Found>> {
	const text = await readFile(path, 'utf8').catch(() => '')
	// A line that is damaged is looked for again.
	return new Map(text.split('\n').flatMap((line) => {
		const found = line === '' ? null : foundOf(line)
		return found ? [[found.film, found] as const] : []
	}))
}

async function remember(path: string, found: readonly Found[]): Promise<void> {
	try {
		await mkdir(dirname(path), { recursive: true })
		writeDurably(path, [new TextEncoder().encode(`${found.map((one) => JSON.stringify(one)).join('\n')}\n`)])
	} catch {
		// What is not remembered is looked for again.
	}
}

function foundOf(line: string): Found | null {
	try {
		return foundSchema.safeParse(JSON.parse(line)).data ?? null
	} catch {
		return null
	}
}
