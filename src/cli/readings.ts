import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { CamMode, CamState, Gate, LabelAnswer, LungFinder, Prediction } from '../common/contract/analysis.ts'
import type { Faithfulness } from '../common/contract/explanation.ts'
import type { FileFacts } from '../common/contract/hosts.ts'
import type { ReadyModel } from '../common/contract/model.ts'
import type { FilmRegion } from '../common/contract/primitives.ts'
import { UserError } from '../common/contract/procedures.ts'
import { answerByKind, type Asked } from '../main/answers/kindOfImage.ts'
import type { Workrooms } from '../main/workrooms.ts'
import { encodeNpy } from './npy.ts'

/** What the commands on single files need: nothing is put into the library. */
export type ReadingRooms = Pick<Workrooms, 'supervisor' | 'loader' | 'registry'>

export type InspectAnswer =
	| (Pick<FileFacts, 'sha256' | 'kind' | 'transferSyntax' | 'photometric' | 'rows' | 'columns' | 'frames' | 'samplesPerPixel' | 'bitsStored' | 'min' | 'max' | 'notes'> & { file: string })
	| { file: string; sha256: string | null; refused: string }

/** Looks at one file; a bad one is an answer, not an error. */
export async function inspectFile(rooms: ReadingRooms, file: string): Promise<InspectAnswer> {
	try {
		await refuseWhatIsNoFile(file)
		const inspection = await rooms.supervisor.call('imaging', 'inspect', { path: resolve(file) }, { subject: file })
		if ('refused' in inspection) return { file, sha256: inspection.sha256 ?? (await hashFile(file)), refused: inspection.refused }
		if ('archive' in inspection) return { file, sha256: await hashFile(file), refused: 'This is a ZIP archive. Import it, or unpack it and inspect its files.' }
		const { sha256, kind, transferSyntax, photometric, rows, columns, frames, samplesPerPixel, bitsStored, min, max, notes } = inspection.facts
		return { file, sha256, kind, transferSyntax, photometric, rows, columns, frames, samplesPerPixel, bitsStored, min, max, notes }
	} catch (error) {
		return { file, sha256: await hashFile(file).catch(() => null), refused: error instanceof Error ? error.message : String(error) }
	}
}

export interface PredictAnswer {
	file: string
	sha256: string | null
	model: Prediction['model']
	gate: Gate
	labels: Pick<LabelAnswer, 'name' | 'logit' | 'probability' | 'operatingPoint' | 'positive'>[]
	abstained: boolean
	/** The lungs that were found on the film, and by whom; null where nobody looked. */
	lungs: NonNullable<Prediction['lungs']> | null
	/** The part of the film that the network saw; null: all of it. */
	region: FilmRegion | null
	milliseconds: Prediction['milliseconds']
}

/** The answer of the models, one of which can be asked, on the first frame of one file, as answerByKind. A file that cannot be read, or whose kind of image has no student that can be asked, has no answer but the reason, beside the first model. */
export async function predictFile(rooms: ReadingRooms, models: readonly Asked[], file: string): Promise<PredictAnswer> {
	const first = models.find((model) => 'manifest' in model)
	if (!first) throw new Error('There is no model to ask.')
	const { id, version, sha256: modelSha256 } = first.manifest
	const reference = { id, version, sha256: modelSha256 }
	const inspected = await inspectFile(rooms, file)
	if ('refused' in inspected) return refusal(file, inspected.sha256, reference, inspected.refused)
	try {
		return await withFrame(rooms, file, inspected.sha256, async (framePath, decodeMilliseconds) => {
			const { answer: prediction } = await answerByKind(models, async (model) => {
				await rooms.loader.ready(model)
				return rooms.supervisor.call('inference', 'predict', { modelSha256: model.manifest.sha256, framePath, decodeMilliseconds }, { subject: file })
			}, ({ manifest }) => rooms.loader.fault(manifest.sha256) !== '')
			return {
				file,
				sha256: inspected.sha256,
				model: prediction.model,
				gate: prediction.gate,
				labels: prediction.labels.map(({ name, logit, probability, operatingPoint, positive }) => ({ name, logit, probability, operatingPoint, positive })),
				abstained: prediction.abstained,
				lungs: prediction.lungs ?? null,
				region: prediction.region ?? null,
				milliseconds: prediction.milliseconds,
			}
		})
	} catch (error) {
		return refusal(file, inspected.sha256, reference, error instanceof Error ? error.message : String(error))
	}
}

function refusal(file: string, sha256: string | null, model: Prediction['model'], reason: string): PredictAnswer {
	return { file, sha256, model, gate: { ok: false, reasons: [reason], checks: [] }, labels: [], abstained: false, lungs: null, region: null, milliseconds: { decode: 0, preprocess: 0, run: 0, total: 0 } }
}

