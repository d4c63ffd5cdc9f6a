import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { rampInput } from '../../src/hosts/inference/selfTest.ts'
import { readPack } from '../../src/main/models/pack.ts'
import { withoutUnused } from '../../src/onnx/fold.ts'
import { float32Value, readModel, writeModel, type Graph, type Model } from '../../src/onnx/model.ts'

/** A model pack as far as the inference engine needs it. */
export interface Pack {
	directory: string
	manifest: ModelManifest
}

export function firstStudent(): Pack {
	const pack = readPack(resolve(import.meta.dirname, '../../test/packs/cxr3-ofa595-bootstrap'), 'built-in', new Map())
	if (pack.state !== 'ready') throw new Error(pack.reason)
	return pack
}

export function modelOf({ directory }: Pack): Model & { graph: Graph } {
	return readModel(readFileSync(join(directory, 'model.onnx')))
}

/** A pack in a new folder with another graph of the same inputs and outputs, or with images of another size; golden logits and layers are what the graph gives. */
export async function packLike({ manifest }: Pack, model: Model & { graph: Graph }, directory: string, side = manifest.input.height): Promise<Pack> {
	const { input, outputs } = manifest
	const names = [outputs.logits, ...(outputs.features === null ? [] : [outputs.features]), ...outputs.camLayers.map((layer) => layer.output)]
	const dimensions = new Map<string, readonly (number | string)[]>([[outputs.logits, ['batch', manifest.labels.length]], ...outputs.camLayers.map((layer) => [layer.output, ['batch', layer.channels, 'height', 'width']] as const)])
	const graph: Graph = {
		...model.graph,
		input: [float32Value(input.name, ['batch', input.channels, side, side])],
		output: names.map((name) => float32Value(name, dimensions.get(name) ?? ['batch', 'features'])),
		valueInfo: [],
	}
	const bytes = writeModel({ ...model, graph: withoutUnused(graph) })
	mkdirSync(directory, { recursive: true })
	writeFileSync(join(directory, 'model.onnx'), bytes)
	const sized = { ...input, height: side, width: side }
	const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 })
	const results = await session.run({ [input.name]: new Tensor('float32', rampInput(sized), [1, input.channels, side, side]) }, names)
	await session.release()
	return {
		directory,
		manifest: {
			...manifest,
			input: sized,
			outputs: {
				...outputs,
				camLayers: outputs.camLayers.map((layer) => {
					const [, channels = 0, height = 0, width = 0] = results[layer.output]?.dims ?? []
					return { ...layer, channels, height, width }
				}),
			},
			golden: { ...manifest.golden, logits: Array.from((results[outputs.logits]?.data ?? []) as Float32Array) },
			sha256: createHash('sha256').update(bytes).digest('hex'),
		},
	}
}
