import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { MaskDefinition } from '../../common/cam/definitions.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { float32Shape, tensorsOf } from '../../onnx/graph.ts'
import { readModel, writeModel, type Graph, type Model, type ValueInfo } from '../../onnx/model.ts'
import { buildMaskedHeadGraph } from '../../onnx/maskedHeadGraph.ts'
import { buildScoreCamGraph } from '../../onnx/scoreCamGraph.ts'
import { createBatchTuner, type BatchTuner } from './batchSize.ts'
import { likenessOf, withLayer, type Likeness } from './likeness.ts'

/** Largest model.onnx that is read: above it the file cannot be a graph of this kind in one piece. */
const LARGEST_GRAPH = 1024 ** 3
// Batches come in several sizes: a plan of the memory for each of them makes the first run of a size twice as long and is kept for ever.
const OPTIONS: InferenceSession.SessionOptions = { executionProviders: ['cpu'], logSeverityLevel: 3, enableMemPattern: false }
export const PROVIDERS = ['CPU']

/** A pack whose graph is in memory. */
export interface Network {
	manifest: ModelManifest
	directory: string
	session: InferenceSession
	/** Null where the pack does not say what its training images were like. */
	likeness: Likeness | null
	/** The Score-CAM loop over the same network with masks of a kind, made when it is first asked for. */
	scoreCam(mask: MaskDefinition): Promise<InferenceSession>
	/** What comes behind a layer under masks of the layer's own size, made when it is first asked for; null where the logits do not follow from the layer alone. */
	maskedHead(layer: string): Promise<InferenceSession | null>
	/** The logits on an image of zeros, run when they are first asked for: what any image is under the mask of a constant channel. */
	emptyLogits(): Promise<Float32Array>
	/** Batch size of the Score-CAM loop. */
	camBatch: BatchTuner
}

/**
 * Reads a pack's graph, makes sure that it is the one of the manifest, and makes its session.
 * @param options.name of the graph's file in the directory, where it is not in a pack.
 * @param options.camBatch Batch size of the Score-CAM loop that was found fastest on this machine; the first map finds it out where it is not known.
 * @throws UserError when the graph is not what the manifest says.
 */
export async function openNetwork(directory: string, manifest: ModelManifest, { name = 'model.onnx', camBatch = null }: { name?: string; camBatch?: number | null } = {}): Promise<Network> {
	const path = join(directory, name)
	const file = readGraph(path, manifest)
	checkGraph(file.model.graph, manifest)
	const likeness = likenessOf(manifest)
	const session = await InferenceSession.create(withLayer(file, likeness?.output ?? null, manifest.title), OPTIONS)
	let empty: Promise<Float32Array> | null = null
	const heads = new Map<string, Promise<InferenceSession | null>>()
	const loops = new Map<MaskDefinition, Promise<InferenceSession>>()
	return {
		manifest,
		directory,
		session,
		likeness,
		scoreCam(mask) {
			const loop = loops.get(mask) ?? makeScoreCam(path, manifest, mask)
			loops.set(mask, loop)
			return loop
		},
		maskedHead(layer) {
			const head = heads.get(layer) ?? makeMaskedHead(path, manifest, layer)
			heads.set(layer, head)
			return head
		},
		emptyLogits: () => (empty ??= runEmpty(session, manifest)),
		camBatch: createBatchTuner(camBatch),
	}
}

async function runEmpty(session: InferenceSession, { input, outputs, labels }: ModelManifest): Promise<Float32Array> {
	const dims = [1, input.channels, input.height, input.width]
	const feeds = { [input.name]: { values: new Float32Array(input.channels * input.height * input.width), dims } }
	const { [outputs.logits]: logits } = await runChecked(session, feeds, { [outputs.logits]: [1, labels.length] })
	return Float32Array.from(logits ?? [])
}

/** The file is hashed again here, because it may have changed since the registry looked at it. */
function readGraph(path: string, manifest: ModelManifest): { bytes: Uint8Array; model: Model & { graph: Graph } } {
	if (statSync(path).size > LARGEST_GRAPH) throw new UserError(`The network ${manifest.title} is larger than 1 GiB.`)
	const bytes = readFileSync(path)
	const sha256 = createHash('sha256').update(bytes).digest('hex')
	if (sha256 !== manifest.sha256) throw new UserError(`The network ${manifest.title} is not the one that its model.json describes: its SHA-256 differs.`)
	try {
		return { bytes, model: readModel(bytes) }
	} catch (error) {
		throw new UserError(`The network ${manifest.title} cannot be read.`, String(error))
	}
}

