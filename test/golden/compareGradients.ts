/**
 * Compares whole gradients at full size with PyTorch's and prints a line for each network, then follows the golden curves of twenty steps:
 *
 *     VENV/bin/python test/golden/make_gradient_golden.py --full FOLDER
 *     node test/golden/compareGradients.ts FOLDER
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { elementCount } from '../../src/onnx/tensor.ts'
import { dataOf, followCurve, goldenNetwork, goldenWeights, gradientGraph, openStep, type GoldenCurve } from '../support/trainingNetworks.ts'

interface Full {
	name: string
	inputSize: number
	batch: number
	frozen: boolean
	loss: number
	parameters: [name: string, dims: number[]][]
}

async function compare(folder: string, title: string): Promise<void> {
	const full = JSON.parse(readFileSync(join(folder, `${title}.json`), 'utf8')) as Full
	const file = readFileSync(join(folder, `${title}.f32`))
	const expected = new Float32Array(Uint8Array.from(file).buffer)
	const network = goldenNetwork(full.name, full.inputSize)
	const graph = gradientGraph(network, full.batch, full.frozen ? 'frozen' : 'batch')
	const step = await openStep(network, full.batch, graph)
	const results = await step.run(goldenWeights(network))
	let offset = 0
	const total = { difference: 0, square: 0 }
	let worst = { relative: 0, name: '' }
	for (const [name, dims] of full.parameters) {
		const found = dataOf(results[graph.gradients.get(name) ?? ''])
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
	const loss = dataOf(results[graph.loss])[0] as number
	console.log(`${title.padEnd(24)} loss ${loss.toFixed(6)} (PyTorch ${full.loss.toFixed(6)})  whole gradient ${Math.sqrt(total.difference / total.square).toExponential(2)}  worst parameter ${worst.relative.toExponential(2)} ${worst.name}`)
	await step.close()
}

const { curves } = JSON.parse(readFileSync(new URL('gradients.json', import.meta.url), 'utf8')) as { curves: GoldenCurve[] }

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Name the folder that make_gradient_golden.py --full has written.')
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).toSorted()) await compare(folder, file.replace(/\.json$/, ''))
for (const curve of curves) {
	const losses = await followCurve(curve)
	const apart = Math.max(...losses.map((loss, index) => Math.abs(loss - (curve.losses[index] as number))))
	console.log(`${curve.name.padEnd(24)} twenty steps: ${curve.losses[0]} to ${curve.losses.at(-1)}, at most ${apart.toExponential(2)} apart (PyTorch from itself in float64: ${curve.drift})`)
}
