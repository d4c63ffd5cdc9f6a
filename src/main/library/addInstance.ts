import { createHash } from 'node:crypto'
import type { FileFacts } from '../../common/contract/hosts.ts'
import { ageAt, normalisedDate, normalisedTime } from './dates.ts'
import { inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'
import { foldedWords } from './words.ts'
import { refreshSearchWords, refreshWorklistRow } from './worklist.ts'

export interface NewInstance {
	facts: FileFacts
	/** For the person who looks for it; no path. */
	fileName: string
}

export interface AddedInstance {
	instanceId: number
	studyId: number
	/** duplicate: the library had these bytes. restored: it had, in a study that was removed and is back now. */
	outcome: 'added' | 'duplicate' | 'restored'
}

interface PatientRow {
	id: number
	patient_id: string
	name: string
	name_key: string
	birth_date: string
}

interface Identity {
	patientId: string
	name: string
	nameKey: string
	sex: string
	birthDate: string
}

/** The object of a file that is about to be entered is not in the store; put it again. */
export class MissingObjectError extends Error {}

/**
 * Enters a file whose bytes are in the object store: its patient, study and series where they are new, and itself, all in one
 * transaction. The same bytes add nothing; where their study was removed, it comes back.
 *
 * A study is told by its StudyInstanceUID and its patient, a series by its SeriesInstanceUID within the study; a file without
 * these (PNG, JPEG, TIFF) makes a study of its own under a UID derived from its bytes.
 *
 * @throws MissingObjectError
 */
export function addInstance(library: Library, { facts, fileName }: NewInstance): AddedInstance {
	const { database } = library
	return inTransaction(database, () => {
		// Inside the transaction: a sweep removes unused objects under the same lock.
		if (!library.objects.has(facts.sha256)) throw new MissingObjectError('The file is not in the object store.')
		const known = prepared<[string], { id: number; study_id: number }>(database, 'SELECT id, study_id FROM instances WHERE sha256 = ?').get(facts.sha256)
		if (known) return { instanceId: known.id, studyId: known.study_id, outcome: restore(library, known.study_id) ? 'restored' : 'duplicate' }
		const now = new Date().toISOString()
		const notes = [...facts.notes]
		const studyId = studyOf(library, facts, fileName, now, notes)
		const seriesId = seriesOf(library, facts, studyId)
		// Said twice for the index, which leaves files without a UID out.
		const twin = prepared(database, `SELECT 1 FROM instances WHERE sop_instance_uid = ? AND sop_instance_uid <> ''`).get(facts.sopInstanceUid)
		if (twin) notes.push('Another file in the library has the same SOP Instance UID and other bytes; both are kept.')
		const { lastInsertRowid } = prepared(database, `
			INSERT INTO instances (series_id, study_id, sha256, bytes, kind, file_name, sop_instance_uid, sop_class_uid, instance_number, frames,
				rows, columns, samples_per_pixel, bits_stored, transfer_syntax, photometric, notes, imported_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		`).run(
			seriesId, studyId, facts.sha256, facts.bytes, facts.kind, fileName, facts.sopInstanceUid, facts.sopClassUid, facts.instanceNumber,
			facts.frames, facts.rows, facts.columns, facts.samplesPerPixel, facts.bitsStored, facts.transferSyntax, facts.photometric,
			JSON.stringify(notes), now,
		)
		prepared(database, 'UPDATE studies SET deleted_at = NULL WHERE id = ? AND deleted_at IS NOT NULL').run(studyId)
		refreshWorklistRow(database, studyId)
		refreshSearchWords(database, studyId)
		return { instanceId: Number(lastInsertRowid), studyId, outcome: 'added' }
	})
}

/** A UID under 2.25 (PS3.5 B.2) from 128 bits of the SHA-256 of a text. */
export function derivedUid(text: string): string {
	return `2.25.${BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)}`
}

function restore({ database }: Library, studyId: number): boolean {
	const { changes } = prepared(database, 'UPDATE studies SET deleted_at = NULL WHERE id = ? AND deleted_at IS NOT NULL').run(studyId)
	if (changes === 0) return false
	refreshWorklistRow(database, studyId)
	refreshSearchWords(database, studyId)
	return true
}

function studyOf(library: Library, facts: FileFacts, fileName: string, now: string, notes: string[]): number {
	const { database } = library
	const { patient, study } = facts
	const identity: Identity = {
		patientId: patient.patientId, name: patient.name, nameKey: foldedWords(patient.name).join(' '), sex: patient.sex, birthDate: normalisedDate(patient.birthDate),
	}
	const uid = study.instanceUid || derivedUid(facts.sha256)
	const values = {
		date: normalisedDate(study.date),
		time: normalisedTime(study.time),
		age: study.age || ageAt(identity.birthDate, normalisedDate(study.date)),
		description: study.description || (study.instanceUid ? '' : fileName),
		accession: study.accessionNumber,
		referring: study.referringPhysician,
	}
	const known = prepared<[string], PatientRow & { study_id: number }>(database, `
		SELECT s.id AS study_id, p.id, p.patient_id, p.name, p.name_key, p.birth_date FROM studies s JOIN patients p ON p.id = s.patient_row WHERE s.study_instance_uid = ? ORDER BY s.id
	`).all(uid)
	const same = known.find((row) => row.patient_id === identity.patientId && row.name_key === identity.nameKey && agree(row.birth_date, identity.birthDate)) ?? known.find((row) => isCompatible(row, identity))
	if (same) {
		// The first file of a study may be one that says less of it than the others do.
		prepared(database, `
			UPDATE studies SET date = iif(date = '', ?, date), time = iif(time = '', ?, time), age = iif(age = '', ?, age), description = iif(description = '', ?, description),
				accession_number = iif(accession_number = '', ?, accession_number), referring_physician = iif(referring_physician = '', ?, referring_physician)
			WHERE id = ? AND '' IN (date, time, age, description, accession_number, referring_physician)
		`).run(values.date, values.time, values.age, values.description, values.accession, values.referring, same.study_id)
		assignPatient(library, same, identity)
		return same.study_id
	}
	if (known.length > 0) notes.push('Another study in the library has the same Study Instance UID and another patient; the two are kept apart.')
	const { lastInsertRowid } = prepared(database, `
		INSERT INTO studies (patient_row, study_instance_uid, date, time, age, description, accession_number, referring_physician, imported_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
	`).run(patientOf(library, identity), uid, values.date, values.time, values.age, values.description, values.accession, values.referring, now)
	return Number(lastInsertRowid)
}

/**
 * The patient's row, made where there is none: the same id, the same words of the name, and no other birth date. An id alone is not
 * enough, since it means nothing without its issuer; without an id the birth date must be stated and the same (two films of "Anonymized"
 * are two people). One without id and name is nobody else.
 */
function patientOf({ database }: Library, identity: Identity): number {
	if (identity.patientId !== '' || identity.nameKey !== '') {
		const candidates = prepared<[string, string], PatientRow>(database, 'SELECT id, patient_id, name, name_key, birth_date FROM patients WHERE patient_id = ? AND name_key = ? ORDER BY id')
			.all(identity.patientId, identity.nameKey)
		const same = candidates.find((row) => identity.patientId === '' ? identity.birthDate !== '' && row.birth_date === identity.birthDate : agree(row.birth_date, identity.birthDate))
		if (same) {
			prepared(database, `UPDATE patients SET sex = iif(sex = '', ?, sex), birth_date = iif(birth_date = '', ?, birth_date) WHERE id = ? AND '' IN (sex, birth_date)`)
				.run(identity.sex, identity.birthDate, same.id)
			return same.id
		}
	}
	const { lastInsertRowid } = prepared(database, 'INSERT INTO patients (patient_id, name, name_key, sex, birth_date) VALUES (?, ?, ?, ?, ?)')
		.run(identity.patientId, identity.name, identity.nameKey, identity.sex, identity.birthDate)
	return Number(lastInsertRowid)
}

/** Nothing that both state differs: enough within one study, whose UID is unique in the world. */
function isCompatible(row: PatientRow, identity: Identity): boolean {
	return agree(row.patient_id, identity.patientId) && agree(row.name_key, identity.nameKey) && agree(row.birth_date, identity.birthDate)
}

function agree(one: string, other: string): boolean {
	return one === other || one === '' || other === ''
}

/** Gives a study the patient that all of its files together state. */
function assignPatient(library: Library, study: PatientRow & { study_id: number }, identity: Identity): void {
	const { database } = library
	const { sex } = identity
	const full: Identity = {
		patientId: study.patient_id || identity.patientId, name: study.name_key ? study.name : identity.name, nameKey: study.name_key || identity.nameKey,
		sex, birthDate: study.birth_date || identity.birthDate,
	}
	if (full.patientId === study.patient_id && full.nameKey === study.name_key) {
		prepared(database, `UPDATE patients SET sex = iif(sex = '', ?, sex), birth_date = iif(birth_date = '', ?, birth_date) WHERE id = ? AND '' IN (sex, birth_date)`).run(sex, full.birthDate, study.id)
		return
	}
	prepared(database, 'UPDATE OR IGNORE studies SET patient_row = ? WHERE id = ?').run(patientOf(library, full), study.study_id)
	prepared(database, 'DELETE FROM patients WHERE id = ? AND NOT EXISTS (SELECT 1 FROM studies WHERE patient_row = patients.id)').run(study.id)
}

function seriesOf({ database }: Library, { series, sha256 }: FileFacts, studyId: number): number {
	const uid = series.instanceUid || derivedUid(`${sha256}/series`)
	const known = prepared<[number, string], { id: number }>(database, 'SELECT id FROM series WHERE study_id = ? AND series_instance_uid = ?').get(studyId, uid)
	if (known) return known.id
	const { lastInsertRowid } = prepared(database, `
		INSERT INTO series (study_id, series_instance_uid, modality, description, body_part, laterality, view_position, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
	`).run(studyId, uid, series.modality, series.description, series.bodyPart, series.laterality, series.viewPosition, series.number)
	return Number(lastInsertRowid)
}
