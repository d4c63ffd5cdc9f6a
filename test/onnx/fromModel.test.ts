import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { foldNormalisation } from '../support/foldNormalisation.ts'
import { modelOfNetwork, networkOfModel } from '../../src/onnx/fromModel.ts'
import { readModel, type Graph, type Model } from '../../src/onnx/model.ts'
import { OPERATOR_SET } from '../../src/onnx/network.ts'
import { operatorSetVersion } from '../../src/onnx/graph.ts'
import { upgradeModel } from '../../src/onnx/upgrade.ts'
import { packDirectory } from '../support/inferenceFixtures.ts'
import { ramp, runModel } from '../support/runGraph.ts'

interface Exported {
	name: string
	size: number
	answer: number[]
	trained: number
	onnx: string
}
const exported = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/exported.json'), 'utf8')) as Exported[]
const modelOf = (file: Exported) => readModel(new Uint8Array(inflateSync(Buffer.from(file.onnx, 'base64'))))

function exportedAs(name: string): Exported {
	const found = exported.find((file) => file.name === name)
	if (!found) throw new Error(name)
	return found
}

/** torch.linspace(-1, 1) as one image. */
const image = (size: number) => Float32Array.from({ length: 3 * size * size }, (_, index) => -1 + (2 * index) / (3 * size * size - 1))

async function outputOf(model: Model, input: string, values: Float32Array, size: number, output: string): Promise<number[]> {
	const results = await runModel(model, { [input]: { dims: [values.length / (3 * size * size), 3, size, size], values } })
	return Array.from(results[output]?.data as Float32Array)
}

function softmax(values: number[]): number[] {
	const exponentials = values.map(Math.exp)
	const sum = exponentials.reduce((total, value) => total + value, 0)
	return exponentials.map((value) => value / sum)
}

function expectClose(found: readonly number[], wanted: readonly number[], tolerance = 1e-5): void {
	expect(found).toHaveLength(wanted.length)
	for (const [index, value] of wanted.entries()) expect(Math.abs((found[index] ?? Number.NaN) - value)).toBeLessThan(tolerance)
}

const reading = { name: 'exported', title: 'Exported' }

function roles(name: string): Record<string, string> {
	return Object.fromEntries(networkOfModel(modelOf(exportedAs(name)), reading).network.parameters.map((parameter) => [parameter.name, parameter.role]))
}

describe('classifiers as PyTorch exports them', () => {
	it.each(exported)('$name answers as in PyTorch, before and after', async (file) => {
		const model = modelOf(file)
		const { network, weights } = networkOfModel(model, reading)
		const one = image(file.size)
		const two = new Float32Array([...one, ...ramp(one.length)])
		const logits = await outputOf(modelOfNetwork(network, weights), 'input', two, file.size, 'logits')
		expect(logits).toHaveLength(2 * network.classes)
		const first = logits.slice(0, network.classes)
		expectClose(file.name.startsWith('cnn') ? softmax(first) : first, file.answer)
		expectClose(await outputOf(upgradeModel(model), 'image', one, file.size, 'out'), file.answer)
	})

	it.each(exported)('$name: every trained value is a parameter', (file) => {
		const { network, weights } = networkOfModel(modelOf(file), reading)
		const trained = network.parameters.filter(({ role }) => role !== 'runningMean' && role !== 'runningVariance').reduce((sum, { name }) => sum + (weights.get(name)?.length ?? 0), 0)
		const headBias = file.name.startsWith('cnn') ? network.classes : 0
		// The norm of a folded convolution leaves one bias instead of scale and shift; a swin's position table is gathered for each pair of its windows' pixels.
		if (file.name === 'cnn, norm folded') expect(trained).toBe(file.trained + headBias - 8 - 8)
		else if (file.name === 'swin') expect(trained).toBeGreaterThan(file.trained)
		else expect(trained).toBe(file.trained + headBias)
		expect(network.parameters.find(({ name }) => name === network.head.weight)?.role).toBe('weight')
		expect(weights.get(network.head.bias)).toHaveLength(network.classes)
	})

	it('gives each constant the role that follows from its use', () => {
		expect(roles('cnn, norm kept')).toMatchObject({
			'stem.0.weight': 'weight', 'stem.1.weight': 'normScale', 'stem.1.bias': 'normShift', 'stem.1.running_mean': 'runningMean', 'stem.1.running_var': 'runningVariance', scale: 'normScale',
		})
		expect(roles('cnn, norm kept')).not.toHaveProperty('mean')
		expect(roles('vit')).toMatchObject({ token: 'position', position: 'position', 'norm.weight': 'normScale', 'patches.bias': 'bias' })
		expect(Object.keys(roles('vit'))).not.toContain('mask')
	})

	it('finds layers for maps and the ends of the stages', () => {
		const { network } = networkOfModel(modelOf(exportedAs('convolution as head')), reading)
		expect(network.camLayers).toMatchObject([{ channels: 10, height: 8, width: 8 }])
		expect(network.hintLayers.map(({ height }) => height)).toEqual([16, 8])
		expect(() => networkOfModel(modelOf(exportedAs('vit')), { ...reading, camLayers: [{ name: 'tokens', output: 'logits' }] })).toThrow('a map needs')
	})

	it('folds batch normalisation into the convolutions of a finished student', async () => {
		const { network, weights } = networkOfModel(modelOf(exportedAs('cnn, norm kept')), reading)
		const model = modelOfNetwork(network, weights)
		const folded = { ...model, graph: foldNormalisation(model.graph) }
		expect(folded.graph.node.some((node) => node.opType === 'BatchNormalization')).toBe(false)
		expect(folded.graph.node).toHaveLength(model.graph.node.length - 2)
		expectClose(await outputOf(folded, 'input', image(16), 16, 'logits'), await outputOf(model, 'input', image(16), 16, 'logits'))
	})
})

