import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { definitionOf, type MaskDefinition } from '../../src/common/cam/definitions.ts'
import { float32Tensor, float32Value, makeNode, readModel, writeModel, type Model } from '../../src/onnx/model.ts'
import { buildScoreCamGraph, SCORE_CAM } from '../../src/onnx/scoreCamGraph.ts'

/** Mean of each channel as logits: the answer to a mask m on an image of ones is the mean of m. */
function meanClassifier(version: number): Model & { graph: NonNullable<Model['graph']> } {
	const graph = {
		unknown: [], name: 'mean', valueInfo: [],
		node: [
			makeNode('GlobalAveragePool', ['x'], ['pooled']), makeNode('Flatten', ['pooled'], ['flat']),
			makeNode('Mul', ['flat', 'scale'], ['logits']), makeNode('Relu', ['x'], ['unused']),
		],
		initializer: [float32Tensor('scale', [1, 3], [1, 2, -1])],
		input: [float32Value('x', ['n', 3, 8, 6])],
		output: [float32Value('logits', ['n', 3]), float32Value('unused', ['n', 3, 8, 6])],
	}
	const opsetImport = [{ unknown: [], domain: '', version: BigInt(version) }]
	return readModel(writeModel({ unknown: [], irVersion: 8n, producerName: 'test', opsetImport, graph }))
}

const MASK = definitionOf('paper').mask
const MASKS = { paper: MASK, 'pytorch-grad-cam': definitionOf('pytorch-grad-cam').mask, torchcam: definitionOf('torchcam').mask }
const shape = { input: 'x', logits: 'logits', height: 8, width: 6, classes: 3 }

async function scores(version: number, maps: number[][], side: [number, number], mask = MASK): Promise<number[][]> {
	const session = await InferenceSession.create(writeModel(buildScoreCamGraph(meanClassifier(version), shape, mask)), { logSeverityLevel: 3 })
	const results = await session.run({
		[SCORE_CAM.image]: new Tensor('float32', new Float32Array(144).fill(1), [1, 3, 8, 6]),
		[SCORE_CAM.activations]: new Tensor('float32', Float32Array.from(maps.flat()), [maps.length, 1, ...side]),
	})
	const logits = Array.from(results['logits']?.data as Float32Array)
	return maps.map((_, index) => logits.slice(index * 3, index * 3 + 3))
}

function neighbours(position: number, size: number, target: number, coordinates: MaskDefinition['coordinates']) {
	const place = coordinates === 'half_pixel' ? Math.max(((position + 0.5) * size) / target - 0.5, 0) : (position * (size - 1)) / (target - 1)
	const low = Math.min(Math.floor(place), size - 1)
	return { low, high: Math.min(low + 1, size - 1), part: place - low }
}

function stretch(values: number[], epsilon: number): number[] {
	const low = Math.min(...values)
	const range = Math.max(...values) - low
	return values.map((value) => (value - low) / (range + epsilon))
}

/** Bilinear with repeated edges, stretched before or after it: the mean of the mask. */
function meanOfMask(map: number[], height: number, width: number, { coordinates, stretched, epsilon }: MaskDefinition): number {
	const source = stretched === 'before upsampling' ? stretch(map, epsilon) : map
	const values: number[] = []
	for (let y = 0; y < 8; y++) {
		for (let x = 0; x < 6; x++) {
			const v = neighbours(y, height, 8, coordinates)
			const h = neighbours(x, width, 6, coordinates)
			const row = (line: number) => (source[line * width + h.low] as number) * (1 - h.part) + (source[line * width + h.high] as number) * h.part
			values.push(row(v.low) * (1 - v.part) + row(v.high) * v.part)
		}
	}
	const mask = stretched === 'before upsampling' ? values : stretch(values, epsilon)
	return mask.reduce((sum, value) => sum + value / mask.length, 0)
}

describe.each([14, 17, 18, 21])('the Score-CAM graph in operator set %i', (version) => {
	it.each(Object.entries(MASKS))('scores the image under the mask of each channel by %s', async (_, mask) => {
		const maps = [[0, 1, 2, 3, 5, 9], [-4, 2, 2.5, 0, 1, -1], [0, 1e-8, 3e-8, 2e-8, 0, 0]]
		const found = await scores(version, maps, [3, 2], mask)
		for (const [index, map] of maps.entries()) {
			const mean = meanOfMask(map, 3, 2, mask)
			for (const [label, factor] of [1, 2, -1].entries()) expect(found[index]?.[label]).toBeCloseTo(mean * factor, 6)
		}
		expect(new Set(Object.values(MASKS).map((other) => meanOfMask(maps[1] as number[], 3, 2, other).toFixed(4))).size).toBe(3)
	})

	it.each(Object.entries(MASKS))('gives constant channels the mask 0 and no NaN by %s, whatever the rounding of the upsampling', async (_, mask) => {
		const found = await scores(version, [[0, 0, 0, 0, 0, 0], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [-7.3e8, -7.3e8, -7.3e8, -7.3e8, -7.3e8, -7.3e8]], [2, 3], mask)
		expect(found.flat().every((value) => Math.abs(value) === 0)).toBe(true)
	})

	it('takes channels of one pixel, which are constant', async () => {
		for (const mask of Object.values(MASKS)) expect((await scores(version, [[3], [-1]], [1, 1], mask)).flat().every((value) => Math.abs(value) === 0)).toBe(true)
	})
})

describe('building the Score-CAM graph', () => {
	it('leaves out what the logits do not need and keeps the weights as constants', () => {
		const { graph } = buildScoreCamGraph(meanClassifier(14), shape, MASK)
		expect(graph?.node.some((node) => node.opType === 'Relu')).toBe(false)
		expect(graph?.initializer.some((tensor) => tensor.name === 'scale')).toBe(true)
		expect(graph?.input.map((input) => input.name)).toEqual([SCORE_CAM.image, SCORE_CAM.activations])
		expect(graph?.output.map((output) => output.name)).toEqual(['logits'])
	})

	it('refuses old operator sets and a graph that already is one', () => {
		expect(() => buildScoreCamGraph(meanClassifier(12), shape, MASK)).toThrow('operator set 13')
		const built = buildScoreCamGraph(meanClassifier(14), shape, MASK)
		expect(() => buildScoreCamGraph(readModel(writeModel(built)), { ...shape, input: SCORE_CAM.image }, MASK)).toThrow('already')
	})
})
