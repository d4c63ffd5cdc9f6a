import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { predictionSchema } from '../../common/contract/analysis.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { inSnapshot, prepared } from './database.ts'
import type { FrameCache } from './frameCache.ts'
import type { Library } from './library.ts'
import { getInstance } from './studies.ts'

/** What readers have decided of one image. */
export interface DecidedImage {
	instanceId: number
	frameIndex: number
	/** Stands for the patient: nothing of the name or number is in it. */
	group: string
	/** By label name: 1, 0, or null where nobody has decided. */
	truth: Record<string, 0 | 1 | null>
}

interface Row {
	instanceId: number
	frameIndex: number
	studyId: number
	patient: number
	signed: number
	ownFindings: number
	prediction: string
}

/**
 * Truth as the readers of this library decided it. A network's finding that was accepted is 1, one that was rejected 0, one that nobody touched is not known. In a study
 * whose report is signed, what the network did not find and nobody added is 0; a label that is no finding (normal) is 1 where all findings are 0 and the reader wrote
 * none of his own, and 0 where one is there. Images of which nothing is known are left out.
 */
export function decidedImages(library: Library): DecidedImage[] {
	const { database } = library
	return inSnapshot(database, () => {
		const rows = prepared<[], Row>(database, `
			SELECT a.instance_id AS instanceId, a.frame_index AS frameIndex, a.study_id AS studyId, s.patient_row AS patient, a.prediction,
				EXISTS (SELECT 1 FROM reports r WHERE r.study_id = s.id) AS signed,
				(SELECT count(*) FROM findings o WHERE o.study_id = s.id AND o.origin = 'reader' AND o.status = 'accepted') AS ownFindings
			FROM analyses a JOIN studies s ON s.id = a.study_id AND s.deleted_at IS NULL
			WHERE a.id = (SELECT max(n.id) FROM analyses n WHERE n.instance_id = a.instance_id AND n.frame_index = a.frame_index AND n.role = 'student')
			ORDER BY a.instance_id, a.frame_index
		`).all()
		const findings = prepared<[number, number], { label: string; status: string }>(database, `
			SELECT label, status FROM findings WHERE instance_id = ? AND frame_index = ? AND origin = 'network' AND label IS NOT NULL
		`)
		return rows.map(({ instanceId, frameIndex, patient, signed, ownFindings, prediction }) => {
			const { labels } = predictionSchema.parse(JSON.parse(prediction))
			const status = new Map(findings.all(instanceId, frameIndex).map((finding) => [finding.label, finding.status]))
			const truth = new Map<string, 0 | 1 | null>()
			for (const { name, finding } of labels) {
				if (!finding) continue
				const said = status.get(name)
				truth.set(name, said === 'accepted' ? 1 : said === 'rejected' ? 0 : said === undefined && signed === 1 ? 0 : null)
			}
			const values = [...truth.values()]
			const nothing = signed === 1 && ownFindings === 0 && values.every((value) => value === 0)
			for (const { name, finding } of labels) if (!finding) truth.set(name, values.includes(1) ? 0 : nothing ? 1 : null)
			return { instanceId, frameIndex, group: `p${patient}`, truth: Object.fromEntries(truth) }
		}).filter(({ truth }) => Object.values(truth).some((value) => value !== null))
	})
}

/**
 * Writes what readers decided as a data set for training: images/*.png (8 bits in the default window, as a network sees them) and manifest.csv with
 * `label` (where exactly one is present), a column per label, `patient_or_group` and `source`. No name, number or date goes with it; what is burnt into pixels does.
 * The folder is new or empty, and has everything or is left as it was.
 * @throws UserError where the folder is not empty, nothing is decided, or an image cannot be read.
 */
export async function exportDataSet(options: {
	library: Library
	frames: FrameCache
	hosts: HostCaller
	folder: string
	onProgress?: (done: number, total: number) => void
}): Promise<{ images: number; labels: string[]; patients: number }> {
	const folder = resolve(options.folder)
	const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return null
		throw new UserError(`${folder} is not a folder that can be read.`, String(error))
	})
	if (there !== null && there.length > 0) throw new UserError(`The folder ${folder} is not empty.`)
	const decided = decidedImages(options.library)
	if (decided.length === 0) throw new UserError('No reader has accepted or rejected a finding of a network, so there is nothing to learn from.')
	const labels = [...new Set(decided.flatMap(({ truth }) => Object.keys(truth)))].toSorted()
	const temporary = join(dirname(folder), `.${randomUUID()}.part`)
	try {
		await mkdir(join(temporary, 'images'), { recursive: true, mode: 0o700 })
		const lines = [['file', 'label', ...labels, 'patient_or_group', 'source']]
		for (const [index, { instanceId, frameIndex, group, truth }] of decided.entries()) {
			const file = `images/${instanceId}_${frameIndex}.png`
			const { path } = await options.frames.frame(getInstance(options.library, instanceId), frameIndex)
			await options.hosts.call('imaging', 'render', {
				framePath: path, output: join(temporary, file), maxSide: 16384, window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false, map: null,
			})
			const present = labels.filter((label) => truth[label] === 1)
			lines.push([file, present.length === 1 ? (present[0] ?? '') : '', ...labels.map((label) => String(truth[label] ?? '')), group, 'negatoscope'])
			options.onProgress?.(index + 1, decided.length)
		}
		await writeFile(join(temporary, 'manifest.csv'), lines.map((fields) => `${fields.map(quoted).join(',')}\n`).join(''), { mode: 0o600 })
		if (there !== null) await rmdir(folder)
		await rename(temporary, folder)
	} finally {
		await rm(temporary, { recursive: true, force: true })
	}
	return { images: decided.length, labels, patients: new Set(decided.map(({ group }) => group)).size }
}

function quoted(field: string): string {
	return /[",\r\n;\t]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
