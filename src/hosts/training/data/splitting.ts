import type { Splits } from '../../../common/contract/training/data.ts'
import { randomStream } from '../../../common/random.ts'
import type { Split } from './dataSet.ts'

interface Splittable {
	id: string
	values: readonly (number | null)[]
	split: Split | null
	group: string
}

/**
 * A split for every image, in the order given. No group that has to be drawn is ever cut. Groups are dealt out within strata of their rarest
 * label, so that each split has its share of every label, largest remainder first; within a stratum the order is that of a random number per group name.
 * An image without a split goes where its group already stands. The answer depends on the images as a set, not on their order.
 */
export function assignSplits(images: readonly Splittable[], rule: Splits): Split[] {
	if (rule.from === 'test') return images.map(() => 'test')
	const given = (image: Splittable): Split | null => (rule.from === 'draw' ? null : image.split)
	const has = new Set(images.map(given))
	// A split that the data has is not added to; what it lacks is taken out of training.
	const shares = { validation: has.has('validation') ? 0 : rule.validation, test: has.has('test') ? 0 : rule.test }
	const groups = new Map<string, { images: Splittable[]; fixed: Set<Split> }>()
	for (const image of images) {
		let group = groups.get(image.group)
		if (!group) groups.set(image.group, (group = { images: [], fixed: new Set() }))
		group.images.push(image)
		const split = given(image)
		if (split) group.fixed.add(split)
	}
	const drawn = new Map<string, Split>()
	const strata = new Map<number, string[]>()
	const frequency = labelFrequency(images)
	for (const [name, group] of groups) {
		const [fixed] = group.fixed
		if (fixed !== undefined && (fixed !== 'train' || group.fixed.size > 1)) {
			drawn.set(name, fixed)
			continue
		}
		const stratum = rarestLabel(group.images, frequency)
		const members = strata.get(stratum)
		if (members) members.push(name)
		else strata.set(stratum, [name])
	}
	for (const [, names] of [...strata].toSorted(([a], [b]) => a - b)) {
		const order = names.map((name) => ({ name, key: randomStream(rule.seed, `split/${name}`).uniform(), count: groups.get(name)?.images.length ?? 0 }))
			.toSorted((a, b) => a.key - b.key || (a.name < b.name ? -1 : 1))
		const total = order.reduce((sum, { count }) => sum + count, 0)
		const wanted: Record<Split, number> = { test: shares.test * total, validation: shares.validation * total, train: (1 - shares.test - shares.validation) * total }
		for (const { name, count } of order) {
			// To the split that lacks the most. Some share is open as long as a group is left, so one of nothing is never chosen.
			const split = (['train', 'validation', 'test'] as const).reduce((best, candidate) => (wanted[candidate] > wanted[best] ? candidate : best))
			wanted[split] -= count
			drawn.set(name, split)
		}
	}
	return images.map((image) => {
		const split = given(image)
		const fixed = groups.get(image.group)?.fixed
		// Given training is only left for a split that the data lacks, with the whole group.
		return split !== null && (split !== 'train' || (fixed?.size ?? 0) > 1) ? split : (drawn.get(image.group) ?? 'train')
	})
}

function labelFrequency(images: readonly Splittable[]): number[] {
	const counts = (images[0]?.values ?? []).map(() => 0)
	for (const { values } of images) for (const [index, value] of values.entries()) if (value !== null && value > 0.5) counts[index] = (counts[index] ?? 0) + 1
	return counts
}

/** Index of the rarest label that a group shows; the number of labels where it shows none. */
function rarestLabel(images: readonly Splittable[], frequency: readonly number[]): number {
	let rarest = frequency.length
	for (const { values } of images) {
		for (const [index, value] of values.entries()) {
			if (value === null || value <= 0.5) continue
			const rarer = (frequency[index] ?? 0) - (frequency[rarest] ?? Infinity)
			// Of two that are as rare the first, whichever image shows it.
			if (rarer < 0 || (rarer === 0 && index < rarest)) rarest = index
		}
	}
	return rarest
}
