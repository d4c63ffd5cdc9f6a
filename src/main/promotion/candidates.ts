import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { candidateReferenceSchema, type Candidate, type CandidateReference } from '../../common/contract/promotion.ts'
import type { ModelManifest, ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { whyNotComparable } from '../../common/text/comparable.ts'
import { kindInWords } from '../../common/text/kindsOfImage.ts'
import { comparedModel } from '../models/identity.ts'
import { isLungPack, openPack, type HashCache } from '../models/pack.ts'
import { requirePapers } from '../models/packFile.ts'
import type { Registry } from '../models/registry.ts'

/** Packs that may be promoted: none of them reads before it is. */
export interface Candidates {
	/** Every pack of a finished run, then every imported one, by name; refused ones with their reason. Looks at the folders again. */
	list(): Candidate[]
	/** The pack as it is now. @throws UserError where it is not there or refused. */
	open(candidate: CandidateReference): ReadyModel
	/** The model that reads now and that a candidate is held against, or why there is none, in a sentence. */
	currentFor(manifest: ModelManifest): { current: ReadyModel; reason: '' } | { current: ReadyModel | null; reason: string }
	/** Where imported packs lie. */
	folder: string
}

/** Folders that are not looked at beyond so many. */
const MOST = 500

export function createCandidates({ home, registry }: { home: string; registry: Registry }): Candidates {
	const hashes: HashCache = new Map()
	const folder = join(home, 'candidates')
	const runs = join(home, 'runs')

	const directoryOf = ({ origin, id }: CandidateReference) => (origin === 'run' ? join(runs, id, 'pack') : join(folder, id))

	function read(candidate: CandidateReference): ReadyModel {
		const pack = openPack(directoryOf(candidate), hashes)
		requirePapers(pack)
		return pack
	}

	function currentFor(manifest: ModelManifest): ReturnType<Candidates['currentFor']> {
		const place = registry.places().find(({ domain }) => domain === manifest.domain)
		if (!place || 'fault' in place) return { current: null, reason: place?.fault ?? `No student reads ${kindInWords(manifest.domain)}, so there is none that ${manifest.title} could be held against.` }
		const reason = whyNotComparable(place.student.manifest, manifest)
		if (reason !== '') return { current: null, reason }
		// Where no teacher reads, a new one is held against the student whose second opinion it would be.
		const current = manifest.role === 'teacher' ? (place.teacher ?? place.student) : place.student
		if (current.manifest.sha256 === manifest.sha256) return { current, reason: `${manifest.title} is the model that reads now.` }
		return { current, reason: '' }
	}

	function about(candidate: CandidateReference): Candidate {
		const directory = directoryOf(candidate)
		try {
			const { manifest } = read(candidate)
			const { current, reason } = currentFor(manifest)
			const { architecture, parameters, task, domain, labels, training, licence } = manifest
			return {
				state: 'ready', candidate, directory, reason, current: current && comparedModel(current.manifest), installed: registry.bySha256(manifest.sha256)?.manifest.id ?? null,
				about: { ...comparedModel(manifest), architecture, parameters, task, domain, labels: labels.map(({ name }) => name), training, licence },
			}
		} catch (error) {
			if (!(error instanceof UserError)) throw error
			return { state: 'refused', candidate, directory, reason: error.message }
		}
	}

	return {
		folder,
		list() {
			registry.list()
			const ofRuns = foldersOf(runs).filter((id) => existsSync(join(runs, id, 'pack')) && !isLungPack(join(runs, id, 'pack'))).map((id) => ({ origin: 'run' as const, id }))
			const imported = foldersOf(folder).map((id) => ({ origin: 'imported' as const, id }))
			return [...ofRuns, ...imported].filter((candidate) => candidateReferenceSchema.safeParse(candidate).success).slice(0, MOST).map(about)
		},
		open(candidate) {
			const title = `${candidate.origin === 'run' ? 'The run' : 'The imported pack'} ${candidate.id.slice(0, 96)}`
			// A name is all that comes from outside: it cannot lead anywhere else.
			if (!candidateReferenceSchema.safeParse(candidate).success || !existsSync(directoryOf(candidate))) throw new UserError(candidate.origin === 'run' ? `${title} has no finished model pack.` : `${title} is not there.`)
			try {
				return read(candidate)
			} catch (error) {
				throw error instanceof UserError ? new UserError(`${title} cannot be used. ${error.message}`, error.detail) : error
			}
		},
		currentFor,
	}
}

/** Names of the folders in a folder, those that are hidden or links left out. */
function foldersOf(folder: string): string[] {
	try {
		return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => basename(name)).toSorted()
	} catch {
		return []
	}
}
