import { InferenceSession, Tensor } from 'onnxruntime-node'
import { DATA_TYPE, writeModel, type Model } from '../../src/onnx/model.ts'

const TYPE_NAMES: Record<number, Tensor.Type> = {
	[DATA_TYPE.float32]: 'float32', [DATA_TYPE.int64]: 'int64', [DATA_TYPE.int32]: 'int32', [DATA_TYPE.bool]: 'bool', [DATA_TYPE.uint8]: 'uint8',
	[DATA_TYPE.int8]: 'int8', [DATA_TYPE.float16]: 'float16', [DATA_TYPE.float64]: 'float64',
}

/** Name that onnxruntime has for a type of TensorProto. */
export function typeName(dataType: number): Tensor.Type {
	const name = TYPE_NAMES[dataType]
	if (!name) throw new Error(`Type ${dataType} is not used in tests.`)
	return name
}

/** The bare message of onnxruntime's errors is enough in a failing test. */
export async function openModel(model: Model, options: InferenceSession.SessionOptions = {}): Promise<InferenceSession> {
	return InferenceSession.create(writeModel(model), { logSeverityLevel: 4, intraOpNumThreads: 1, ...options })
}

/** Runs a model once on float32 inputs given with their sizes. */
export async function runModel(
	model: Model, feeds: Record<string, { dims: readonly number[]; values: Float32Array }>, options: InferenceSession.SessionOptions = {},
): Promise<Record<string, Tensor>> {
	const session = await openModel(model, options)
	const tensors = Object.fromEntries(Object.entries(feeds).map(([name, { dims, values }]) => [name, new Tensor('float32', values, dims)]))
	const results = { ...(await session.run(tensors)) }
	await session.release()
	return results as Record<string, Tensor>
}

/** Numbers between -1 and 1 that are the same on every run. */
export function ramp(count: number, seed = 1): Float32Array {
	let state = (seed * 2654435761) >>> 0 || 1
	return Float32Array.from({ length: count }, () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0
		return (state / 2 ** 31) - 1
	})
}
