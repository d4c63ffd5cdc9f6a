import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { LungPack } from '../../common/contract/lungs.ts'
import { domainSchema, type Domain, type ModelEntry, type ReadyModel } from '../../common/contract/model.ts'
import { kindInWords } from '../../common/text/kindsOfImage.ts'
import type { Selection } from './choice.ts'
import { isLungPack, readLungPack, readPack, type HashCache } from './pack.ts'

/** Two networks that answer with the same labels. */
export interface Reader {
	student: ReadyModel
	teacher: ReadyModel | null
}

/** A kind of image: who reads it, or why the one that was chosen for it cannot, in a sentence. */
export type Place = { domain: Domain } & (Reader | { fault: string })

/** The model packs of this program and of the user's folder. */
export interface Registry {
	/** Every pack, refused ones with their reason: the built-in ones first, by folder name. Looks at the folders again. */
	list(): ModelEntry[]
	/**
	 * For each kind of image, chest films first, the chosen student alone; where none is chosen, the first built-in one; a kind that has neither is left out.
	 * With each the selected teacher; where none is selected, or it answers with other labels than the student, the first one that has the student's.
	 * @param as What would be selected, in place of what is.
	 */
	places(as?: Selection): Place[]
	/** Those of the places whose student can be used. */
	readers(as?: Selection): Reader[]
	/** The student of the first place; null where it cannot be used. */
	student(): ReadyModel | null
	/** The teacher of the first place. */
	teacher(): ReadyModel | null
	/** Why a kind of image has no student; '' where each has one. */
	studentFault(): string
	studentById(id: string): ReadyModel | null
	bySha256(sha256: string): ReadyModel | null
	/** The network that marks the lungs: it comes with the program. */
	lungs(): LungPack
}

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

	const students = () => ready().filter((entry) => entry.manifest.role === 'student')

	function places(as: Selection = selected()): Place[] {
		return domainSchema.options.flatMap((domain): Place[] => {
			const wanted = as.students[domain]
			const fitting = students().filter((entry) => entry.manifest.domain === domain)
			// A student of the user's own is only used when it was chosen; it would change every answer by being copied into a folder.
			const student = fitting.find((entry) => (wanted === undefined ? entry.origin === 'built-in' : entry.manifest.id === wanted))
			if (student) return [{ domain, student, teacher: teacherOf(student, as) }]
			return wanted === undefined ? [] : [{ domain, fault: `No student reads ${kindInWords(domain)}. ${whyNot(wanted)} Choose another one under Admin, Models.` }]
		})
	}

	/** Why the student that was chosen for a kind of image does not read it. */
	function whyNot(id: string): string {
		const named = `The chosen pack "${id.slice(0, 80)}"`
		if (ready().some((entry) => entry.manifest.id === id)) return `${named} is no student for them.`
		const refused = packs.find((entry) => entry.state === 'refused' && basename(entry.directory) === id)
		return refused?.state === 'refused' ? refused.reason : `${named} is not there.`
	}

	function teacherOf(student: ReadyModel, { teacher: wanted }: Selection): ReadyModel | null {
		const teachers = ready().filter((entry) => entry.manifest.role === 'teacher')
		if (wanted !== null && !teachers.some((entry) => entry.manifest.id === wanted)) return null
		const fitting = teachers.filter((entry) => labelsOf(entry) === labelsOf(student))
		return fitting.find((entry) => entry.manifest.id === wanted) ?? fitting[0] ?? null
	}

	const readers = (as?: Selection) => places(as).flatMap((place) => ('fault' in place ? [] : [place]))

	function first(): Reader | null {
		const [place] = places()
		return place && 'student' in place ? place : null
	}

	return {
		list() {
			packs = look()
			lungs = readLungPack(join(builtIn, LUNGS), hashes)
			const chosen = new Set<ModelEntry | null>(readers().flatMap(({ student, teacher }) => [student, teacher]))
			return packs.map((entry) => (entry.state === 'ready' ? { ...entry, selected: chosen.has(entry) } : entry))
		},
		places,
		readers,
		student: () => first()?.student ?? null,
		teacher: () => first()?.teacher ?? null,
		studentFault() {
			const found = places()
			if (found.length > 0) return found.flatMap((place) => ('fault' in place ? [place.fault] : [])).join(' ')
			const refused = packs.find((entry) => entry.state === 'refused' && entry.origin === 'built-in')
			return `There is no student network. ${refused?.state === 'refused' ? refused.reason : 'No usable model pack came with the program.'}`
		},
		studentById: (id) => students().find((entry) => entry.manifest.id === id) ?? null,
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
