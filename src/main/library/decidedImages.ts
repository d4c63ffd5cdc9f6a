import { z } from 'zod'
import type { LearningCase } from '../../common/contract/learning.ts'
import { modelReferenceSchema } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { inSnapshot, inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

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
	patientName: string
	patientId: string
	studyDate: string
	signedAt: string | null
	analysedAt: string
	modelTitle: string
	model: string
	labels: string
	leftOut: number
}

interface FindingRow {
	studyId: number
	instanceId: number | null
	frameIndex: number | null
	origin: string
	label: string | null
	text: string
	status: string
	decidedAt: string | null
}

/** What a stored prediction says of each label, as far as it is needed here. */
const answersSchema = z.array(z.object({ name: z.string(), title: z.string(), finding: z.boolean(), probability: z.number(), positive: z.boolean() }))

/** Studies in which a reader may have decided something: only their analyses are read. */
const DECIDED_STUDIES = `SELECT study_id FROM reports UNION SELECT study_id FROM findings WHERE status <> 'suggested'`

/**
 * Truth as the readers of this library decided it, by the student's last analysis of each image. A network's finding that was accepted is 1, one that was rejected 0, one that
 * nobody touched is not known. In a study whose report is signed, what the network did not find and nobody added is 0; a label that is no finding (normal) is 1 where all
 * findings are 0 and the reader wrote none of his own, and 0 where one is there. Images of which nothing is known, and removed studies, are not among them.
 */
export function decidedCases(library: Library): LearningCase[] {
	const { database } = library
	return inSnapshot(database, () => {
		const rows = prepared<[], Row>(database, `
			SELECT a.instance_id AS instanceId, a.frame_index AS frameIndex, a.study_id AS studyId, s.patient_row AS patient, p.name AS patientName, p.patient_id AS patientId, s.date AS studyDate,
				(SELECT max(r.signed_at) FROM reports r WHERE r.study_id = s.id) AS signedAt, a.created_at AS analysedAt, a.model_title AS modelTitle, a.prediction -> '$.model' AS model,
				a.prediction -> '$.labels' AS labels, l.instance_id IS NOT NULL AS leftOut
			FROM analyses a JOIN studies s ON s.id = a.study_id AND s.deleted_at IS NULL JOIN patients p ON p.id = s.patient_row
				LEFT JOIN left_out_cases l ON l.instance_id = a.instance_id AND l.frame_index = a.frame_index
			WHERE a.id IN (SELECT max(n.id) FROM analyses n WHERE n.role = 'student' AND n.study_id IN (${DECIDED_STUDIES}) GROUP BY n.instance_id, n.frame_index)
			ORDER BY a.instance_id, a.frame_index
		`).all()
		const findings = Map.groupBy(prepared<[], FindingRow>(database, `
			SELECT study_id AS studyId, instance_id AS instanceId, frame_index AS frameIndex, origin, label, text, status, decided_at AS decidedAt
			FROM findings WHERE study_id IN (${DECIDED_STUDIES})
		`).all(), ({ studyId }) => studyId)
		return rows.flatMap((row) => caseOf(row, findings.get(row.studyId) ?? []) ?? [])
	})
}

/** The cases that are to be learned from, without those that somebody left out. */
export function decidedImages(library: Library): DecidedImage[] {
	return decidedCases(library).filter(({ leftOut }) => !leftOut).map(decidedImage)
}

export function decidedImage({ instanceId, frameIndex, group, labels }: LearningCase): DecidedImage {
	return { instanceId, frameIndex, group, truth: Object.fromEntries(labels.map(({ name, truth }) => [name, truth])) }
}

/** Leaves cases out of learning, or puts them back. @throws UserError where one is no image of the library. */
export function leaveOut(library: Library, cases: readonly { instanceId: number; frameIndex: number }[], leftOut: boolean): void {
	const { database } = library
	inTransaction(database, () => {
		for (const { instanceId, frameIndex } of cases) {
			if (!leftOut) prepared(database, 'DELETE FROM left_out_cases WHERE instance_id = ? AND frame_index = ?').run(instanceId, frameIndex)
			else if (!prepared(database, 'SELECT 1 FROM instances WHERE id = ?').get(instanceId)) throw new UserError('This image is not in the library.')
			else prepared(database, 'INSERT INTO left_out_cases (instance_id, frame_index, left_out_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(instanceId, frameIndex, new Date().toISOString())
		}
	})
}

/** Null where nothing is known of the image. */
function caseOf(row: Row, findings: readonly FindingRow[]): LearningCase | null {
	const { patient, signedAt, analysedAt, modelTitle, model, labels: text, leftOut, ...rest } = row
	const labels = answersSchema.parse(JSON.parse(text))
	const suggested = new Map(findings.filter((finding) => finding.origin === 'network' && finding.instanceId === row.instanceId && finding.frameIndex === row.frameIndex).map((finding) => [finding.label, finding]))
	const added = findings.filter(({ origin, status }) => origin === 'reader' && status === 'accepted').map((finding) => finding.text)
	const truth = new Map<string, 0 | 1 | null>()
	for (const { name, finding } of labels) {
		if (!finding) continue
		const said = suggested.get(name)?.status
		truth.set(name, said === 'accepted' ? 1 : said === 'rejected' ? 0 : said === undefined && signedAt !== null ? 0 : null)
	}
	const values = [...truth.values()]
	const nothing = signedAt !== null && added.length === 0 && values.every((value) => value === 0)
	for (const { name, finding } of labels) if (!finding) truth.set(name, values.includes(1) ? 0 : nothing ? 1 : null)
	if ([...truth.values()].every((value) => value === null)) return null
	const told = labels.map(({ positive, ...label }) => ({ ...label, called: positive, truth: truth.get(label.name) ?? null }))
	const times = [signedAt, ...[...suggested.values()].map(({ decidedAt }) => decidedAt)].filter((time) => time !== null)
	return {
		...rest, group: `p${patient}`, model: { ...modelReferenceSchema.parse(JSON.parse(model)), title: modelTitle }, analysedAt, decidedAt: times.toSorted().at(-1) ?? analysedAt,
		outcome: told.some((label) => label.finding && label.truth !== null && (label.truth === 1) !== label.called) ? 'corrected' : 'accepted',
		added, leftOut: leftOut === 1, labels: told,
	}
}
