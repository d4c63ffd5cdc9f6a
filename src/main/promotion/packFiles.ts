import type { CandidateReference } from '../../common/contract/promotion.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { openPackFile, type PackFile } from '../models/packFile.ts'
import type { Registry } from '../models/registry.ts'
import type { Candidates } from './candidates.ts'

/** Packs as single files, to be handed on: installed ones by their id, and candidates. */
export interface PackFiles {
	/** @throws UserError where there is no such pack, or it cannot be handed on. */
	open(origin: 'installed' | CandidateReference['origin'], id: string): Promise<PackFile>
	/** The installed pack of this id, else that of the run, else the imported one. @throws UserError where there is none. */
	find(id: string): Promise<PackFile>
}

export function createPackFiles({ registry, candidates }: { registry: Registry; candidates: Candidates }): PackFiles {
	const installed = (id: string) => registry.list().find((entry): entry is ReadyModel => entry.state === 'ready' && entry.manifest.id === id)
	return {
		async open(origin, id) {
			if (origin !== 'installed') return openPackFile(candidates.open({ origin, id }))
			const pack = installed(id)
			if (!pack) throw new UserError(`There is no usable model pack ${id.slice(0, 80)}.`)
			return openPackFile(pack)
		},
		async find(id) {
			const pack = installed(id)
			if (pack) return openPackFile(pack)
			const known = candidates.list().find(({ candidate }) => candidate.id === id)
			if (!known) throw new UserError(`There is no model pack ${id.slice(0, 80)}: neither an installed one, nor of a run, nor an imported one.`)
			return openPackFile(candidates.open(known.candidate))
		},
	}
}
