import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { rampInput } from '../../src/hosts/inference/selfTest.ts'
import { readModel, writeModel, type Model } from '../../src/onnx/model.ts'
import { operatorSetVersion, tensorsOf } from '../../src/onnx/graph.ts'
import { packDirectory, packManifest } from '../support/inferenceFixtures.ts'

const file = new Uint8Array(readFileSync(join(packDirectory, 'model.onnx')))

async function logits(bytes: Uint8Array): Promise<number[]> {
	const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 })
	const results = await session.run({ input: new Tensor('float32', rampInput(packManifest.input), [1, 3, 128, 128]) }, ['logits'])
	return Array.from(results['logits']?.data as Float32Array)
}

describe('reading and writing ONNX', () => {
	it('reads the graph of the pack', () => {
		const model = readModel(file)
		expect(operatorSetVersion(model)).toBe(14)
		expect(model.graph.node).toHaveLength(367)
		expect(model.graph.initializer).toHaveLength(173)
		expect(model.graph.output.map((output) => output.name)).toEqual(['logits', 'cam_final_expand', 'cam_last_block', 'features'])
		expect([...tensorsOf(model.graph)].length).toBeGreaterThan(173)
	})

	it('writes back the same model, which answers the same', async () => {
		const model = readModel(file)
		const written = writeModel(model)
		const again = readModel(written)
		expect(again.graph.node).toEqual(model.graph.node)
		expect(Buffer.from(writeModel(again)).equals(written)).toBe(true)
		expect(await logits(written)).toEqual(await logits(file))
	})

	it('keeps fields that it does not know, at every level', () => {
		const extra = new BinaryWriter().tag(1234, 2).string('from a newer version').tag(1235, 0).uint32(7).finish()
		const inner = new BinaryWriter().tag(4, 2).string('Relu').tag(999, 5).fixed32(42).finish()
		const graph = new BinaryWriter().tag(1, 2).bytes(inner).tag(10, 2).string('a comment').finish()
		const model = new BinaryWriter().tag(1, 0).int64(8).tag(7, 2).bytes(graph).raw(extra).finish()
		const read = readModel(model)
		expect(read.graph.node[0]?.opType).toBe('Relu')
		const again = readModel(writeModel(read))
		expect(again).toEqual(read)
		expect(again.graph.node[0]?.unknown).toHaveLength(1)
		expect(again.unknown).toHaveLength(2)
	})

	it('keeps 64-bit numbers whole and reads lists packed or not', () => {
		const attribute = new BinaryWriter().tag(1, 2).string('ends').tag(8, 0).int64('9223372036854775807').tag(8, 2).fork().int64(-3).join().finish()
		const node = new BinaryWriter().tag(5, 2).bytes(attribute).finish()
		const graph = new BinaryWriter().tag(1, 2).bytes(node).finish()
		const model = readModel(new BinaryWriter().tag(7, 2).bytes(graph).finish())
		expect(model.graph.node[0]?.attribute[0]?.ints).toEqual([9223372036854775807n, -3n])
		expect(readModel(writeModel(model))).toEqual(model)
	})

	it('refuses what is no model with an error and never hangs', () => {
		fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
			let model: Model | null = null
			try {
				model = readModel(bytes)
			} catch (error) {
				expect(error).toBeInstanceOf(Error)
			}
			if (model) expect(readModel(writeModel(model))).toEqual(model)
		}), { numRuns: 2000 })
		for (const cut of [1, 100, 10_000, 1_000_000]) expect(() => readModel(file.subarray(0, cut))).toThrow()
	})

	it('refuses a graph nested without end', () => {
		let graph = new BinaryWriter().tag(2, 2).string('innermost').finish()
		for (let depth = 0; depth < 200; depth++) {
			const attribute = new BinaryWriter().tag(6, 2).bytes(graph).finish()
			const node = new BinaryWriter().tag(5, 2).bytes(attribute).finish()
			graph = new BinaryWriter().tag(1, 2).bytes(node).finish()
		}
		expect(() => readModel(new BinaryWriter().tag(7, 2).bytes(graph).finish())).toThrow('too deeply')
	})
})
