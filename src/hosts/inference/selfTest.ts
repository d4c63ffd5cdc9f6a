import type { ModelManifest } from '../../common/contract/model.ts'

/**
 * The golden input 'ramp-v1' [1, 3, height, width]: a diagonal ramp of -1 to 1 from the top left to the bottom right corner, with a ripple that
 * reaches the fine structure, and a step between the channels. Element (c, y, x) is
 * x / (width - 1) + y / (height - 1) - 1 + 0.1 c + 0.5 sin(0.37 x + 0.11 y + c), computed in double precision and rounded to float32.
 */
export function rampInput(input: Pick<ModelManifest['input'], 'height' | 'width' | 'channels'>): Float32Array<ArrayBuffer> {
	const { height, width, channels } = input
	const tensor = new Float32Array(channels * height * width)
	let index = 0
	for (let channel = 0; channel < channels; channel++) {
		for (let y = 0; y < height; y++) {
			for (let x = 0; x < width; x++) {
				tensor[index++] = x / (width - 1) + y / (height - 1) - 1 + 0.1 * channel + 0.5 * Math.sin(0.37 * x + 0.11 * y + channel)
			}
		}
	}
	return tensor
}

/**
 * Largest absolute difference of the measured logits to the golden ones.
 * @throws Error when it is beyond the pack's tolerance, or the numbers do not fit.
 */
export function selfTestDifference(logits: readonly number[], golden: ModelManifest['golden']): number {
	if (logits.length !== golden.logits.length) throw new Error(`The network gave ${logits.length} logits in its self-test, and ${golden.logits.length} were expected.`)
	const difference = Math.max(...logits.map((logit, index) => Math.abs(logit - (golden.logits[index] as number))))
	if (!(difference <= golden.tolerance)) {
		throw new Error(`The network's self-test failed: its answer to the golden input is off by ${difference}, at most ${golden.tolerance} is allowed.`)
	}
	return difference
}
