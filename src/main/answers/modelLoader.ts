import type { LungPack } from '../../common/contract/lungs.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { BatchSizes } from './batchSizes.ts'
import { HostDiedError } from '../supervisor/hostDiedError.ts'

/** Sees to it that a pack's session stands in the inference host, self-tested, before anything is asked of it. */
export interface ModelLoader {
	/** @throws UserError where the self-test fails or the host does not start: then there is no answer. */
	ready(model: ReadyModel): Promise<void>
	/** Largest difference between golden and measured logits of the last self-test; null until it ran. */
	selfTestDifference(modelSha256: string): number | null
	/** Why the pack could not be loaded; '' where it could, or nobody tried. */
	fault(modelSha256: string): string
	/** After a map: keeps the batch size that the host has found fastest, so that the next process need not find it out. Never rejects. */
	keepBatchSize(model: ReadyModel): Promise<void>
	/** The host's process is new: its sessions are gone. */
	forget(): void
}

/** @param lungs The lung network, which answers on chest films ask first. */
export function createModelLoader(hosts: HostCaller, batchSizes: BatchSizes, onChange: () => void, lungs: () => LungPack | null = () => null): ModelLoader {
	const loads = new Map<string, Promise<void>>()
	const differences = new Map<string, number>()
	const faults = new Map<string, string>()

	async function load(model: ReadyModel): Promise<void> {
		const { sha256 } = model.manifest
		try {
			const { selfTestDifference } = await hosts.call('inference', 'load', { directory: model.directory, manifest: model.manifest, camBatch: batchSizes.get(sha256), lungs: lungs() }, { subject: model.manifest.title })
			differences.set(sha256, selfTestDifference)
			faults.delete(sha256)
		} catch (error) {
			// A process that ended, or was ended for another model, says nothing about this one.
			if (error instanceof HostDiedError) throw error
			differences.delete(sha256)
			const reason = error instanceof Error ? error.message : String(error)
			faults.set(sha256, reason)
			throw error instanceof UserError ? error : new UserError(reason)
		} finally {
			onChange()
		}
	}

	return {
		ready(model) {
			const { sha256 } = model.manifest
			const known = loads.get(sha256)
			if (known) return known
			const run = load(model)
			loads.set(sha256, run)
			run.catch(() => {
				if (loads.get(sha256) === run) loads.delete(sha256)
			})
			return run
		},
		async keepBatchSize({ manifest: { sha256, title } }) {
			if (batchSizes.get(sha256) !== null) return
			const { images } = await hosts.call('inference', 'camBatch', { modelSha256: sha256 }, { subject: title }).catch(() => ({ images: null }))
			if (images !== null) batchSizes.keep(sha256, images)
		},
		selfTestDifference: (sha256) => differences.get(sha256) ?? null,
		fault: (sha256) => faults.get(sha256) ?? '',
		forget: () => loads.clear(),
	}
}
