import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Candidate, CandidateReference } from '../../common/contract/promotion.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { evaluationReportSchema } from '../../common/contract/training/evaluation.ts'
import { temporaryName } from '../library/home.ts'
import type { Library } from '../library/library.ts'
import { isOutOfSpace } from '../library/outOfSpace.ts'
import { moveIntoPlace } from '../models/copyPack.ts'
import { openPack } from '../models/pack.ts'
import { requirePapers } from '../models/packFile.ts'
import type { Registry } from '../models/registry.ts'
import { freeId } from '../names.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { Candidates } from './candidates.ts'

export interface ImportOptions {
	library: Library
	registry: Registry
	candidates: Candidates
	hosts: HostCaller
}

/**
 * Takes a pack file over as a candidate: unpacked by the training process into the temporary folder, checked as the registry would, tested with its golden logits, and only
 * then moved to the candidates, whole.
 * @param name that the person knows the file by.
 * @throws UserError with the reason; nothing is left behind then.
 */
export async function importPack(path: string, name: string, { library, registry, candidates, hosts }: ImportOptions): Promise<CandidateReference> {
	const temporary = join(library.paths.temporary, temporaryName())
	try {
		await mkdir(temporary, { recursive: true, mode: 0o700 })
		await hosts.call('review', 'unpackPack', { path, into: temporary }, { subject: name })
		const pack = openPack(temporary, new Map())
		requirePapers(pack)
		checkEvaluation(pack)
		refuseKnown(pack, registry, candidates.list())
		await hosts.call('review', 'testPack', { directory: temporary, manifest: pack.manifest }, { subject: name })
		const id = freeId(pack.manifest.id, (wanted) => existsSync(join(candidates.folder, wanted)))
		await moveIntoPlace(temporary, join(candidates.folder, id))
		return { origin: 'imported', id }
	} catch (error) {
		// A full disk is told as everywhere, and is no fault of the file.
		if (!(error instanceof UserError) || isOutOfSpace(error)) throw error
		throw new UserError(`${basename(name).slice(0, 200)} was not imported. ${error.message}`, error.detail)
	} finally {
		await rm(temporary, { recursive: true, force: true })
	}
}

/** Removes an imported pack; one that was promoted stays among the models. @throws UserError where there is none. */
export async function removeImported({ origin, id }: CandidateReference, { library, candidates }: Pick<ImportOptions, 'library' | 'candidates'>): Promise<void> {
	const directory = join(candidates.folder, id)
	if (origin !== 'imported') throw new UserError('A pack that a run has made stays with its run.')
	if (!existsSync(directory)) throw new UserError(`The imported pack ${id} is not there.`)
	// Out of the list at once; what a process that ends leaves in the temporary folder is swept.
	const temporary = join(library.paths.temporary, temporaryName())
	await rename(directory, temporary)
	await rm(temporary, { recursive: true, force: true })
}

/** evaluation.json is for people and tables: one of another network would be believed. */
function checkEvaluation({ directory, manifest }: ReadyModel): void {
	const path = join(directory, 'evaluation.json')
	if (!existsSync(path)) return
	let json: unknown
	try {
		json = JSON.parse(readFileSync(path, 'utf8'))
	} catch {
		throw new UserError('evaluation.json is not JSON.')
	}
	const report = evaluationReportSchema.safeParse(json)
	if (!report.success) throw new UserError(`evaluation.json is not valid at "${report.error.issues[0]?.path.join('.') ?? ''}".`)
	if (report.data.model.sha256 !== manifest.sha256) throw new UserError('evaluation.json is of another network: its SHA-256 differs.')
}

function refuseKnown({ manifest }: ReadyModel, registry: Registry, known: readonly Candidate[]): void {
	const installed = registry.bySha256(manifest.sha256)
	if (installed) throw new UserError(`The installed pack ${installed.manifest.id} already has the same network.`)
	const other = known.find((one) => one.state === 'ready' && one.about.sha256 === manifest.sha256)
	if (other) throw new UserError(`${other.candidate.origin === 'run' ? 'The run' : 'The imported pack'} ${other.candidate.id} already has the same network.`)
}