describe('the first student', () => {
	it('answers the same as a network with weights', async () => {
		const model = readModel(new Uint8Array(readFileSync(join(packDirectory, 'model.onnx'))))
		const { network, weights } = networkOfModel(model, reading)
		const values = ramp(2 * 3 * 128 * 128)
		const [before, after] = [await outputOf(model, 'input', values, 128, 'logits'), await outputOf(modelOfNetwork(network, weights), 'input', values, 128, 'logits')]
		expectClose(after, before, 1e-6)
		expect(network.camLayers).toEqual([
			{ name: 'final_expand', output: 'cam_final_expand', channels: 1152, height: 4, width: 4 }, { name: 'last_block', output: 'cam_last_block', channels: 192, height: 4, width: 4 },
		])
		expect(network.parameters.reduce((sum, { dims }) => sum + dims.reduce((product, size) => product * size, 1), 0)).toBe(7_582_267)
	})
})

describe('what cannot be taken', () => {
	const file = exportedAs('cnn, norm kept')
	const change = (edit: (graph: Graph) => Graph) => {
		const model = modelOf(file)
		return { ...model, graph: edit(model.graph) }
	}

	it('is refused with the reason', () => {
		const older = modelOf(file)
		expect(() => networkOfModel({ ...older, opsetImport: older.opsetImport.map((set) => ({ ...set, version: 11n })) }, reading)).toThrow('operator set 11; 13 to 20 can be read')
		expect(() => networkOfModel(change((graph) => ({ ...graph, input: [...graph.input, ...graph.input.map((value) => ({ ...value, name: 'age' }))] })), reading)).toThrow('one input for the image; it has "image", "age"')
		expect(() => networkOfModel(modelOf(file), { ...reading, logits: 'scores' })).toThrow('no output "scores"')
		expect(() => networkOfModel(change((graph) => ({ ...graph, node: graph.node.map((node) => (node.opType === 'PRelu' ? { ...node, opType: 'Swishy' } : node)) })), reading)).toThrow('the operator Swishy is not supported')
		expect(() => networkOfModel(change((graph) => ({ ...graph, node: graph.node.map((node) => (node.opType === 'MatMul' ? { ...node, opType: 'Relu', input: node.input.slice(0, 1) } : node)) })), reading)).toThrow('do not come from a linear layer')
	})

	it('is written for the operator set of this program otherwise', () => {
		expect(operatorSetVersion(upgradeModel(modelOf(file)))).toBe(OPERATOR_SET)
	})
})
