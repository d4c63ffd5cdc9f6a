import type { Analysis } from '../../common/contract/analysis.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { EventHub } from '../eventHub.ts'
import type { FrameCache } from '../library/frameCache.ts'
import { findCachedAnalysis, saveAnalysis } from '../library/analyses.ts'
import { prefillFindings } from '../library/findings.ts'
import type { Library } from '../library/library.ts'
import { getInstance } from '../library/studies.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { ModelLoader } from './modelLoader.ts'

export interface ImageReference {
	instanceId: number
	frameIndex: number
}

export interface Answers {
	/**
	 * The student's answer on an image: the stored one where the same model has answered, unless it is asked again.
	 * The teacher, where one is chosen, begins when the student has answered and tells its answer as an event.
	 * @throws UserError no model, unreadable image, failed or dead host.
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
	student(): ReadyModel
	teacher(): ReadyModel | null
	/** SHA-256 of the network that marks the lungs; null where there is none. */
	lungs?(): string | null
}

export function createAnswers(options: AnswersOptions): Answers {
	const { library, frames, hosts, loader, events } = options
	/** One run per image and model at a time: two windows that open the same film share the answer. */
	const running = new Map<string, Promise<Analysis>>()

	async function answer(image: ImageReference, model: ReadyModel): Promise<Analysis> {
		const instance = getInstance(library, image.instanceId)
		// The session is made while the film is decoded.
		const [frame] = await Promise.all([frames.frame(instance, image.frameIndex), loader.ready(model)])
		const prediction = await hosts.call(
			'inference',
			'predict',
			{ modelSha256: model.manifest.sha256, framePath: frame.path, decodeMilliseconds: frame.decodeMilliseconds },
			{ subject: instance.fileName },
		)
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

	function answerOnce(image: ImageReference, model: ReadyModel, again: boolean): Promise<Analysis> {
		const stored = again ? null : findCachedAnalysis(library, { ...image, modelSha256: model.manifest.sha256 })
		if (stored && sawTheSame(stored, model)) return Promise.resolve(stored)
		const key = `${image.instanceId}/${image.frameIndex}/${model.manifest.sha256}`
		const run = running.get(key) ?? answer(image, model).finally(() => running.delete(key))
		running.set(key, run)
		return run
	}

	/** Whether the network would see the same part of the film today: another lung network may find the lungs elsewhere. */
	function sawTheSame({ prediction }: Analysis, { manifest }: ReadyModel): boolean {
		return !manifest.input.region || (prediction.lungs?.model.sha256 ?? null) === (options.lungs?.() ?? null)
	}

	async function secondOpinion(image: ImageReference, again: boolean): Promise<void> {
		const teacher = options.teacher()
		if (!teacher) return
		try {
			await answerOnce(image, teacher, again)
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
			const analysis = await answerOnce(image, options.student(), again)
			if (analysis.prediction.gate.ok) void secondOpinion(image, again)
			return analysis
		},
	}
}
