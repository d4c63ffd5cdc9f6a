import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeAttribute } from '../../src/onnx/attributes.ts'
import { createGraphBuilder } from '../../src/onnx/builder.ts'
import { foldConstants, inferGraph } from '../../src/onnx/fold.ts'
import { networkOfModel } from '../../src/onnx/fromModel.ts'
import { DATA_TYPE, float32Tensor, float32Value, int64Tensor, makeGraph, makeNode, readModel, writeModel, type Graph } from '../../src/onnx/model.ts'

const exported = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/exported.json'), 'utf8')) as { name: string; size: number; onnx: string }[]
const files = exported.filter(({ name }) => name !== 'swin').map(({ size, onnx }) => ({ size, bytes: new Uint8Array(inflateSync(Buffer.from(onnx, 'base64'))) }))

/** Runs what may throw an Error and nothing else. */
function attempt(work: () => void): void {
	try {
		work()
	} catch (error) {
		expect(error).toBeInstanceOf(Error)
		// A stack that ran out or an array too long to make would mean that a size was believed.
		expect((error as Error).message).not.toMatch(/call stack|array length|allocation/i)
	}
}

const OPERATORS = [
	'Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Einsum', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'BatchNormalization', 'LayerNormalization', 'ReduceSum', 'ReduceMean', 'ArgMax', 'TopK',
	'Reshape', 'Transpose', 'Flatten', 'Squeeze', 'Unsqueeze', 'Slice', 'Split', 'Concat', 'Expand', 'Tile', 'Pad', 'Resize', 'DepthToSpace', 'SpaceToDepth', 'Gather', 'GatherND', 'GatherElements',
	'ScatterND', 'ScatterElements', 'OneHot', 'Range', 'ConstantOfShape', 'Constant', 'Shape', 'Size', 'Add', 'Mod', 'Pow', 'Where', 'Cast', 'Clip', 'Relu', 'Softmax', 'QuantizeLinear',
	'DequantizeLinear', 'Dropout', 'If', 'Loop',
]
const ATTRIBUTES = ['axis', 'perm', 'pads', 'strides', 'dilations', 'kernel_shape', 'group', 'num_outputs', 'axes', 'blocksize', 'keepdims', 'to', 'ceil_mode', 'start', 'end', 'value_ints', 'batch_dims', 'output_shape', 'output_padding']

const number = fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 40, 2 ** 53, -(2 ** 53)))
const attribute = fc.tuple(fc.constantFrom(...ATTRIBUTES), fc.oneof(number, fc.array(number, { maxLength: 5 })))
const crafted = fc.record({
	operator: fc.constantFrom(...OPERATORS), inputs: fc.array(fc.constantFrom('x', 'y', 'scalar', 'list', 'mask', '', 'absent'), { maxLength: 5 }), outputs: fc.integer({ min: 0, max: 4 }),
	attributes: fc.array(attribute, { maxLength: 3 }), list: fc.array(number, { maxLength: 5 }), dims: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 5 }),
})

function graphOf(node: Graph['node']): Graph {
	return { ...makeGraph('crafted'), input: [float32Value('x', [2])], node }
}

describe('hostile graphs', () => {
	it('are inferred or refused with an error, whatever their nodes say', () => {
		fc.assert(fc.property(crafted, ({ operator, inputs, outputs, attributes, list, dims }) => {
			const graph: Graph = {
				...makeGraph('crafted'), input: [float32Value('x', dims)],
				initializer: [
					int64Tensor('list', list), float32Tensor('scalar', [], [0.5]), float32Tensor('y', [2, 3], [1, 2, 3, 4, 5, 6]),
					{ ...int64Tensor('mask', []), dims: [2n], dataType: DATA_TYPE.bool, int32Data: [0, 1] },
				],
				node: [makeNode(operator, inputs, Array.from({ length: outputs }, (_, index) => `out${index}`), attributes.map(([name, value]) => makeAttribute(name, value)))],
			}
			attempt(() => {
				const build = inferGraph(graph, new Map([['x', dims]]))
				for (const name of graph.node[0]?.output ?? []) for (const size of build.dims(name)) expect(Number.isSafeInteger(size) && size >= 0).toBe(true)
			})
			attempt(() => void foldConstants({ ...graph, output: [float32Value('out0', [])] }, [new Map([['x', dims]])]))
		}), { numRuns: 6000 })
	})

	it('are read or refused with an error when bytes of a real file change', () => {
		fc.assert(fc.property(fc.nat({ max: files.length - 1 }), fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }), (file, changes) => {
			const { size, bytes } = files[file] ?? { size: 0, bytes: new Uint8Array() }
			const changed = bytes.slice()
			for (const [place, value] of changes) changed[Math.floor(place * bytes.length)] = value
			attempt(() => {
				const model = readModel(changed)
				attempt(() => void writeModel(model))
				attempt(() => void networkOfModel(model, { name: 'changed', title: 'Changed', inputSize: size }))
			})
		}), { numRuns: 400 })
	})

	it('of declared sizes past every memory are refused before anything is made', () => {
		const build = createGraphBuilder()
		expect(() => build.input('x', [2 ** 30, 2 ** 30])).toThrow('too large')
		expect(() => build.initializer({ ...float32Tensor('w', [], []), dims: [2n ** 62n] })).toThrow('not possible')
		expect(() => build.initializer({ ...float32Tensor('w', [], []), dims: [1_000_000n, 1000n] })).not.toThrow()
		expect(() => build.initializer({ ...float32Tensor('v', [], []), dims: [1000n] })).toThrow('has 0 values instead of 1000')
		const x = build.input('image', [1, 1000, 1000])
		expect(() => build.node('Tile', [x, build.integers([100_000, 1000, 1000])])).toThrow('too large')
		expect(() => build.node('Split', [x], { num_outputs: 1_000_000 })).toThrow('cannot be split')
	})

	it('with a cycle, a name given twice or an input of nowhere are refused by the name of the node', () => {
		const sizes = new Map([['x', [2]]])
		expect(() => inferGraph(graphOf([makeNode('Relu', ['b'], ['a']), makeNode('Relu', ['a'], ['b'])]), sizes)).toThrow('Relu "a": its input "b" is no tensor of the graph')
		expect(() => inferGraph(graphOf([makeNode('Relu', ['x'], ['a']), makeNode('Tanh', ['x'], ['a'])]), sizes)).toThrow('already has a tensor "a"')
		expect(() => inferGraph(graphOf([makeNode('FancyOperator', ['x'], ['a'])]), sizes)).toThrow('FancyOperator "a": the operator FancyOperator is not supported')
		expect(() => inferGraph(graphOf([makeNode('Relu', ['x'], ['a'])]), new Map())).toThrow('Nothing is bound to the input "x"')
		expect(() => inferGraph(graphOf([makeNode('Relu', ['x'], ['a'])]), new Map([['x', [3]]]))).toThrow('has sizes [2], not [3]')
	})
})
