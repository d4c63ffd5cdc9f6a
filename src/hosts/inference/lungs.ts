import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import type { LungFinder } from '../../common/contract/analysis.ts'
import type { LungManifest, LungPack } from '../../common/contract/lungs.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { findLungs, type FoundLungs } from '../../common/lungs/findLungs.ts'
import { float32Shape, tensorsOf } from '../../onnx/graph.ts'
import { readModel, type Graph } from '../../onnx/model.ts'
import { runChecked } from './network.ts'
import { pillowResize } from './pillowResize.ts'
import { writeNormalised } from './preprocess.ts'
import { rampInput } from './selfTest.ts'

/** Largest graph of a lung network that is read: such networks have some hundred thousand parameters. */
const LARGEST_GRAPH = 64 * 1024 ** 2

/** The network that marks the lungs on a chest film, tested. */
export interface LungNetwork {
	manifest: LungManifest
	/** Largest difference of its self-test. */
	selfTestDifference: number
	/** @param plane The film's display values in grey, height x width. The same plane gives the same answer. */
	find(plane: Uint8Array, width: number, height: number): Promise<FoundLungs>
	release(): Promise<void>
}

/** Who looks for lungs, or why nobody does, in a sentence. */
export type LungReader = LungNetwork | { fault: string }

/**
 * Reads the pack's graph, makes sure that it is the one of the manifest, and that it gives the golden numbers.
 * @throws UserError where it does not.
 */
export async function openLungNetwork(directory: string, manifest: LungManifest): Promise<LungNetwork> {
	const path = join(directory, 'model.onnx')
	if (statSync(path).size > LARGEST_GRAPH) throw new UserError(`The network ${manifest.title} is larger than ${LARGEST_GRAPH / 1024 ** 2} MiB.`)
	const bytes = readFileSync(path)
	if (createHash('sha256').update(bytes).digest('hex') !== manifest.sha256) throw new UserError(`The network ${manifest.title} is not the one that its lungs.json describes: its SHA-256 differs.`)
	checkLungGraph(bytes, manifest)
	// One image at a time, always of the same size.
	const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: 3 })
	const { input: { name, side }, output } = manifest
	const run = async (values: Float32Array): Promise<Float32Array> => {
		const { [output.name]: logits } = await runChecked(session, { [name]: { values, dims: [1, 3, side, side] } }, { [output.name]: [1, 1, side, side] })
		return logits ?? new Float32Array(0)
	}
	try {
		const selfTestDifference = lungSelfTestDifference(await run(rampInput({ height: side, width: side, channels: 3 })), manifest)
		return {
			manifest,
			selfTestDifference,
			async find(plane, width, height) {
				const tensor = new Float32Array(3 * side * side)
				writeNormalised(tensor, [pillowResize(plane, width, height, side, side)], manifest.input)
				return findLungs(lungMask(await run(tensor), output.threshold), side)
			},
			release: () => session.release(),
		}
	} catch (error) {
		await session.release()
		throw error instanceof UserError ? error : new UserError(error instanceof Error ? error.message : String(error))
	}
}

/** The network that looks for lungs, or why nobody does: a pack that cannot be used is no reason against an answer of a network that sees the whole film. */
export async function openLungReader(pack: LungPack): Promise<LungReader> {
	if ('fault' in pack) return pack
	try {
		return await openLungNetwork(pack.directory, pack.manifest)
	} catch (error) {
		return { fault: error instanceof UserError ? error.message : `The lung network ${pack.manifest.title} cannot be loaded.` }
	}
}

/** Who found the lungs, for whoever reads what was found. */
export function finderOf({ id, version, sha256, metrics }: LungManifest): LungFinder {
	const dice = metrics.find(({ name, split, source }) => name === 'dice' && split === 'test' && source === '')
	return { model: { id, version, sha256 }, dice: dice?.value ?? null }
}

/** A pixel is lung where the sigmoid of its logit is not below the threshold. */
function lungMask(logits: Float32Array, threshold: number): Uint8Array {
	const least = Math.log(threshold / (1 - threshold))
	return Uint8Array.from(logits, (logit) => (logit >= least ? 1 : 0))
}

/** @throws UserError when the graph is not of the form that the manifest states, or its weights lie outside of the file. */
function checkLungGraph(bytes: Uint8Array, { title, input, output }: LungManifest): void {
	const refuse = (what: string) => {
		throw new UserError(`The network ${title} does not fit its lungs.json: ${what}.`)
	}
	const graph = graphOf(bytes, title)
	for (const tensor of tensorsOf(graph)) if (tensor.dataLocation === 1) refuse('its weights lie in another file')
	const constants = new Set(graph.initializer.map((tensor) => tensor.name))
	const inputs = graph.input.filter((value) => !constants.has(value.name))
	const given = inputs[0] && float32Shape(inputs[0])
	if (inputs.length !== 1 || inputs[0]?.name !== input.name || !given || given.length !== 4 || ![1, null].includes(given[0] ?? null)) refuse(`it does not have the one input "${input.name}", float32 [batch, 3, ${input.side}, ${input.side}]`)
	if (!graph.output.some(({ name }) => name === output.name)) refuse(`it has no output "${output.name}"`)
}

function graphOf(bytes: Uint8Array, title: string): Graph {
	try {
		return readModel(bytes).graph
	} catch (error) {
		throw new UserError(`The network ${title} cannot be read.`, String(error))
	}
}

/**
 * Largest absolute difference of the logits on the golden input to the golden numbers: the grid, the mean and the deviation of all.
 * @throws Error when it is beyond the pack's tolerance.
 */
function lungSelfTestDifference(logits: Float32Array, { golden: { grid, mean, deviation, tolerance }, input: { side } }: LungManifest): number {
	const found = logits.reduce((sum, logit) => sum + logit, 0) / logits.length
	const spread = Math.sqrt(logits.reduce((sum, logit) => sum + (logit - found) ** 2, 0) / logits.length)
	const differences = [Math.abs(found - mean), Math.abs(spread - deviation)]
	for (let row = 0; row < grid.rows; row++) {
		for (let column = 0; column < grid.columns; column++) {
			const place = Math.floor(((row + 0.5) / grid.rows) * side) * side + Math.floor(((column + 0.5) / grid.columns) * side)
			differences.push(Math.abs(logits[place]! - grid.logits[row * grid.columns + column]!))
		}
	}
	const difference = Math.max(...differences)
	if (!(difference <= tolerance)) throw new Error(`The lung network's self-test failed: its answer to the golden input is off by ${difference}, at most ${tolerance} is allowed.`)
	return difference
}
