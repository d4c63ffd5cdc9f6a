import { describe, expect, it } from 'vitest'
import { modelOfNetwork } from '../../src/onnx/fromModel.ts'
import { DATA_TYPE, intAttribute, makeNode, writeModel } from '../../src/onnx/model.ts'
import { weightTensor } from '../../src/onnx/tensor.ts'
import { assignWeights } from '../../src/zoo/assignWeights.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'
import { tensorsOfGraph } from '../../src/zoo/onnxTensors.ts'
import { readWeightFile } from '../../src/zoo/weightFile.ts'
import { formulaWeights } from '../support/formulaWeights.ts'

describe('tensorsOfGraph', () => {
	it('gives back what a network was written with', () => {
		const network = buildNetwork('eeea-net-c2', { classes: 3, inputSize: 32 })
		const weights = formulaWeights(network)
		const file = writeModel(modelOfNetwork(network, weights))
		const assigned = assignWeights(network, readWeightFile(file), 1)
		expect(assigned.head).toBe('taken')
		for (const { name } of network.parameters) expect(assigned.weights.get(name), name).toEqual(weights.get(name))
	})

	it('reads half precision behind a Cast under the name of what the Cast gives', () => {
		const network = buildNetwork('eeea-net-c2', { classes: 3, inputSize: 32 })
		const half = { ...weightTensor('a.weight_half', [0], new Float32Array(0)), dataType: DATA_TYPE.float16, dims: [2n], rawData: Uint8Array.from([0, 0x3c, 0, 0xc0]) }
		const cast = makeNode('Cast', ['a.weight_half'], ['a.weight'], [intAttribute('to', DATA_TYPE.float32)])
		const tensors = tensorsOfGraph({ ...network.graph, initializer: [half], node: [cast] })
		expect([...tensors.keys()]).toEqual(['a.weight'])
		expect([...(tensors.get('a.weight')?.values() ?? [])]).toEqual([1, -2])
	})

	it('is told apart from a safetensors file by its bytes, and from anything else', () => {
		const header = new TextEncoder().encode('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')
		const file = new Uint8Array(8 + header.length + 4)
		file[0] = header.length
		file.set(header, 8)
		expect([...readWeightFile(file).keys()]).toEqual(['a'])
		expect(() => readWeightFile(new TextEncoder().encode('a text that is no weights'))).toThrow('neither a safetensors nor an ONNX file')
		expect(() => readWeightFile(new Uint8Array())).toThrow('neither')
	})
})
