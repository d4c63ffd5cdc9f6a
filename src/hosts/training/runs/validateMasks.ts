import type { Network, Weights } from '../../../onnx/network.ts'
import { maskOverlap } from '../../../common/stats/overlap.ts'
import { openForward } from '../graph/forward.ts'
import type { MaterialSource } from './material.ts'
import type { ValidationMetrics } from './validate.ts'

/** Of a network that marks pixels: means over the images of Dice and IoU where the probability is a half, and the mean binary cross-entropy of the pixels. */
export async function validateMasks(network: Network, weights: Weights, source: MaterialSource, batch: number, threads: number): Promise<ValidationMetrics> {
	const session = await openForward(network, weights, batch, source.inputDims, threads)
	let images = 0, dice = 0, iou = 0, loss = 0
	try {
		for (let index = 0; index < source.batches; index++) {
			const { inputs, target, indices } = await source.batch(0, index)
			const { logits } = await session.run(inputs)
			const area = logits.length / batch
			for (const [place] of indices.entries()) {
				const own = logits.subarray(place * area, (place + 1) * area), truth = target.subarray(place * area, (place + 1) * area)
				const overlap = maskOverlap(own.map((logit) => (logit >= 0 ? 1 : 0)), truth)
				images++
				dice += overlap.dice
				iou += overlap.iou
				loss += meanLoss(own, truth)
			}
		}
	} finally {
		await session.release()
	}
	return { dice: dice / images, iou: iou / images, loss: loss / images }
}

function meanLoss(logits: Float32Array, truth: Float32Array): number {
	let sum = 0
	for (const [index, logit] of logits.entries()) sum += Math.max(logit, 0) - logit * (truth[index] as number) + Math.log1p(Math.exp(-Math.abs(logit)))
	return sum / logits.length
}
