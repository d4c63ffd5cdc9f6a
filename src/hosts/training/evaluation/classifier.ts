import { cpus } from 'node:os'
import { Tensor, type InferenceSession } from 'onnxruntime-node'
import type { ModelManifest } from '../../../common/contract/model.ts'
import type { EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import { runChecked } from '../../inference/network.ts'
import { rampInput } from '../../inference/selfTest.ts'

/** A network that answers on batches of images. */
export interface Classifier {
	input: ModelManifest['input']
	labels: number
	/**
	 * @param images [count, 3, height, width], normalised.
	 * @returns logits [count, labels], and features [count, n] where the network gives them.
	 * @throws Error where it does not give a finite number for each.
	 */
	answer(images: Float32Array, count: number): Promise<{ logits: Float32Array; features: Float32Array | null }>
}

type Shape = Pick<ModelManifest, 'input'> & { outputs: Pick<ModelManifest['outputs'], 'logits' | 'features'>; labels: number }

export function classifierOf(session: InferenceSession, { input, outputs, labels }: Shape): Classifier {
	const wanted = outputs.features === null ? [outputs.logits] : [outputs.logits, outputs.features]
	return {
		input,
		labels,
		async answer(images, count) {
			const results = await session.run({ [input.name]: new Tensor('float32', images, [count, 3, input.height, input.width]) }, wanted)
			const numbers = (name: string, size: number | null): Float32Array => {
				const result = results[name]
				if (!(result?.data instanceof Float32Array) || result.dims[0] !== count || (size !== null && result.data.length !== count * size)) throw new Error(`The network's output "${name}" does not have the expected shape.`)
				if (!result.data.every(Number.isFinite)) throw new Error(`The network's output "${name}" holds a value that is not a number.`)
				return result.data
			}
			return { logits: numbers(outputs.logits, labels), features: outputs.features === null ? null : numbers(outputs.features, null) }
		},
	}
}

/** The logits of the golden input. */
export async function goldenLogits(session: InferenceSession, { input, outputs, labels }: Shape): Promise<number[]> {
	const feeds = { [input.name]: { values: rampInput(input), dims: [1, 3, input.height, input.width] } }
	const { [outputs.logits]: logits } = await runChecked(session, feeds, { [outputs.logits]: [1, labels] })
	return Array.from(logits ?? [])
}

const WARM_UPS = 3
const MOST_RUNS = 31
const LONGEST_MILLISECONDS = 3000

/** How long one image takes, as the median of up to 31 runs in up to three seconds, after three that do not count. */
export async function measureLatency(classifier: Classifier): Promise<NonNullable<EvaluationReport['model']['latency']>> {
	const image = rampInput(classifier.input)
	for (let run = 0; run < WARM_UPS; run++) await classifier.answer(image, 1)
	const times: number[] = []
	for (let total = 0; times.length < MOST_RUNS && (total < LONGEST_MILLISECONDS || times.length < WARM_UPS);) {
		const started = performance.now()
		await classifier.answer(image, 1)
		times.push(performance.now() - started)
		total += times.at(-1) ?? 0
	}
	const processors = cpus()
	return { medianMilliseconds: times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0, runs: times.length, threads: processors.length, processor: processors[0]?.model.trim() ?? '' }
}
