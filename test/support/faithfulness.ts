import type { Faithfulness } from '../../src/common/contract/explanation.ts'

/** A measurement whose numbers fit together, of a map that is better than chance unless told otherwise. */
export function faithfulnessOf(change: Partial<Faithfulness> = {}): Faithfulness {
	return {
		layer: 'last', mode: 'paper', label: 'covid19', height: 4, width: 4,
		deletion: { probabilities: [0.8, 0.3, 0.1], area: 0.375 }, insertion: { probabilities: [0.1, 0.6, 0.8], area: 0.525 },
		probability: 0.8, maskedProbability: 0.6, drop: 0.25, increased: false, score: 0.15, randomScores: Array.from({ length: 39 }, (_, index) => (index - 20) / 200), chance: 0.025,
		verdict: 'better', seconds: 1.5, ...change,
	}
}
