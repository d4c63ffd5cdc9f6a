import { join } from 'node:path'
import type { CamState } from '../../../common/contract/analysis.ts'
import type { LungPack } from '../../../common/contract/lungs.ts'
import { modelManifestSchema } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { keepNewest } from '../../../common/newest.ts'
import { explainImage } from '../../inference/explain.ts'
import { runChecked } from '../../inference/network.ts'
import { planesTensor } from '../../inference/preprocess.ts'
import { openImage } from '../data/images/openImage.ts'
import { openExplained } from '../explanations/explainSet.ts'
import { openLungRegions, type LungRegions } from '../explanations/lungRegions.ts'
import { regionFor, yieldTurn, type Explained } from '../explanations/measureFilm.ts'
import { parseKept } from '../results/keptFiles.ts'
import { PACK } from '../runs/folder.ts'
import type { AnsweredImage, AnsweredImages } from './answeredImages.ts'

export interface RunMapRequest {
	runs: string
	id: string
	image: string
	/** For networks that see the lungs alone. */
	lungs: LungPack
}

interface Context {
	signal: AbortSignal
	onProgress(done: number, of: number): void
}

/** Makes maps of images that runs have answered on, one at a time: the network of the run that was asked for last stays open. */
export interface RunMaps {
	/**
	 * The exact Score-CAM of all labels.
	 * @throws UserError where the image is gone or has changed, the pack cannot be used, answers otherwise now, or nobody wants the map any more.
	 */
	map(request: RunMapRequest, context: Context): Promise<CamState>
}

/** Maps that are kept: who goes through the worst errors goes back too. */
const KEPT = 64

/** Answers may differ by this much of a logit, and this share of it, between machines and sizes of batches; another image differs by more. */
const TOLERANCE = { absolute: 0.02, share: 0.002 }

interface Opened {
	key: string
	explained: Explained
	lungs: LungRegions | null
}

export function createRunMaps(images: AnsweredImages): RunMaps {
	const kept = new Map<string, CamState>()
	let opened: Opened | null = null
	let last: Promise<unknown> = Promise.resolve()

	async function release(): Promise<void> {
		const before = opened
		opened = null
		await before?.explained.network.session.release()
		await before?.lungs?.release()
	}

	async function openPack(directory: string, lungPack: LungPack): Promise<Opened> {
		const manifest = parseKept(join(directory, PACK), 'model.json', modelManifestSchema)
		const key = JSON.stringify([directory, manifest.sha256, 'fault' in lungPack ? null : lungPack.manifest.sha256])
		if (opened?.key === key) return opened
		await release()
		const lungs = await openLungRegions([manifest], lungPack)
		try {
			opened = { key, explained: await openExplained({ graph: join(directory, PACK, 'model.onnx'), manifest }, 'paper', null, lungs), lungs }
			return opened
		} catch (error) {
			await lungs?.release()
			throw error
		}
	}

	async function make({ runs, id, image, lungs }: RunMapRequest, { signal, onProgress }: Context): Promise<CamState> {
		if (signal.aborted) throw new UserError('The map was cancelled.')
		const answered = images.find(runs, id, image)
		const { key, explained } = await openPack(answered.directory, lungs)
		const film = await openAnswered(answered, image, explained)
		const name = JSON.stringify([key, film.sha256])
		const known = kept.get(name)
		if (known) return known
		const { network, mode, layer } = explained
		const region = await regionFor(explained, film)
		const tensor = planesTensor(film, network.manifest.input, region)
		await refuseOtherAnswer(explained, tensor, answered, image)
		const state = await explainImage(network, { tensor, layer, mode }, { signal, progress: ({ channelsDone, channels }) => onProgress(channelsDone, channels), yieldTurn })
		const map = region ? { ...state, region } : state
		keepNewest(kept, KEPT, name, map)
		return map
	}

	return {
		map(request, context) {
			const turn = last.then(() => make(request, context))
			last = turn.catch(() => undefined)
			return turn
		},
	}
}

async function openAnswered({ path, sha256 }: AnsweredImage, image: string, { network }: Explained) {
	const film = await openImage(path, network.manifest.input.colour).catch((error: unknown) => {
		throw error instanceof UserError ? new UserError(`${image}: ${error.message}`, error.detail) : error
	})
	if (sha256 !== null && film.sha256 !== sha256) throw new UserError(`${image} has changed since the run answered on it, so there is no map of what it answered on.`)
	return film
}

/** A map of another answer would explain nothing: of an image whose hash was not noted, or where the lungs are found elsewhere now. */
async function refuseOtherAnswer({ network: { session, manifest } }: Explained, tensor: Float32Array, answered: AnsweredImage, image: string): Promise<void> {
	const { input, outputs, labels } = manifest
	const { [outputs.logits]: logits } = await runChecked(session, { [input.name]: { values: tensor, dims: [1, 3, input.height, input.width] } }, { [outputs.logits]: [1, labels.length] })
	const differs = answered.logits.some((before, label) => Math.abs((logits?.[label] ?? Number.NaN) - before) > TOLERANCE.absolute + TOLERANCE.share * Math.abs(before))
	if (differs) throw new UserError(`The network answers otherwise on ${image} than when the run ended: the image, or the network that finds the lungs, has changed. There is no map of its answer.`)
}
