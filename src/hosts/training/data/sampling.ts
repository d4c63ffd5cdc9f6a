import type { Sampling } from '../../../common/contract/training/data.ts'
import { randomStream } from '../../../common/random.ts'

interface Sampled {
	truth: readonly (number | null)[]
	source: string
}

/**
 * Positions in `samples` in the order in which an epoch shows them: a function of seed and epoch alone. As many as there are samples.
 * Shuffled, each stands once. Balanced, every class (or source, and class within it) of n images gets a share in proportion to n^(1 - balance), exact but for rounding; within it
 * images take turns, so that each is shown equally often, give or take once. An image with several labels counts under the rarest that it shows,
 * one that shows none under a class of its own.
 */
export function epochOrder(samples: readonly Sampled[], sampling: Sampling, seed: number, epoch: number): Uint32Array {
	const stream = randomStream(seed, 'order', epoch)
	if (sampling.by === 'shuffle' || samples.length === 0) return stream.permutation(samples.length)
	const power = 1 - sampling.balance
	const classes = classesOf(samples)
	const strata: { members: number[]; weight: number }[] = []
	const sources = Map.groupBy(samples.keys(), (position) => (sampling.by === 'source' ? (samples[position]?.source ?? '') : ''))
	for (const [, positions] of [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
		const byClass = [...Map.groupBy(positions, (position) => classes[position] ?? -1)].toSorted(([a], [b]) => a - b).map(([, members]) => members)
		const weights = byClass.map((members) => members.length ** power)
		const sum = weights.reduce((total, weight) => total + weight, 0)
		for (const [index, members] of byClass.entries()) strata.push({ members, weight: (positions.length ** power * (weights[index] ?? 0)) / sum })
	}
	const quotas = proportionalCounts(strata.map(({ weight }) => weight), samples.length, stream.uniform())
	const shown: number[] = []
	for (const [index, { members }] of strata.entries()) {
		let left = quotas[index] ?? 0
		while (left > 0) {
			const turn = stream.permutation(members.length)
			for (const place of turn.subarray(0, Math.min(left, turn.length))) shown.push(members[place] ?? 0)
			left -= turn.length
		}
	}
	return Uint32Array.from(stream.permutation(shown.length), (place) => shown[place] ?? 0)
}

/** Index of the rarest label that each sample shows; the number of labels where it shows none. */
function classesOf(samples: readonly Sampled[]): number[] {
	const labels = samples[0]?.truth.length ?? 0
	const counts = Array.from({ length: labels }, (_, label) => samples.reduce((sum, { truth }) => sum + (shows(truth[label]) ? 1 : 0), 0))
	return samples.map(({ truth }) => {
		let rarest = labels
		for (let label = 0; label < labels; label++) if (shows(truth[label]) && (counts[label] ?? 0) < (counts[rarest] ?? Infinity)) rarest = label
		return rarest
	})
}

function shows(value: number | null | undefined): boolean {
	return typeof value === 'number' && value > 0.5
}

/** Whole numbers in proportion to the weights that add up to `total`; by equally spaced points from a random start, so that no remainder is favoured. */
function proportionalCounts(weights: readonly number[], total: number, start: number): number[] {
	const sum = weights.reduce((all, weight) => all + weight, 0)
	let reached = 0
	let before = 0
	return weights.map((weight, index) => {
		reached += weight
		const upTo = index === weights.length - 1 ? total : Math.min(total, Math.floor((reached / sum) * total + start))
		const own = upTo - before
		before = upTo
		return own
	})
}
