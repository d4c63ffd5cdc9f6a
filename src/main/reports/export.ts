import type { Analysis, LabelAnswer } from '../../common/contract/analysis.ts'
import { callOf, encodeReportContent, type ImageContent, type KeyImageContent, type MapExplanation, type ReportContent } from './content.ts'

/** The whole content as JSON, with pictures and rejected findings. */
export function reportJson(content: ReportContent): string {
	return `${JSON.stringify(encodeReportContent(content), null, '\t')}\n`
}

type Cell = string | number | boolean | null

const COLUMNS = [
	'patient_id', 'patient_name', 'study_instance_uid', 'study_date', 'report_kind', 'report_version', 'file', 'frame', 'input_sha256', 'role', 'model_id',
	'model_version', 'model_sha256', 'software_version', 'label', 'logit', 'probability', 'operating_point', 'call', 'reason', 'agreement', 'research_use',
] as const

/** Of the maps among the key images. A report without any has none of these, so that one that was signed before they were kept gives the same bytes. */
const MAP_COLUMNS = [
	'map_layer', 'map_definition', 'map_peak', 'map_faithfulness', 'map_chance', 'map_random_maps', 'map_score', 'map_deletion_area', 'map_insertion_area',
	'map_probability', 'map_masked_probability', 'map_drop', 'map_increased',
	'map_beside_role', 'map_beside_model_id', 'map_beside_model_version', 'map_beside_model_sha256', 'map_beside_layer', 'map_correlation', 'map_top_fifth_overlap',
] as const

/** Of maps that cover a part of the film, or on whose film lungs were looked for; reports without such maps have none of these. */
const LUNG_COLUMNS = [
	'map_region_left', 'map_region_top', 'map_region_right', 'map_region_bottom', 'map_inside_lungs', 'map_lung_area', 'lungs_model_id', 'lungs_model_version', 'lungs_model_sha256',
] as const

type Row = Partial<Record<(typeof COLUMNS)[number] | (typeof MAP_COLUMNS)[number] | (typeof LUNG_COLUMNS)[number], Cell>>
type ExplainedMap = NonNullable<KeyImageContent['map']> & { explanation: MapExplanation }

/**
 * The answers as CSV (RFC 4180, UTF-8): a row per image, network and label, and where more than one map of it is among the key images a row per map; an
 * image that the gate refused has one row without a label. A map of an earlier answer than the ones reported has a row of its own.
 * `frame` counts from 1. Text that a spreadsheet would take for a formula has an apostrophe before it.
 */
export function reportCsv(content: ReportContent): string {
	const maps = explainedMaps(content.keyImages)
	const answers = content.images.flatMap((image) => [image.student, image.teacher].flatMap((analysis) => (analysis ? answerRows(image, analysis, maps) : [])))
	const reported = new Set(content.images.flatMap(({ student, teacher }) => [student?.id, teacher?.id]))
	const others = maps.filter(({ explanation }) => !reported.has(explanation.analysisId)).map(earlierMapRow)
	const about: Row = {
		patient_id: content.patient.patientId,
		patient_name: content.patient.name,
		study_instance_uid: content.study.studyInstanceUid,
		study_date: content.study.date,
		report_kind: content.kind,
		report_version: content.version,
		research_use: content.researchUse,
	}
	const located = maps.some(({ explanation: { region, lungs } }) => region || lungs)
	const columns = [...COLUMNS, ...(maps.length > 0 ? MAP_COLUMNS : []), ...(located ? LUNG_COLUMNS : [])]
	return formatCsv([columns, ...[...answers, ...others].map((row) => columns.map((column) => ({ ...about, ...row })[column] ?? null))])
}

/** Each map once, in the order of the key images. */
function explainedMaps(keyImages: KeyImageContent[]): ExplainedMap[] {
	const maps = keyImages.flatMap(({ map }) => (map?.explanation ? [{ ...map, explanation: map.explanation }] : []))
	return [...new Map(maps.map((map) => [JSON.stringify([map.explanation.analysisId, map.explanation.mode, map.label, map.layer]), map])).values()]
}

