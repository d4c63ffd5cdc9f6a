/**
 * Compares whole gradients at full size with PyTorch's and prints a line for each network:
 *
 *     VENV/bin/python test/golden/make_gradient_golden.py --full FOLDER
 *     node test/golden/compareGradients.ts FOLDER
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { elementCount } from '../../src/onnx/tensor.ts'
import { formulaImage } from '../support/formulaWeights.ts'
import { openModel } from '../support/runGraph.ts'
import { goldenNetwork, goldenTarget, goldenWeights, gradientGraph } from '../support/trainingNetworks.ts'

interface Full {
	name: string
	inputSize: number
	batch: number
	frozen: boolean
	loss: number
	parameters: [name: string, dims: number[]][]
}

function tensor(values: Float32Array, dims: readonly number[]): Tensor {
	return new Tensor('float32', values, dims)
}

async function compare(folder: string, title: string): Promise<void> {
	const full = JSON.parse(readFileSync(join(folder, `${title}.json`), 'utf8')) as Full
	const file = readFileSync(join(folder, `${title}.f32`))
	const expected = new Float32Array(Uint8Array.from(file).buffer)
	const network = goldenNetwork(full.name, full.inputSize)
	const graph = gradientGraph(network, full.batch, full.frozen ? 'frozen' : 'batch')
	const session = await openModel(graph.model, { intraOpNumThreads: 2 })
	const weights = goldenWeights(network)
	const results = await session.run({
		input: tensor(formulaImage(full.batch, full.inputSize), [full.batch, 3, full.inputSize, full.inputSize]),
		target: tensor(goldenTarget(full.batch, network.classes), [full.batch, network.classes]),
		...Object.fromEntries(graph.masks.map(({ name, dims }) => [name, tensor(new Float32Array(elementCount(dims)).fill(1), dims)])),
		...Object.fromEntries(network.parameters.map(({ name, dims }) => [name, tensor(weights.get(name) ?? new Float32Array(), dims)])),
	})
	let offset = 0
	const total = { difference: 0, square: 0 }
	let worst = { relative: 0, name: '' }
	for (const [name, dims] of full.parameters) {
		const found = results[graph.gradients.get(name) ?? '']?.data as Float32Array
		const own = { difference: 0, square: 0 }
		for (let index = 0; index < elementCount(dims); index++) {
			const value = expected[offset + index] as number
			own.difference += ((found[index] as number) - value) ** 2
			own.square += value ** 2
		}
		offset += elementCount(dims)
		total.difference += own.difference
		total.square += own.square
		const relative = Math.sqrt(own.difference / own.square)
		if (own.square > 1e-12 * total.square && relative > worst.relative) worst = { relative, name }
	}
	const [loss = Number.NaN] = Array.from((results[graph.loss]?.data ?? []) as Float32Array)
	console.log(`${title.padEnd(24)} loss ${loss.toFixed(6)} (PyTorch ${full.loss.toFixed(6)})  whole gradient ${Math.sqrt(total.difference / total.square).toExponential(2)}  worst parameter ${worst.relative.toExponential(2)} ${worst.name}`)
	await session.release()
}

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Name the folder that make_gradient_golden.py --full has written.')
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).toSorted()) await compare(folder, file.replace(/\.json$/, ''))
