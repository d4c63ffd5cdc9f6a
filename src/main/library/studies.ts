import { UserError } from '../../common/contract/procedures.ts'
import type { Instance, Patient, Series, Study } from '../../common/contract/study.ts'
import { analysesOfStudy } from './analyses.ts'
import { inSnapshot, inTransaction, prepared } from './database.ts'
import { readingStateCode, readingStateOf, refreshSearchWords, refreshWorklistRow } from './worklist.ts'
import type { Library } from './library.ts'

interface InstanceRow {
	id: number
	seriesId: number
	studyId: number
	sha256: string
	kind: Instance['kind']
	fileName: string
	sopInstanceUid: string
	instanceNumber: number | null
	frames: number
	rows: number
	columns: number
	transferSyntax: string | null
	photometric: string
	notes: string
}

const INSTANCE_COLUMNS = `
	id, series_id AS seriesId, study_id AS studyId, sha256, kind, file_name AS fileName, sop_instance_uid AS sopInstanceUid,
	instance_number AS instanceNumber, frames, rows, columns, transfer_syntax AS transferSyntax, photometric, notes`

/** An instance with the study that it belongs to and where its bytes are. */
export interface LocatedInstance extends Instance {
	studyId: number
	path: string
}

/**
 * A study with its series, images, stored analyses (newest first) and the patient's other studies.
 * @throws UserError where there is none, or it was removed.
 */
export function getStudy(library: Library, studyId: number): Study {
	const { database } = library
	return inSnapshot(database, () => {
		const study = prepared<[number], Omit<Study, 'patient' | 'readingState' | 'series' | 'analyses' | 'others'> & { patientRow: number }>(database, `
			SELECT id, patient_row AS patientRow, study_instance_uid AS studyInstanceUid, date, time, age, description,
				accession_number AS accessionNumber, referring_physician AS referringPhysician, imported_at AS importedAt
			FROM studies WHERE id = ? AND deleted_at IS NULL
		`).get(studyId)
		if (!study) throw new UserError('This study is not in the library; it may have been removed.')
		const patient = prepared<[number], Patient>(database, 'SELECT id, name, patient_id AS patientId, sex, birth_date AS birthDate FROM patients WHERE id = ?').get(study.patientRow)
		if (!patient) throw new Error(`Study ${studyId} has no patient.`)
		const { patientRow, ...rest } = study
		return {
			...rest,
			patient,
			readingState: readingStateOf(readingStateCode(database, studyId)),
			series: seriesOf(library, studyId),
			analyses: analysesOfStudy(library, studyId),
			others: prepared<[number, number], Study['others'][number]>(database, `
				SELECT s.id AS studyId, s.date, s.description, w.modality
				FROM studies s JOIN worklist w ON w.study_id = s.id WHERE s.patient_row = ? AND s.id <> ? ORDER BY s.date DESC, s.id DESC LIMIT 500
			`).all(patientRow, studyId),
		}
	})
}

/** Takes a study from the worklist; its images, analyses and reports stay and come back with restoreStudy. */
export function removeStudy(library: Library, studyId: number): void {
	setRemoved(library, studyId, new Date().toISOString())
}

export function restoreStudy(library: Library, studyId: number): void {
	setRemoved(library, studyId, null)
}

/** @throws UserError where there is no such image. */
export function getInstance(library: Library, instanceId: number): LocatedInstance {
	const row = prepared<[number], InstanceRow>(library.database, `SELECT ${INSTANCE_COLUMNS} FROM instances WHERE id = ?`).get(instanceId)
	if (!row) throw new UserError('This image is not in the library.')
	return located(library, row)
}

/** The instance with these bytes, or null. */
export function findInstance(library: Library, sha256: string): LocatedInstance | null {
	const row = prepared<[string], InstanceRow>(library.database, `SELECT ${INSTANCE_COLUMNS} FROM instances WHERE sha256 = ?`).get(sha256)
	return row ? located(library, row) : null
}

/**
 * A study as a person names it on the command line: its number, or its StudyInstanceUID.
 * @throws UserError where no study, or more than one, has that name.
 */
export function findStudyId(library: Library, name: string): number {
	const ids = prepared<[number | null, string], { id: number }>(library.database, 'SELECT id FROM studies WHERE (id = ? OR study_instance_uid = ?) AND deleted_at IS NULL LIMIT 2')
		.all(/^[1-9]\d{0,14}$/.test(name) ? Number(name) : null, name)
	const [first, second] = ids
	if (!first) throw new UserError(`There is no study ${name} in the library.`)
	if (second) throw new UserError(`More than one study is called ${name}; give its number.`)
	return first.id
}

function setRemoved(library: Library, studyId: number, at: string | null): void {
	const { database } = library
	inTransaction(database, () => {
		const { changes } = prepared(database, 'UPDATE studies SET deleted_at = ? WHERE id = ?').run(at, studyId)
		if (changes === 0) throw new UserError('This study is not in the library.')
		refreshWorklistRow(database, studyId)
		if (at === null) refreshSearchWords(database, studyId)
	})
}

function seriesOf(library: Library, studyId: number): Series[] {
	const instances = prepared<[number], InstanceRow>(library.database, `
		SELECT ${INSTANCE_COLUMNS} FROM instances WHERE study_id = ? ORDER BY instance_number IS NULL, instance_number, id
	`).all(studyId)
	const series = prepared<[number], Omit<Series, 'instances'>>(library.database, `
		SELECT id, modality, description, body_part AS bodyPart, laterality, view_position AS viewPosition, number
		FROM series WHERE study_id = ? ORDER BY number IS NULL, number, id
	`).all(studyId)
	const bySeries = Map.groupBy(instances, (row) => row.seriesId)
	return series.map((row) => ({ ...row, instances: (bySeries.get(row.id) ?? []).map(instanceOf) }))
}

function instanceOf(row: InstanceRow): Instance {
	const { studyId: _, notes, ...rest } = row
	return { ...rest, notes: JSON.parse(notes) as string[] }
}

function located(library: Library, row: InstanceRow): LocatedInstance {
	return { ...instanceOf(row), studyId: row.studyId, path: library.objects.pathOf(row.sha256) }
}