async function makeScoreCam(path: string, manifest: ModelManifest, mask: MaskDefinition): Promise<InferenceSession> {
	const { model } = readGraph(path, manifest)
	const { input, outputs, labels } = manifest
	const shape = { input: input.name, logits: outputs.logits, height: input.height, width: input.width, classes: labels.length }
	return InferenceSession.create(writeModel(buildScoreCamGraph(model, shape, mask)), OPTIONS)
}

async function makeMaskedHead(path: string, manifest: ModelManifest, name: string): Promise<InferenceSession | null> {
	const layer = manifest.outputs.camLayers.find((candidate) => candidate.name === name)
	if (!layer) throw new Error(`The network has no layer "${name}".`)
	const { model } = readGraph(path, manifest)
	const { output, channels, height, width } = layer
	const head = buildMaskedHeadGraph(model, { layer: output, logits: manifest.outputs.logits, channels, height, width, classes: manifest.labels.length })
	return head && InferenceSession.create(writeModel(head), OPTIONS)
}

/** @throws UserError when inputs and outputs are not those of the manifest, or the weights lie outside of the file. */
export function checkGraph(graph: Graph, manifest: ModelManifest): void {
	const refuse = (what: string) => {
		throw new UserError(`The network ${manifest.title} does not fit its model.json: ${what}.`)
	}
	const { input, outputs, labels } = manifest
	for (const tensor of tensorsOf(graph)) {
		if (tensor.dataLocation === 1) refuse('its weights lie in another file')
	}
	const constants = new Set(graph.initializer.map((tensor) => tensor.name))
	const inputs = graph.input.filter((value) => !constants.has(value.name))
	if (inputs.length !== 1 || inputs[0]?.name !== input.name) refuse(`it does not have the one input "${input.name}"`)
	if (!shapeFits(inputs[0], [null, input.channels, input.height, input.width])) {
		refuse(`its input is not float32 [batch, ${input.channels}, ${input.height}, ${input.width}] with a free batch`)
	}
	const output = (name: string) => graph.output.find((value) => value.name === name)
	if (!shapeFits(output(outputs.logits), [null, labels.length])) refuse(`its output "${outputs.logits}" is not float32 [batch, ${labels.length}]`)
	if (outputs.features !== null && !output(outputs.features)) refuse(`it has no output "${outputs.features}"`)
	for (const layer of outputs.camLayers) {
		if (!shapeFits(output(layer.output), [null, layer.channels, layer.height, layer.width])) {
			refuse(`its layer "${layer.name}" is not float32 [batch, ${layer.channels}, ${layer.height}, ${layer.width}]`)
		}
	}
	if (!outputs.camLayers.some((layer) => layer.name === outputs.defaultCamLayer)) refuse(`its default layer "${outputs.defaultCamLayer}" is not in its list of layers`)
}

/** The batch must be free; another size may be free in the graph too, it is checked again on every answer. */
function shapeFits(value: ValueInfo | undefined, wanted: (number | null)[]): boolean {
	const shape = value ? float32Shape(value) : null
	return shape !== null && shape.length === wanted.length && shape[0] === null && shape.every((size, axis) => axis === 0 || size === null || size === wanted[axis])
}

/**
 * Runs a session once and hands out float32 outputs of exactly the expected shapes, every value finite.
 * @throws Error otherwise: a network that gives anything else has no answer.
 */
export async function runChecked<Name extends string>(
	session: InferenceSession,
	feeds: Record<string, { values: Float32Array; dims: readonly number[] }>,
	expected: Record<Name, readonly number[]>,
): Promise<Record<Name, Float32Array>> {
	const tensors = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, new Tensor('float32', feed.values, feed.dims)]))
	const names = Object.keys(expected) as Name[]
	const results = await session.run(tensors, names)
	const checked = {} as Record<Name, Float32Array>
	for (const name of names) {
		const result = results[name]
		const dims = expected[name]
		if (!result || !(result.data instanceof Float32Array) || result.dims.length !== dims.length || result.dims.some((size, axis) => size !== dims[axis])) {
			throw new Error(`The network's output "${name}" does not have the shape [${dims.join(', ')}].`)
		}
		if (!result.data.every(Number.isFinite)) throw new Error(`The network's output "${name}" holds a value that is not a number.`)
		checked[name] = result.data
	}
	return checked
}