export interface ExplainRequest {
	file: string
	label: string
	layer: string | null
	mode: CamMode
	/** PNG of the film with the map over it. */
	out: string | null
	/** NumPy file of the map: by the paper's definition the ReLU of the weighted sum, not divided by its peak; by another program's, the map as that program gives it out. */
	raw: string | null
	/** Whether it is measured how faithful the map is. */
	faithfulness: boolean
	onProgress(state: CamState): void
	onMeasured(share: { done: number; of: number }): void
}

export interface ExplainAnswer extends PredictAnswer {
	label: string
	layer: string
	mode: CamMode
	channels: number
	passes: number
	exact: boolean
	seconds: number
	height: number
	width: number
	peak: number
	/** How much of the map lies inside the lungs, and who found them; null where nobody looked or the map is empty. */
	insideLungs: ({ energyShare: number; areaShare: number } & LungFinder) | null
	/** Null where it was not asked for. */
	faithfulness: Faithfulness | null
}

/** Score-CAM of one label on one file, of the model that answers on it (predictFile). @throws UserError for a refused file or gate, an unknown label or layer. */
export async function explainFile(rooms: ReadingRooms, models: readonly Asked[], request: ExplainRequest): Promise<ExplainAnswer> {
	const { file, label } = request
	const prediction = await predictFile(rooms, models, file)
	// Before the label: whoever refused the file is not the one to say which labels there are.
	if (!prediction.gate.ok || !prediction.sha256) throw new UserError(`${file}: ${prediction.gate.reasons.join(' ')}`)
	const model = models.find((own): own is ReadyModel => 'manifest' in own && own.manifest.sha256 === prediction.model.sha256)
	if (!model) throw new Error('Nobody has answered.')
	const { labels, outputs } = model.manifest
	if (!labels.some(({ name }) => name === label)) throw new UserError(`The model ${model.manifest.id} has no label ${label}. Its labels are ${labels.map(({ name }) => name).join(', ')}.`)
	if (request.layer !== null && !outputs.camLayers.some(({ name }) => name === request.layer)) {
		throw new UserError(`The model ${model.manifest.id} has no layer ${request.layer}. Its layers are ${outputs.camLayers.map(({ name }) => name).join(', ')}.`)
	}
	return withFrame(rooms, file, prediction.sha256, async (framePath) => {
		const state = await rooms.supervisor.call(
			'inference',
			'explain',
			{ modelSha256: model.manifest.sha256, framePath, layer: request.layer, mode: request.mode },
			{ subject: file, onProgress: request.onProgress },
		)
		await rooms.loader.keepBatchSize(model)
		const map = state.maps[label]
		const peak = state.peaks[label]
		if (!map || peak === undefined || !state.exact || state.preview) throw new UserError(`${file}: the map of ${label} did not come to its end.`)
		const { layer, mode, channels, passes, exact, seconds, height, width, region, lungs } = state
		if (mode !== request.mode) throw new UserError(`${file}: the map is by another definition (${mode}) than the one that was asked for.`)
		if (request.raw) await writeFile(request.raw, encodeNpy(Float32Array.from(map, (value) => (mode === 'paper' ? value * peak : value)), [height, width]))
		if (request.out) {
			await rooms.supervisor.call(
				'imaging',
				'render',
				{
					framePath, output: resolve(request.out), maxSide: 1024, window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false,
					map: { width, height, values: map, opacity: 0.5, threshold: 0, region },
				},
				{ subject: file },
			)
		}
		const faithfulness = request.faithfulness
			? await rooms.supervisor.call(
					'inference',
					'faithfulness',
					{ modelSha256: model.manifest.sha256, framePath, layer, mode, label, map: { height, width, values: map } },
					{ subject: file, onProgress: request.onMeasured },
				)
			: null
		const inside = lungs?.inside[label]
		return {
			...prediction, label, layer, mode, channels, passes, exact, seconds, height, width, peak, region: region ?? null,
			insideLungs: inside && lungs ? { ...inside, model: lungs.model, dice: lungs.dice } : null, faithfulness,
		}
	})
}

/** Decodes the first frame into a folder that is removed afterwards. */
async function withFrame<Result>(rooms: ReadingRooms, file: string, sha256: string, work: (framePath: string, decodeMilliseconds: number) => Promise<Result>): Promise<Result> {
	const folder = await mkdtemp(join(tmpdir(), 'negatoscope-'))
	try {
		const output = join(folder, 'first.frame')
		const { milliseconds } = await rooms.supervisor.call('imaging', 'decode', { path: resolve(file), sha256, frameIndex: 0, output }, { subject: file })
		return await work(output, milliseconds)
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
}

async function refuseWhatIsNoFile(file: string): Promise<void> {
	const facts = await stat(file).catch((error: NodeJS.ErrnoException) => {
		throw new UserError(error.code === 'ENOENT' ? 'There is no such file.' : `The file cannot be opened (${error.code}).`)
	})
	if (!facts.isFile()) throw new UserError(facts.isDirectory() ? 'This is a folder.' : 'This is not a regular file.')
}

async function hashFile(file: string): Promise<string> {
	const hash = createHash('sha256')
	await pipeline(createReadStream(file), hash)
	return hash.digest('hex')
}
