import sharp from 'sharp'
import { changesNothing, type Augmentation } from '../../../common/contract/training/augmentation.ts'
import { PREVIEW_SIDE, type AugmentationPreview } from '../../../common/contract/training/looks.ts'
import type { InputRecipe, StudentRecipe } from '../../../common/contract/training/recipe.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { randomStream } from '../../../common/random.ts'
import { correctionsOf } from '../data/corrections.ts'
import type { Sample } from '../data/dataSet.ts'
import type { KeptImage } from '../data/images/jobs.ts'
import { makeBatch } from '../data/images/makeBatch.ts'
import { listImages } from '../data/layouts/list.ts'
import { LUNGS } from '../data/layouts/lungMasks.ts'
import { withLungParts } from '../data/lungParts.ts'
import { resolveTruth, type Labelled } from '../data/truth.ts'
import { parseRecipe, resolvePaths } from '../runs/recipeFile.ts'
import type { RecipeSource, RunPlaces } from '../runs/run.ts'
import { openStudent } from '../runs/student.ts'

interface PreviewOptions {
	/** Images, and how often each is changed. */
	samples: number
	draws: number
	/** Decides which images, and what is drawn. */
	seed: number
	signal: AbortSignal
	progress(value: { done: number; of: number }): void
}

/** Some images cannot be read, or have no lungs that are found: so many times as many are tried. */
const TRIED = 4

/**
 * Some images of a recipe's data, of each label in turn, as the student is shown them: as they are and changed, by the code that makes the batches of a run. Nothing but
 * these images is read, so that a large set can be looked at without waiting; weights that are not there and teachers do not matter.
 * @throws UserError naming the field that does not fit; where none of the images that were tried can be shown; AbortError.
 */
export async function augmentationPreview(source: RecipeSource, places: RunPlaces, { samples: wanted, draws, seed, signal, progress }: PreviewOptions): Promise<AugmentationPreview> {
	const parsed = parseRecipe(source.recipe, source.title)
	const recipe = resolvePaths({ ...parsed, teachers: [], student: withoutWeights(parsed.student) }, { base: source.base, models: places.models }, source.title)
	const { labels, samples: candidates } = await candidatesOf(recipe.data, wanted * TRIED, seed)
	signal.throwIfAborted()
	const { input } = openStudent(recipe, labels)
	const { samples: shown, refused } = await withParts(candidates, input, places, signal)
	const pictures: AugmentationPreview['samples'] = []
	for (const sample of shown) {
		if (pictures.length === wanted) break
		progress({ done: pictures.length, of: wanted })
		signal.throwIfAborted()
		try {
			pictures.push({ id: sample.id, labels: labels.filter((_, index) => sample.truth[index] === 1), ...await picturesOf(sample, input, recipe.augmentation, { draws, seed, place: pictures.length }) })
		} catch (error) {
			if (!(error instanceof UserError)) throw error
			refused.push({ id: sample.id, reason: error.message })
		}
	}
	if (pictures.length === 0) throw new UserError(`No image of ${recipe.data.folder} can be shown. ${refused[0]?.reason ?? ''}`.trimEnd())
	return { size: input.size, samples: pictures, refused }
}

function withoutWeights(student: StudentRecipe): StudentRecipe {
	if (!('weights' in student)) return student
	const { weights: _, ...rest } = student
	return rest
}

/** Images to learn from, as far as the data says which these are: of each label in turn, in an order that the seed decides. */
async function candidatesOf(recipe: Parameters<typeof listImages>[0], most: number, seed: number): Promise<{ labels: string[]; samples: Sample[] }> {
	const listing = await listImages(recipe, recipe.folder)
	const { labels, entries } = recipe.layout === 'lung-masks' ? { labels: [LUNGS], entries: listing.entries.map((entry): Labelled => ({ ...entry, values: [1] })) } : resolveTruth(recipe, listing)
	const byHand = correctionsOf(recipe, listing.task, labels, new Set(entries.map(({ id }) => id)))
	const left = entries.filter(({ id }) => byHand.get(id) !== null)
	const training = left.filter(({ split }) => recipe.splits.from === 'draw' || split === null || split === 'train')
	const usable = training.length > 0 ? training : left
	if (usable.length === 0) throw new UserError(`data.folder: ${recipe.folder} has no image that the recipe can use.`)
	const order = Array.from(randomStream(seed, 'preview').permutation(usable.length), (place) => usable[place]).filter((entry) => entry !== undefined)
	const queues = [...Map.groupBy(order, ({ values }) => values.indexOf(1)).entries()].toSorted(([a], [b]) => a - b).map(([, own]) => own)
	const samples: Sample[] = []
	for (let round = 0; samples.length < Math.min(most, order.length); round++) {
		for (const entry of queues.map((queue) => queue[round])) {
			if (!entry || samples.length === most) continue
			const { id, path, values, group, source, attributes } = entry
			samples.push({ id, path, truth: byHand.get(id) ?? values, split: 'train', group: group ?? id, source, attributes })
		}
	}
	return { labels, samples }
}

async function withParts(samples: Sample[], input: InputRecipe, { cache, lungs }: RunPlaces, signal: AbortSignal): Promise<Pick<AugmentationPreview, 'refused'> & { samples: Sample[] }> {
	if (!input.region) return { samples, refused: [] }
	return await withLungParts(samples, input.region, { pack: lungs, cache, signal, onProgress: () => {} })
}

/** place: number of the image within an epoch, so that no two images are changed alike. */
async function picturesOf({ id, path, part }: Sample, input: InputRecipe, augmentation: Augmentation, { draws, seed, place }: { draws: number; seed: number; place: number }): Promise<{ plain: string; augmented: string[] }> {
	const tensor = async (changes: Augmentation | null, draw: number, kept: KeptImage | null) => makeBatch({
		kind: 'batch', images: [{ id, path, sha256: null, mask: null, part: part ?? null, kept }], input, augmentation: changes, seed, epoch: draw, first: place, batch: 1,
	})
	const plain = await tensor(null, 0, null)
	const augmented: string[] = []
	let kept: KeptImage | null = null
	for (let draw = 0; draw < (changesNothing(augmentation) ? 0 : draws); draw++) {
		const { images, decoded } = await tensor(augmentation, draw, kept)
		kept ??= decoded[0] ?? null
		augmented.push(await pngOf(images, input))
	}
	return { plain: await pngOf(plain.images, input), augmented }
}

/** The values that a tensor was made of. */
async function pngOf(tensor: Float32Array, { size, mean, std, colour }: InputRecipe): Promise<string> {
	const channels = colour === 'rgb' ? 3 : 1
	const pixels = new Uint8Array(channels * size * size)
	for (let channel = 0; channel < channels; channel++) {
		for (let place = 0; place < size * size; place++) pixels[place * channels + channel] = Math.round(255 * ((tensor[channel * size * size + place] ?? 0) * (std[channel] ?? 1) + (mean[channel] ?? 0)))
	}
	const image = sharp(pixels, { raw: { width: size, height: size, channels } })
	const picture = size > PREVIEW_SIDE ? image.resize(PREVIEW_SIDE, PREVIEW_SIDE) : image
	return (await picture.toColourspace(channels === 1 ? 'b-w' : 'srgb').png().toBuffer()).toString('base64')
}
