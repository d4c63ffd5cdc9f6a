import type { Analysis, Prediction } from '../../common/contract/analysis.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { EventHub } from '../eventHub.ts'
import type { FrameCache } from '../library/frameCache.ts'
import { findCachedAnalysis, saveAnalysis } from '../library/analyses.ts'
import { prefillFindings } from '../library/findings.ts'
import type { Library } from '../library/library.ts'
import { getInstance } from '../library/studies.ts'
import type { Place } from '../models/registry.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { answerByKind, askedAt, isOtherKind, type Asked } from './kindOfImage.ts'
import type { ModelLoader } from './modelLoader.ts'

export interface ImageReference {
	instanceId: number
	frameIndex: number
}

export interface Answers {
	/**
	 * The student's answer on an image: the stored one where the same model has answered, unless it is asked again. Where the first student's gate
	 * refuses it as another kind of image (tissue in colour, not a radiograph), that of the next whose gate lets it through. What may be the kind of a student that
	 * cannot be asked gets no answer.
	 * The teacher, where there is one, begins when the student has answered and tells its answer as an event.
	 * @throws UserError no model for that kind of image, unreadable image, failed or dead host.
	 */
	run(image: ImageReference & { again: boolean }): Promise<Analysis>
}

export interface AnswersOptions {
	library: Library
	frames: FrameCache
	hosts: HostCaller
	loader: ModelLoader
	events: EventHub
	softwareVersion: string
	/** Whoever may answer, or why not, in the order in which they are asked; at least one. */
	places(): readonly Place[]
	/** SHA-256 of the network that marks the lungs; null where there is none. */
	lungs?(): string | null
}

export function createAnswers(options: AnswersOptions): Answers {
	const { library, frames, hosts, loader, events } = options
	/** One run per image and model at a time: two windows that open the same film share the answer. */
	const running = new Map<string, Promise<Analysis>>()

	async function predict(image: ImageReference, model: ReadyModel): Promise<Prediction> {
		const instance = getInstance(library, image.instanceId)
		// The session is made while the film is decoded.
		const [frame] = await Promise.all([frames.frame(instance, image.frameIndex), loader.ready(model)])
		return hosts.call(
			'inference',
			'predict',
			{ modelSha256: model.manifest.sha256, framePath: frame.path, decodeMilliseconds: frame.decodeMilliseconds },
			{ subject: instance.fileName },
		)
	}

	async function answer(image: ImageReference, asked: readonly Asked[]): Promise<Analysis> {
		const { model, answer: prediction } = await answerByKind(asked, (each) => predict(image, each), ({ manifest }) => loader.fault(manifest.sha256) !== '')
		const analysis = saveAnalysis(library, {
			instanceId: image.instanceId,
			frameIndex: image.frameIndex,
			role: model.manifest.role,
			softwareVersion: options.softwareVersion,
			modelTitle: model.manifest.title,
			prediction,
		})
		prefillFindings(library, analysis)
		events.emit('analysis.changed', analysis)
		events.emit('library.changed', { studyId: analysis.studyId })
		return analysis
	}

	function answerOnce(image: ImageReference, asked: readonly Asked[], again: boolean): Promise<Analysis> {
		for (const model of again ? [] : asked) {
			if ('fault' in model) continue
			const stored = findCachedAnalysis(library, { ...image, modelSha256: model.manifest.sha256 })
			// Refused as another kind of image at a time when nobody else was there to be asked.
			if (stored && asked.length > 1 && isOtherKind(stored.prediction)) continue
			if (stored && sawTheSame(stored, model)) return Promise.resolve(stored)
		}
		const key = `${image.instanceId}/${image.frameIndex}/${asked.map((model) => ('fault' in model ? '' : model.manifest.sha256)).join('/')}`
		const run = running.get(key) ?? answer(image, asked).finally(() => running.delete(key))
		running.set(key, run)
		return run
	}

	/** Whether the network would see the same part of the film today: another lung network may find the lungs elsewhere. */
	function sawTheSame({ prediction }: Analysis, { manifest }: ReadyModel): boolean {
		return !manifest.input.region || (prediction.lungs?.model.sha256 ?? null) === (options.lungs?.() ?? null)
	}

	async function secondOpinion(image: ImageReference, teacher: ReadyModel, again: boolean): Promise<void> {
		try {
			await answerOnce(image, [teacher], again)
		} catch (error) {
			events.emit('notice', {
				level: 'warning',
				message: `The teacher did not answer. The student's answer stands. ${error instanceof Error ? error.message : ''}`.trim(),
				detail: error instanceof UserError ? error.detail : '',
			})
		}
	}

	return {
		async run({ instanceId, frameIndex, again }) {
			const image = { instanceId, frameIndex }
			const places = options.places()
			const analysis = await answerOnce(image, askedAt(places), again)
			const place = places.find((own) => 'student' in own && own.student.manifest.sha256 === analysis.prediction.model.sha256)
			const teacher = place && 'student' in place ? place.teacher : null
			if (analysis.prediction.gate.ok && teacher) void secondOpinion(image, teacher, again)
			return analysis
		},
	}
}
