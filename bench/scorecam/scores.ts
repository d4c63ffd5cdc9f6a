import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definitionOf } from '../../src/common/cam/definitions.ts'
import type { LayerActivations } from '../../src/common/cam/passes.ts'
import { openNetwork, runChecked, type Network } from '../../src/hosts/inference/network.ts'
import { SCORE_CAM } from '../../src/onnx/scoreCamGraph.ts'
import type { Say } from '../harness/compare.ts'
import { tensorOf, type Film } from './films.ts'
import type { Pack } from './students.ts'

/** Everything that a Score-CAM of a film can be made of. */
export interface FilmScores {
	film: string
	layer: LayerActivations
	/** [labels]: of the film itself. */
	logits: Float32Array
	/** [channels][labels]: the logits under the mask of each channel. */
	scores: Float32Array
}

/** Kept between runs, by network, layer and tensor: it is the same work every time. */
const KEPT = join(tmpdir(), 'negatoscope-cam-scores')
const BATCH = 16

/**
 * Activations of the pack's default layer and the logits under every channel's mask by the paper's definition, film by film.
 * A kept file is one line of JSON, then the logits [labels], activations [channels, height, width] and scores [channels, labels] in float32.
 */
export async function* scoresOf(pack: Pack, films: readonly Film[], say: Say): AsyncGenerator<FilmScores> {
	const { manifest } = pack
	const { outputs } = manifest
	const layer = outputs.camLayers.find(({ name }) => name === outputs.defaultCamLayer)
	if (!layer) throw new Error('The pack has no default layer.')
	const { channels, height, width } = layer
	const labels = manifest.labels.length
	mkdirSync(KEPT, { recursive: true })
	let network: Network | null = null
	for (const [index, film] of films.entries()) {
		const tensor = await tensorOf(film, manifest)
		const tensorSha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex')
		const path = join(KEPT, `${manifest.sha256.slice(0, 16)}-${layer.name}-${tensorSha256.slice(0, 16)}.scores`)
		if (!existsSync(path)) {
			network ??= await openNetwork(pack.directory, manifest)
			const computed = await compute(network, tensor, layer)
			const header = Buffer.from(`${JSON.stringify({ model: manifest.sha256, layer: layer.name, mode: 'paper', film: film.id, tensor: tensorSha256, labels, channels, height, width })}\n`)
			writeFileSync(`${path}.${process.pid}`, Buffer.concat([header, ...computed.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))]))
			renameSync(`${path}.${process.pid}`, path)
			if ((index + 1) % 10 === 0) say(`Scores of ${index + 1} of ${films.length} films.`)
		}
		const file = readFileSync(path)
		const start = file.indexOf(10) + 1
		const numbers = new Float32Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + file.length))
		const size = channels * height * width
		if (numbers.length !== labels + size + channels * labels) throw new Error(`${path} is damaged; delete it.`)
		yield {
			film: film.id,
			layer: { channels, height, width, values: numbers.slice(labels, labels + size) },
			logits: numbers.slice(0, labels),
			scores: numbers.slice(labels + size),
		}
	}
}

async function compute({ session, manifest, scoreCam }: Network, tensor: Float32Array, layer: { output: string; channels: number; height: number; width: number }): Promise<Float32Array[]> {
	const { input, outputs } = manifest
	const labels = manifest.labels.length
	const { channels, height, width } = layer
	const image = { values: tensor, dims: [1, input.channels, input.height, input.width] }
	const known = await runChecked(session, { [input.name]: image }, { [layer.output]: [1, channels, height, width], [outputs.logits]: [1, labels] })
	const activations = Float32Array.from(known[layer.output] ?? [])
	const loop = await scoreCam(definitionOf('paper').mask)
	const size = height * width
	const scores = new Float32Array(channels * labels)
	for (let start = 0; start < channels; start += BATCH) {
		const count = Math.min(BATCH, channels - start)
		const maps = { values: activations.slice(start * size, (start + count) * size), dims: [count, 1, height, width] }
		const { [outputs.logits]: logits } = await runChecked(loop, { [SCORE_CAM.image]: image, [SCORE_CAM.activations]: maps }, { [outputs.logits]: [count, labels] })
		scores.set(logits ?? [], start * labels)
	}
	return [Float32Array.from(known[outputs.logits] ?? []), activations, scores]
}
