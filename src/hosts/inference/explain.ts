import type { CamMode, CamState } from '../../common/contract/analysis.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { mapSize } from '../../common/cam/compose.ts'
import { definitionOf } from '../../common/cam/definitions.ts'
import { startProgressiveCam, type ProgressiveCam } from '../../common/cam/progressive.ts'
import { SCORE_CAM } from '../../onnx/scoreCamGraph.ts'
import { runChecked, type Network } from './network.ts'
import { previewOf } from './preview.ts'

/** Time between two reported states, and how many times as long as the last one took to make: all of them together take a small share of the whole. */
const REPORT_MILLISECONDS = 100
const REPORT_PAUSE = 50

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
 * Score-CAM of one image for all labels at once, batch by batch. The first state is a preview by another method where the layer allows one (reciproCam),
 * the last one is exact.
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
	const about = { layer: name, mode: definition.mode, channels: layer.channels }
	const seconds = () => (performance.now() - started) / 1000
	const preview = await previewOf(network, { ...layer, values }, context).catch((error: unknown) => {
		// A preview that cannot be made is no reason against the map.
		if (error instanceof UserError) throw error
		return null
	})
	if (preview) context.progress({ ...about, ...preview, preview: 'recipro-cam', passes: 0, channelsDone: 0, exact: false, errorBound: null, seconds: seconds() })
	await turn(context)
	const cam = startProgressiveCam({ channels: layer.channels, height: layer.height, width: layer.width, values }, manifest.labels.length, definition, { height, width })
	if (cam.constant.length > 0) cam.addEmpty(await network.emptyLogits())

	const loop = await network.scoreCam(definition.mask)
	const size = layer.height * layer.width
	let done = 0
	let nextReport = 0
	const state = () => describe(cam, { ...about, ...mapSize(definition, layer, { height, width }), passes: done, seconds: seconds() }, manifest)
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
		const ran = performance.now()
		if (done < cam.passes.length && ran >= nextReport) {
			context.progress(state())
			const told = performance.now()
			nextReport = told + Math.max(REPORT_MILLISECONDS, REPORT_PAUSE * (told - ran))
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
	about: Pick<CamState, 'layer' | 'mode' | 'height' | 'width' | 'channels' | 'passes' | 'seconds'>,
	{ labels }: Network['manifest'],
): CamState {
	const { maps, errorBound, channelsDone, exact } = cam.maps()
	return {
		...about,
		channelsDone,
		exact,
		errorBound,
		maps: Object.fromEntries(labels.map((label, index) => [label.name, maps[index]?.values ?? []])),
		peaks: Object.fromEntries(labels.map((label, index) => [label.name, maps[index]?.peak ?? 0])),
	}
}
