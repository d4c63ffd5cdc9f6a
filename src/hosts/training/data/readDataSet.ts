import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import type { DataRecipe } from '../../../common/contract/training/data.ts'
import { readMask } from '../explanations/truth/maskFile.ts'
import { correctionsOf, LEFT_OUT_BY_HAND } from './corrections.ts'
import type { DataSet, Sample, SampleMask, Split } from './dataSet.ts'
import type { LookAnswer } from './images/jobs.ts'
import { listImages } from './layouts/list.ts'
import type { Listing } from './layouts/listing.ts'
import { LUNGS } from './layouts/lungMasks.ts'
import { leaveOutOf } from './leaveOut.ts'
import { groupsAcrossSplits, identicalAcrossSplits, similarAcrossSplits, type Leaks } from './leaks.ts'
import { assignSplits } from './splitting.ts'
import { surveyImages, type Seen, type SurveyOptions } from './survey.ts'
import { tissueGroups } from './tissueGroups.ts'
import { resolveTruth, type Labelled } from './truth.ts'

/** A sample whose file was read and decoded. */
export interface SeenSample extends Sample {
	/** Of the file's bytes. */
	sha256: string
	width: number
	height: number
	/** What the data says of it, where a person corrected that. */
	given?: readonly (number | null)[]
}

export interface SeenDataSet extends DataSet {
	samples: readonly SeenSample[]
	/** Images that the recipe leaves out, by what: "view Lateral", "label normal". */
	filtered: Readonly<Record<string, number>>
	/** Those among them that a person left out, in the order of the samples. */
	leftOut: readonly SeenSample[]
	/** Rows and images that cannot be used at all, of so many that the data lists: what `unreadableShare` is about. */
	unusable: { images: readonly { id: string; reason: string }[]; of: number }
	leaks: Leaks
}

export interface ReadOptions extends Omit<SurveyOptions, 'tissue'> {
	/** What a relative folder of the recipe is relative to; the working folder unless told otherwise. */
	base?: string
}

type SeenEntry = Omit<Labelled, 'mask'> & { seen: LookAnswer; mask: SampleMask | null }

/**
 * Reads a data set: lists its images by its layout, settles truth, looks at every image, forms groups, assigns splits and looks for leaks.
 * What `checkForTraining` refuses, a patient in two splits for example, is only told here: an evaluation may not care.
 * @throws UserError naming file and field where the data or the recipe cannot be used; where more images than `unreadableShare` cannot be read.
 */
export async function readDataSet(recipe: DataRecipe, options: ReadOptions = {}): Promise<SeenDataSet> {
	const folder = isAbsolute(recipe.folder) ? resolve(recipe.folder) : resolve(options.base ?? '.', recipe.folder)
	if (!(await stat(folder).catch(() => null))?.isDirectory()) throw new UserError(`data.folder: there is no folder ${folder}.`)
	const listing = await listImages(recipe, folder)
	const { labels, entries } = recipe.layout === 'lung-masks' ? withMasks(listing) : resolveTruth(recipe, listing)
	const refused = [...listing.refused]
	const byHand = correctionsOf(recipe, listing.task, labels, new Set(entries.map(({ id }) => id)))
	const single = onePerFile(entries, refused)
	if (single.length === 0) throw new UserError(`data.folder: ${folder} has no image that the recipe can use.${exampleOf(refused)}`)

	const seen = await surveyImages(single.map(({ path }) => path), { ...options, tissue: listing.groupsByLook ?? false })
	const readable: SeenEntry[] = []
	const unreadable: { id: string; reason: string }[] = []
	for (const [index, entry] of single.entries()) {
		const answer = await withMask(entry, seen[index] ?? { refused: 'It was not looked at.' })
		if (!('refused' in answer)) readable.push(answer)
		// Nobody misses what was left out by hand.
		else if (byHand.get(entry.id) !== null) unreadable.push({ id: entry.id, reason: answer.refused })
	}
	refused.push(...unreadable)
	const unusable = { images: [...unreadable, ...listing.refused], of: single.length + listing.refused.length }
	const fault = tooManyUnusable(recipe, folder, unusable)
	if (fault) throw fault

	const groups = groupsOf(readable, listing.groupsByLook ?? false, recipe)
	const splits = assignSplits(readable.map((entry, index) => ({ ...entry, group: groups[index] ?? entry.id })), recipe.splits)
	const kept = leaveOutOf(recipe.leaveOut, readable.map((entry, index) => ({ ...entry, group: groups[index] ?? entry.id })), splits)
	const passedOver = kept.filter((split) => split === null).length
	const all = readable.flatMap((entry, index) => (kept[index] ? [{ sample: sampleOf(entry, kept[index], groups[index] ?? entry.id, byHand.get(entry.id)), thumbnail: entry.seen.thumbnail }] : []))
		.toSorted((a, b) => (a.sample.id < b.sample.id ? -1 : 1))
	const wanted = all.filter(({ sample }) => byHand.get(sample.id) !== null)
	const identical = identicalAcrossSplits(wanted.map(({ sample }) => sample))
	const left = wanted.filter((_, index) => !identical.leftOut.has(index))
	for (const [index, reason] of identical.leftOut) refused.push({ id: wanted[index]?.sample.id ?? '', reason })
	const samples = left.map(({ sample }) => sample)
	const leftOutByHand = single.filter(({ id }) => byHand.get(id) === null).length
	return {
		task: listing.task,
		labels,
		samples,
		refused: refused.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
		sha256: hashOf(labels, samples),
		filtered: {
			...Object.fromEntries(listing.filtered), ...(passedOver > 0 ? { 'not of what data.leaveOut tests on': passedOver } : {}), ...(leftOutByHand > 0 ? { [LEFT_OUT_BY_HAND]: leftOutByHand } : {}),
		},
		leftOut: all.map(({ sample }) => sample).filter(({ id }) => byHand.get(id) === null),
		unusable,
		leaks: { groups: groupsAcrossSplits(samples), identical: identical.leaks, similar: similarAcrossSplits(samples, left.map(({ thumbnail }) => thumbnail)) },
	}
}

