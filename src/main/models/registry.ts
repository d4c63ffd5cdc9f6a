import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { LungPack } from '../../common/contract/lungs.ts'
import type { ModelEntry, ModelManifest, ReadyModel } from '../../common/contract/model.ts'
import type { Settings } from '../../common/contract/system.ts'
import { isLungPack, readLungPack, readPack, type HashCache } from './pack.ts'

/** Two networks that answer with the same labels. */
export interface Reader {
	student: ReadyModel
	teacher: ReadyModel | null
}

/** The model packs of this program and of the user's folder. */
export interface Registry {
	/** Every pack, refused ones with their reason: the built-in ones first, by folder name. Looks at the folders again. */
	list(): ModelEntry[]
	/**
	 * The selected student alone; where none is selected, the first built-in one of each domain, chest films first. Empty where the selected one cannot be used.
	 * With each the selected teacher; where none is selected, or it answers with other labels than the student, the first one that has the student's.
	 * @param as What would be selected, in place of what is.
	 */
	readers(as?: Selection): Reader[]
	/** The student of the first reader. */
	student(): ReadyModel | null
	/** The teacher of the first reader. */
	teacher(): ReadyModel | null
	/** Why there is no student; '' where there is one. */
	studentFault(): string
	bySha256(sha256: string): ReadyModel | null
	/** The network that marks the lungs: it comes with the program. */
	lungs(): LungPack
}

/** Ids of the selected student and teacher; null: the first that fits. */
export type Selection = Pick<Settings, 'student' | 'teacher'>

export interface RegistryOptions {
	/** Folder of the packs that come with the program. */
	builtIn: string
	/** Folder of the user's packs; need not exist. */
	user: string
	selected(): Selection
}

/** More folders than this are not looked at. */
const MOST_PACKS = 200
/** The id that selects no teacher at all: null takes the first one that fits. */
export const NO_TEACHER = ''
/** In the order in which their students are asked. */
const DOMAINS: readonly ModelManifest['domain'][] = ['chest-radiograph', 'histology']
/** Folder of the lung network among the packs that come with the program. */
const LUNGS = 'lungs'

export function createRegistry({ builtIn, user, selected }: RegistryOptions): Registry {
	const hashes: HashCache = new Map()
	let packs = look()
	let lungs = readLungPack(join(builtIn, LUNGS), hashes)

	function look(): ModelEntry[] {
		const found = [
			...packFolders(builtIn).map((directory) => readPack(directory, 'built-in', hashes)),
			...packFolders(user).map((directory) => readPack(directory, 'user', hashes)),
		]
		return refuseRepeated(found)
	}

	function ready(): ReadyModel[] {
		return packs.filter((entry) => entry.state === 'ready')
	}

	function students({ student: wanted }: Selection = selected()): ReadyModel[] {
		const candidates = ready().filter((entry) => entry.manifest.role === 'student')
		if (wanted !== null) return candidates.filter((entry) => entry.manifest.id === wanted)
		// A student of the user's own is only used when it was chosen; it would change every answer by being copied into a folder.
		const own = candidates.filter((entry) => entry.origin === 'built-in')
		return DOMAINS.flatMap((domain) => own.find((entry) => entry.manifest.domain === domain) ?? [])
	}

	function teacherOf(student: ReadyModel, { teacher: wanted }: Selection): ReadyModel | null {
		const teachers = ready().filter((entry) => entry.manifest.role === 'teacher')
		if (wanted !== null && !teachers.some((entry) => entry.manifest.id === wanted)) return null
		const fitting = teachers.filter((entry) => labelsOf(entry) === labelsOf(student))
		return fitting.find((entry) => entry.manifest.id === wanted) ?? fitting[0] ?? null
	}

	const readers = (as: Selection = selected()) => students(as).map((student) => ({ student, teacher: teacherOf(student, as) }))

	return {
		list() {
			packs = look()
			lungs = readLungPack(join(builtIn, LUNGS), hashes)
			const chosen = new Set<ModelEntry | null>(readers().flatMap(({ student, teacher }) => [student, teacher]))
			return packs.map((entry) => (entry.state === 'ready' ? { ...entry, selected: chosen.has(entry) } : entry))
		},
		readers,
		student: () => students()[0] ?? null,
		teacher: () => readers()[0]?.teacher ?? null,
		studentFault() {
			if (students().length > 0) return ''
			const wanted = selected().student
			const refused = packs.find((entry) => entry.state === 'refused' && (wanted === null ? entry.origin === 'built-in' : basename(entry.directory) === wanted))
			if (refused?.state === 'refused') return `There is no student network. ${refused.reason}`
			return wanted === null ? 'There is no student network: no usable model pack came with the program.' : `There is no student network: the selected pack "${wanted}" is not there.`
		},
		lungs: () => lungs,
		bySha256: (sha256) => ready().find((entry) => entry.manifest.sha256 === sha256) ?? null,
	}
}

/** The set of labels that a pack answers with, as a text to compare. */
function labelsOf({ manifest }: ReadyModel): string {
	return JSON.stringify(manifest.labels.map(({ name }) => name).toSorted())
}

/** Everything in the folder that could be meant as a pack: folders and links, not loose files or hidden names. */
function packFolders(folder: string): string[] {
	try {
		return readdirSync(folder, { withFileTypes: true })
			.filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
			.map((entry) => join(folder, entry.name))
			.filter((directory) => !isLungPack(directory))
			.toSorted()
			.slice(0, MOST_PACKS)
	} catch {
		return []
	}
}

/** An id or a graph names one pack; whoever comes later is refused. */
function refuseRepeated(entries: ModelEntry[]): ModelEntry[] {
	const owners = new Map<string, string>()
	return entries.map((entry) => {
		if (entry.state === 'refused') return entry
		const { id, sha256 } = entry.manifest
		const owner = owners.get(id) ?? owners.get(sha256)
		if (owner !== undefined) {
			const what = owners.has(id) ? `the id "${id}"` : 'the same network'
			return { state: 'refused', directory: entry.directory, origin: entry.origin, reason: `${basename(entry.directory)}: The pack "${owner}" already has ${what}.` }
		}
		owners.set(id, basename(entry.directory))
		owners.set(sha256, basename(entry.directory))
		return entry
	})
}
