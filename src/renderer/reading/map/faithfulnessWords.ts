import type { Faithfulness } from '../../../common/contract/explanation.ts'

/** Whole per cent, and never 0 or 100 for a share that is neither. */
export function shareWords(share: number): string {
	if (share > 0 && share < 0.005) return 'below 1 %'
	if (share < 1 && share >= 0.995) return 'above 99 %'
	return `${Math.round(100 * share)} %`
}

/** The verdict as a sentence with what it rests on. */
export function faithfulnessSentence({ verdict, chance, randomScores }: Faithfulness, title: string): string {
	if (verdict === 'empty') return `The map is empty: no part of the film speaks for ${title}, so there is nothing to measure.`
	// The number that the chance was made of, so that the sentence never says another one.
	const asGood = Math.round(chance * (randomScores.length + 1)) - 1
	const compared = asGood <= 0
		? `none of ${randomScores.length} maps with the same values in random places does as well`
		: `${asGood} of ${randomScores.length} maps with the same values in random places ${asGood === 1 ? 'does' : 'do'} at least as well`
	return verdict === 'better'
		? `Better than chance: ${compared}.`
		: `No better than chance: ${compared}. Do not take this map for what moved the network.`
}