/** Why more images cannot be used than the recipe allows, as what a run says of it; null where they are few enough. */
export function tooManyUnusable({ unreadableShare }: DataRecipe, folder: string, { images, of }: SeenDataSet['unusable']): UserError | null {
	if (images.length <= unreadableShare * of) return null
	const examples = images.map(({ id, reason }) => `${id.slice(0, 100)}: ${reason}`)
	return new UserError(`${images.length} of ${of} images of ${folder} cannot be used, which is more than data.unreadableShare (${unreadableShare}) allows. For example: ${examples.slice(0, 3).join(' ')}`, examples.join('\n'))
}

/** @param corrected its truth by hand; null or none: that of the data. */
function sampleOf(entry: SeenEntry, split: Split, group: string, corrected: readonly number[] | null | undefined): SeenSample {
	const { id, path, values, source, attributes, mask, seen: { sha256, width, height } } = entry
	return { id, path, truth: corrected ?? values, split, group, source, attributes, sha256, width, height, ...(mask ? { mask } : {}), ...(corrected ? { given: values } : {}) }
}

/** Every film of it shows the one thing that is marked. */
function withMasks({ entries }: Listing): { labels: string[]; entries: Labelled[] } {
	return { labels: [LUNGS], entries: entries.map((entry) => ({ ...entry, values: [1] })) }
}

/** The image with its mask, where it has one, as a file that was read once; or why either cannot be used. */
async function withMask(entry: Labelled, seen: Seen): Promise<SeenEntry | { refused: string }> {
	if ('refused' in seen) return seen
	const { mask: named } = entry
	if (!named) return { ...entry, seen, mask: null }
	try {
		const { mask, sha256 } = await readMask(named.path, seen)
		if (Array.prototype.every.call(mask.values, (value) => value === 0)) return { refused: `${named.id}: The mask marks nothing.` }
		return { ...entry, seen, mask: { ...named, sha256 } }
	} catch (error) {
		if (error instanceof UserError) return { refused: `${named.id}: ${error.message}` }
		throw error
	}
}

/** An image that a table lists twice is one image; with two truths or splits it is none. */
function onePerFile(entries: readonly Labelled[], refused: { id: string; reason: string }[]): Labelled[] {
	const single: Labelled[] = []
	for (const [id, [first, ...others]] of Map.groupBy(entries, (entry) => entry.id)) {
		if (!first) continue
		const differs = others.some((other) => other.split !== first.split || other.group !== first.group || other.values.some((value, label) => value !== first.values[label]))
		if (differs) refused.push({ id, reason: 'It is listed more than once, with different labels, splits or groups.' })
		else single.push(first)
	}
	return single
}

/** The group of every image: its patient, the tile that it shows, or itself; identical files whose split is drawn belong together. */
function groupsOf(entries: readonly SeenEntry[], byLook: boolean, recipe: DataRecipe): string[] {
	const names = entries.map(({ group, id }) => group ?? id)
	if (byLook) {
		for (const positions of Map.groupBy(entries.keys(), (index) => entries[index]?.values.indexOf(1)).values()) {
			const looks = positions.map((index) => entries[index]?.seen.tissue).filter((own) => own !== null && own !== undefined)
			for (const [place, first] of tissueGroups(looks).entries()) names[positions[place] ?? -1] = entries[positions[first] ?? -1]?.id ?? ''
		}
	}
	// The smallest name of all groups that share a file, so that the order of the images does not matter.
	const root = new Map(names.map((name) => [name, name]))
	const rootOf = (name: string): string => {
		let at = name
		for (;;) {
			const up = root.get(at) ?? at
			if (up === at) return at
			at = up
		}
	}
	for (const positions of Map.groupBy(entries.keys(), (index) => entries[index]?.seen.sha256 ?? '').values()) {
		const drawn = positions.filter((index) => recipe.splits.from === 'draw' || entries[index]?.split === null)
		for (const index of drawn.slice(1)) {
			const [a = '', b = ''] = [rootOf(names[drawn[0] ?? 0] ?? ''), rootOf(names[index] ?? '')].toSorted()
			root.set(b, a)
		}
	}
	return names.map(rootOf)
}

function hashOf(labels: readonly string[], samples: readonly SeenSample[]): string {
	const hash = createHash('sha256').update(JSON.stringify(labels))
	for (const { id, truth, split, group, sha256, mask } of samples) hash.update(`\n${JSON.stringify([id, truth, split, group, sha256, ...(mask ? [mask.sha256] : [])])}`)
	return hash.digest('hex')
}

function exampleOf(refused: readonly { id: string; reason: string }[]): string {
	const [first] = refused
	return first ? ` The first that was refused: ${first.id.slice(0, 100)}: ${first.reason}` : ''
}
