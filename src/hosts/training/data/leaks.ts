import type { Sample, Split } from './dataSet.ts'
import { findNearDuplicates } from './nearDuplicates.ts'

/** Ways by which a training image may tell of a test image. */
export interface Leaks {
	/** Groups (patients) that stand in more than one split: an error. */
	groups: { group: string; splits: Split[]; ids: string[] }[]
	/** Files with the same bytes in more than one split; the copy that stands nearer to training was left out. */
	identical: { sha256: string; kept: string; leftOut: string[] }[]
	/** Pairs of images in two splits that show nearly the same, most alike first: for a person to look at. */
	similar: { ids: [string, string]; splits: [Split, Split]; likeness: number }[]
}

type Seen = Sample & { sha256: string }

/** Where two splits share a file, the image stays in the first of these. */
const KEPT_FIRST: readonly Split[] = ['test', 'validation', 'train']

/** Positions of images whose bytes stand in another split too, without the one that stays. */
export function identicalAcrossSplits(samples: readonly Seen[]): { leaks: Leaks['identical']; leftOut: Map<number, string> } {
	const leaks: Leaks['identical'] = []
	const leftOut = new Map<number, string>()
	for (const [sha256, positions] of Map.groupBy(samples.keys(), (position) => samples[position]?.sha256 ?? '')) {
		const splits = new Set(positions.map((position) => samples[position]?.split))
		if (splits.size < 2) continue
		const kept = KEPT_FIRST.find((split) => splits.has(split))
		const stays = samples[positions.find((position) => samples[position]?.split === kept) ?? -1]
		const others = positions.filter((position) => samples[position]?.split !== kept)
		for (const position of others) leftOut.set(position, `The same image stands in the ${kept} split, as ${stays?.id}.`)
		leaks.push({ sha256, kept: stays?.id ?? '', leftOut: others.map((position) => samples[position]?.id ?? '') })
	}
	return { leaks, leftOut }
}

/** Groups in more than one split, in the order of their names. */
export function groupsAcrossSplits(samples: readonly Sample[]): Leaks['groups'] {
	return [...Map.groupBy(samples, ({ group }) => group)]
		.map(([group, own]) => ({ group, splits: [...new Set(own.map(({ split }) => split))], ids: own.map(({ id }) => id) }))
		.filter(({ splits }) => splits.length > 1)
		.toSorted((a, b) => (a.group < b.group ? -1 : 1))
}

/** Near-duplicates in different splits; the same group in two splits is told by itself. @param thumbnails one per sample. */
export function similarAcrossSplits(samples: readonly Sample[], thumbnails: readonly Uint8Array[]): Leaks['similar'] {
	const similar: Leaks['similar'] = []
	for (const { first, second, likeness } of findNearDuplicates(thumbnails)) {
		const a = samples[first]
		const b = samples[second]
		if (a && b && a.split !== b.split && a.group !== b.group) similar.push({ ids: [a.id, b.id], splits: [a.split, b.split], likeness })
	}
	return similar.toSorted((a, b) => b.likeness - a.likeness || (a.ids[0] < b.ids[0] ? -1 : 1))
}