function answerRows(image: ImageContent, analysis: Analysis, maps: ExplainedMap[]): Row[] {
	const { prediction } = analysis
	const row = (label: LabelAnswer | null): Row => ({
		file: image.fileName,
		frame: image.frameIndex + 1,
		input_sha256: prediction.inputSha256,
		role: analysis.role,
		model_id: prediction.model.id,
		model_version: prediction.model.version,
		model_sha256: prediction.model.sha256,
		software_version: analysis.softwareVersion,
		label: label?.name ?? null,
		logit: label?.logit ?? null,
		probability: label?.probability ?? null,
		operating_point: label?.operatingPoint ?? null,
		call: label ? callOf(prediction, label) : 'refused',
		reason: prediction.gate.reasons.join(' '),
		agreement: image.agreement,
	})
	if (prediction.labels.length === 0) return [row(null)]
	return prediction.labels.flatMap((label) => {
		const own = maps.filter((map) => map.label === label.name && map.explanation.analysisId === analysis.id)
		return own.length > 0 ? own.map((map) => ({ ...row(label), ...mapCells(map) })) : [row(label)]
	})
}

function earlierMapRow(map: ExplainedMap): Row {
	const { fileName, frameIndex, maker, answer } = map.explanation
	return {
		file: fileName,
		frame: frameIndex + 1,
		role: maker.role,
		model_id: maker.model.id,
		model_version: maker.model.version,
		model_sha256: maker.model.sha256,
		label: map.label,
		logit: answer.logit,
		probability: answer.probability,
		operating_point: answer.operatingPoint,
		call: answer.call,
		reason: 'The map explains an earlier answer than the ones reported.',
		...mapCells(map),
	}
}

function mapCells({ layer, explanation: { mode, peak, faithfulness, beside, region, lungs } }: ExplainedMap): Row {
	return {
		map_layer: layer,
		map_definition: mode,
		map_peak: peak,
		map_faithfulness: faithfulness?.verdict ?? 'not measured',
		map_chance: faithfulness?.chance ?? null,
		map_random_maps: faithfulness?.randomMaps ?? null,
		map_score: faithfulness?.score ?? null,
		map_deletion_area: faithfulness?.deletionArea ?? null,
		map_insertion_area: faithfulness?.insertionArea ?? null,
		map_probability: faithfulness?.probability ?? null,
		map_masked_probability: faithfulness?.maskedProbability ?? null,
		map_drop: faithfulness?.drop ?? null,
		map_increased: faithfulness?.increased ?? null,
		map_beside_role: beside?.maker.role ?? null,
		map_beside_model_id: beside?.maker.model.id ?? null,
		map_beside_model_version: beside?.maker.model.version ?? null,
		map_beside_model_sha256: beside?.maker.model.sha256 ?? null,
		map_beside_layer: beside?.layer ?? null,
		map_correlation: beside?.correlation ?? null,
		map_top_fifth_overlap: beside?.topFifthOverlap ?? null,
		map_region_left: region?.left ?? null,
		map_region_top: region?.top ?? null,
		map_region_right: region?.right ?? null,
		map_region_bottom: region?.bottom ?? null,
		map_inside_lungs: lungs?.inside?.energyShare ?? null,
		map_lung_area: lungs?.inside?.areaShare ?? null,
		lungs_model_id: lungs?.model.id ?? null,
		lungs_model_version: lungs?.model.version ?? null,
		lungs_model_sha256: lungs?.model.sha256 ?? null,
	}
}

/** Rows as RFC 4180: CRLF after each, quotes where a cell needs them. Null is an empty cell. */
export function formatCsv(rows: Cell[][]): string {
	return rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}

function formatCell(cell: Cell): string {
	if (cell === null) return ''
	if (typeof cell !== 'string') return String(cell)
	const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell
	return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}
