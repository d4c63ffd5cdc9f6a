import type { CamMode, CamState } from '../../common/contract/analysis.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { mapSize } from '../../common/cam/compose.ts'
import { definitionOf } from '../../common/cam/definitions.ts'
import { startProgressiveCam, type ProgressiveCam } from '../../common/cam/progressive.ts'
import { SCORE_CAM } from '../../onnx/scoreCamGraph.ts'
import { runChecked, type Network } from './network.ts'

/** Time between two reported states. */
const REPORT_MILLISECONDS = 100

export interface ExplainRequest {
	/** [1, 3, height, width], as the network saw the image. */
	tensor: Float32Array
	/** Null: the pack's default layer. */
	layer: string | null
	mode: CamMode
}

export interface ExplainContext {
	signal: AbortSignal
	progress(state: CamState): void
	/** Called between batches. */
	yieldTurn(): Promise<void>
}

/**
 * Score-CAM of one image for all labels at once, batch by batch.
 * @throws UserError when the layer is unknown or the signal aborts (at the next batch).
 */
export async function explainImage(network: Network, request: ExplainRequest, context: ExplainContext): Promise<CamState> {
	const started = performance.now()
	const { manifest } = network
	const name = request.layer ?? manifest.outputs.defaultCamLayer
	const layer = manifest.outputs.camLayers.find((candidate) => candidate.name === name)
	if (!layer) throw new UserError(`The network has no layer "${name}"; it has ${manifest.outputs.camLayers.map((known) => known.name).join(', ')}.`)
	const definition = definitionOf(request.mode)
	const { height, width } = manifest.input
	const image = { values: request.tensor, dims: [1, 3, height, width] }

	await turn(context)
	const { [layer.output]: activations } = await runChecked(network.session, { [manifest.input.name]: image }, { [layer.output]: [1, layer.channels, layer.height, layer.width] })
	if (!activations) throw new Error(`The network gave no activations of ${name}.`)
	const values = Float32Array.from(activations)
	const cam = startProgressiveCam({ channels: layer.channels, height: layer.height, width: layer.width, values }, manifest.labels.length, definition, { height, width })
	const loop = await network.scoreCam(definition.mask)
	const size = layer.height * layer.width
	let done = 0
	let reported = started

	const state = () => describe(cam, { layer: name, mode: definition.mode, passes: done, started }, network, { channels: layer.channels, ...mapSize(definition, layer, { height, width }) })
	while (done < cam.passes.length) {
		await turn(context)
		const batch = cam.passes.slice(done, done + network.camBatch.size())
		const maps = new Float32Array(batch.length * size)
		for (const [index, group] of batch.entries()) {
			const channel = group[0] as number
			maps.set(values.subarray(channel * size, (channel + 1) * size), index * size)
		}
		const begun = performance.now()
		const feeds = { [SCORE_CAM.image]: image, [SCORE_CAM.activations]: { values: maps, dims: [batch.length, 1, layer.height, layer.width] } }
		const { [manifest.outputs.logits]: logits } = await runChecked(loop, feeds, { [manifest.outputs.logits]: [batch.length, manifest.labels.length] })
		if (!logits) throw new Error('The network gave no logits.')
		network.camBatch.ran(batch.length, performance.now() - begun)
		for (const index of batch.keys()) {
			cam.add(done + index, logits.subarray(index * manifest.labels.length, (index + 1) * manifest.labels.length))
		}
		done += batch.length
		if (done < cam.passes.length && performance.now() - reported >= REPORT_MILLISECONDS) {
			context.progress(state())
			reported = performance.now()
		}
	}
	const final = state()
	context.progress(final)
	return final
}

async function turn(context: ExplainContext): Promise<void> {
	await context.yieldTurn()
	if (context.signal.aborted) throw new UserError('The map was cancelled.')
}

function describe(
	cam: ProgressiveCam,
	about: { layer: string; mode: CamMode; passes: number; started: number },
	{ manifest }: Network,
	size: { channels: number; height: number; width: number },
): CamState {
	const { maps, errorBound, channelsDone, exact } = cam.maps()
	return {
		layer: about.layer,
		mode: about.mode,
		height: size.height,
		width: size.width,
		channels: size.channels,
		passes: about.passes,
		channelsDone,
		exact,
		errorBound,
		maps: Object.fromEntries(manifest.labels.map((label, index) => [label.name, maps[index]?.values ?? []])),
		peaks: Object.fromEntries(manifest.labels.map((label, index) => [label.name, maps[index]?.peak ?? 0])),
		seconds: (performance.now() - about.started) / 1000,
	}
}
