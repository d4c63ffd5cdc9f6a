import type { NetworkDraft, NetworkOptions } from './layers.ts'

export interface TransformerOptions extends NetworkOptions {
	/** Rate at which the branches of the last block are dropped in training, earlier blocks less; otherwise the reference's default. */
	dropPath?: number
}

/** torch.nn.init.trunc_normal_ with the deviation of vision transformers. */
export const TRUNCATED_NORMAL = { kind: 'truncatedNormal', deviation: 0.02 } as const

/** Rate of each block: rises evenly from 0 at the first to `rate` at the last (timm's calculate_drop_path_rates). */
export function dropPathRates(rate: number, blocks: number): number[] {
	if (!(rate >= 0 && rate < 1)) throw new Error(`The rate of dropped paths is at least 0 and less than 1, not ${rate}.`)
	return Array.from({ length: blocks }, (_, block) => (rate * block) / (blocks - 1))
}

/**
 * stream + branch. With a rate above 0 the branch goes through a Dropout node named `drop_path.NAME`: stochastic depth, which in training keeps or drops
 * the branch of an image as a whole.
 */
export function addBranch({ build }: NetworkDraft, name: string, stream: string, branch: string, rate: number): string {
	const kept = rate > 0 ? build.node('Dropout', [branch, build.scalar(rate)], {}, `drop_path.${name}`) : branch
	return build.node('Add', [stream, kept], {}, name)
}

/** @throws Error when the image is not whole patches at every stage. */
export function expectWholePatches(title: string, inputSize: number): void {
	if (inputSize % 32 !== 0) throw new Error(`${title} takes images whose side is a multiple of 32 pixels, not ${inputSize}.`)
}
