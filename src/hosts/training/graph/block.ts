import { InferenceSession, Tensor } from 'onnxruntime-node'
import { blockProbe } from '../../../onnx/blocked/probe.ts'
import { writeModel } from '../../../onnx/model.ts'

let found: Promise<number | null> | null = null

/** Channels that ONNX Runtime keeps together on this processor (16 with AVX-512, 8 with AVX2); null where it has no such operators. */
export function channelBlock(): Promise<number | null> {
	found ??= probe()
	return found
}

async function probe(): Promise<number | null> {
	try {
		const session = await InferenceSession.create(writeModel(blockProbe()), { executionProviders: ['cpu'], logSeverityLevel: 4, graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 })
		const { blocked } = await session.run({ input: new Tensor('float32', new Float32Array(4), [1, 4, 1, 1]) })
		await session.release()
		const channels = blocked?.dims[1] ?? 0
		return channels === 8 || channels === 16 ? channels : null
	} catch {
		// The refusal is the answer: this processor has none.
		return null
	}
}
