import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareMaps } from '../../common/cam/compareMaps.ts'
import type { Analysis, CamMode, CamState, LabelAnswer } from '../../common/contract/analysis.ts'
import { RESEARCH_USE } from '../../common/contract/primitives.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { KeyImage } from '../../common/contract/report.ts'
import type { Study } from '../../common/contract/study.ts'
import { agreementOf } from '../../common/stats/agreement.ts'
import { storedCams } from '../library/analyses.ts'
import { storedFaithfulness } from '../library/faithfulness.ts'
import { listFindings } from '../library/findings.ts'
import type { FrameCache } from '../library/frameCache.ts'
import type { Library } from '../library/library.ts'
import { getDraft, getSignedReport, nextReportVersion, reportsOfStudy } from '../library/reports.ts'
import { getInstance, getStudy } from '../library/studies.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { callOf, decodeReportContent, type EarlierVersion, type ImageContent, type KeyImageContent, type MapExplanation, type ReportContent } from './content.ts'

/** Longer side of a key image in the report, in pixels: 120 mm at 200 dpi. */
const KEY_IMAGE_SIDE = 1000

/** The window shows maps by the paper's definition alone; maps of others are kept for comparison and are never put into a report. */
const READING_MODE: CamMode = 'paper'

export interface GatherOptions {
	library: Library
	frames: FrameCache
	hosts: HostCaller
	institution: string
	softwareVersion: string
}

/**
 * Everything that the report of a study says at this moment: a draft where nobody signs, else the version that is being signed.
 * @throws UserError where a key image cannot be drawn as it was chosen.
 */
export async function gatherReport(options: GatherOptions, studyId: number, signature: { by: string; at: string } | null): Promise<ReportContent> {
	const { library } = options
	const study = getStudy(library, studyId)
	const draft = getDraft(library, studyId)
	const { keyImages, ...text } = draft.text
	// Before the pictures are drawn, so that all of this is of one moment.
	const findings = listFindings(library, studyId)
	const pictures: KeyImageContent[] = []
	for (const keyImage of keyImages) pictures.push(await draw(options, study, keyImage))
	const version = nextReportVersion(library, studyId)
	const images = study.series.flatMap((series) => series.instances)
	return {
		schemaVersion: 1,
		researchUse: RESEARCH_USE,
		kind: signature ? (version === 1 ? 'report' : 'addendum') : 'draft',
		version,
		createdAt: signature?.at ?? new Date().toISOString(),
		signedBy: signature?.by ?? null,
		signedAt: signature?.at ?? null,
		institution: options.institution,
		software: { name: 'Negatoscope', version: options.softwareVersion },
		patient: { name: study.patient.name, patientId: study.patient.patientId, sex: study.patient.sex, birthDate: study.patient.birthDate },
		study: {
			studyInstanceUid: study.studyInstanceUid,
			date: study.date,
			time: study.time,
			age: study.age,
			description: study.description,
			accessionNumber: study.accessionNumber,
			referringPhysician: study.referringPhysician,
			modalities: [...new Set(study.series.map(({ modality }) => modality).filter(Boolean))],
			images: images.length,
		},
		text,
		findings,
		images: analysedImages(study),
		keyImages: pictures,
		earlier: reportsOfStudy(library, studyId).toSorted((a, b) => b.version - a.version).map(({ id }) => earlierVersion(library, id)),
	}
}

/** The latest answers of each image that was analysed, in the order of the study. */
function analysedImages(study: Study): ImageContent[] {
	return study.series.flatMap((series) =>
		series.instances.flatMap((instance) => {
			const analyses = study.analyses.filter(({ instanceId }) => instanceId === instance.id)
			const frames = [...new Set(analyses.map(({ frameIndex }) => frameIndex))].toSorted((a, b) => a - b)
			return frames.map((frameIndex) => {
				const student = latest(analyses, 'student', frameIndex)
				const teacher = latest(analyses, 'teacher', frameIndex)
				return {
					fileName: instance.fileName,
					frameIndex,
					frames: instance.frames,
					rows: instance.rows,
					columns: instance.columns,
					modality: series.modality,
					viewPosition: series.viewPosition,
					sha256: instance.sha256,
					student,
					teacher,
					agreement: student && teacher ? agreementOf(student.prediction, teacher.prediction) : null,
				}
			})
		}),
	)
}

function latest(analyses: Analysis[], role: Analysis['role'], frameIndex: number): Analysis | null {
	return analyses.filter((analysis) => analysis.role === role && analysis.frameIndex === frameIndex).toSorted((a, b) => b.id - a.id)[0] ?? null
}

async function draw({ library, frames, hosts }: GatherOptions, study: Study, keyImage: KeyImage): Promise<KeyImageContent> {
	const instance = getInstance(library, keyImage.instanceId)
	const { map } = keyImage
	const analysis = map ? study.analyses.find(({ id }) => id === map.analysisId) : undefined
	const answer = analysis?.prediction.labels.find(({ name }) => name === map?.label)
	const cam = map && analysis ? readingMaps(library, analysis).find(({ layer }) => layer === map.layer) : undefined
	const values = map && cam && Object.hasOwn(cam.maps, map.label) ? cam.maps[map.label] : undefined
	if (map && (!cam || !values || !answer || analysis?.instanceId !== keyImage.instanceId || analysis.frameIndex !== keyImage.frameIndex)) {
		throw new UserError(`The map of ${map.label} on the key image "${keyImage.caption || instance.fileName}" is not finished or no longer there. Finish the map, or take the key image out of the report.`)
	}
	const { path } = await frames.frame(instance, keyImage.frameIndex)
	const folder = await mkdtemp(join(tmpdir(), 'negatoscope-'))
	try {
		const output = join(folder, 'key.png')
		const { window, invert, rotation, flipHorizontal, flipVertical } = keyImage
		const size = await hosts.call(
			'imaging',
			'render',
			{
				framePath: path, output, maxSide: KEY_IMAGE_SIDE, window, invert, rotation, flipHorizontal, flipVertical,
				map: map && cam && values ? { width: cam.width, height: cam.height, values, opacity: map.opacity, threshold: map.threshold, region: cam.region } : null,
			},
			{ subject: instance.fileName },
		)
		return {
			png: new Uint8Array(await readFile(output)),
			...size,
			caption: keyImage.caption,
			map: map && analysis && answer && cam && values
				? {
						label: map.label,
						title: answer.title,
						layer: map.layer,
						exact: cam.exact,
						share: cam.channelsDone / cam.channels,
						empty: values.every((value) => value <= 0),
						opacity: map.opacity,
						threshold: map.threshold,
						explanation: explanationOf(library, study, analysis, answer, cam, instance.fileName),
					}
				: null,
		}
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
}

/** Newest first. */
function readingMaps(library: Library, analysis: Analysis): CamState[] {
	return storedCams(library, analysis.id).map(({ state }) => state).filter(({ mode }) => mode === READING_MODE)
}

function explanationOf(library: Library, study: Study, analysis: Analysis, answer: LabelAnswer, cam: CamState, fileName: string): MapExplanation {
	const { name: label, logit, probability, operatingPoint } = answer
	const measured = storedFaithfulness(library, analysis.id).find((one) => one.layer === cam.layer && one.mode === cam.mode && one.label === label)
	return {
		analysisId: analysis.id,
		fileName,
		frameIndex: analysis.frameIndex,
		maker: makerOf(analysis),
		answer: { logit, probability, operatingPoint, call: callOf(analysis.prediction, answer) },
		mode: cam.mode,
		peak: cam.peaks[label] ?? 0,
		...(cam.region ? { region: cam.region } : {}),
		...(cam.lungs ? { lungs: { model: cam.lungs.model, dice: cam.lungs.dice, inside: cam.lungs.inside[label] ?? null } } : {}),
		faithfulness: measured
			? {
					verdict: measured.verdict,
					chance: measured.chance,
					score: measured.score,
					probability: measured.probability,
					maskedProbability: measured.maskedProbability,
					drop: measured.drop,
					increased: measured.increased,
					randomMaps: measured.randomScores.length,
					deletionArea: measured.deletion.area,
					insertionArea: measured.insertion.area,
				}
			: null,
		beside: besideOf(library, study, analysis, cam, label),
	}
}

/** The newest map of the same label by the latest answer of the other network, where it is finished. */
function besideOf(library: Library, study: Study, analysis: Analysis, cam: CamState, label: string): MapExplanation['beside'] {
	const ofImage = study.analyses.filter(({ instanceId }) => instanceId === analysis.instanceId)
	const other = latest(ofImage, analysis.role === 'student' ? 'teacher' : 'student', analysis.frameIndex)
	const map = other && readingMaps(library, other).find(({ maps }) => Object.hasOwn(maps, label))
	if (!other || !map) return null
	const { correlation, topFifthOverlap } = compareMaps(mapOf(cam, label), mapOf(map, label))
	return { analysisId: other.id, maker: makerOf(other), layer: map.layer, correlation, topFifthOverlap }
}

const mapOf = ({ height, width, maps, region }: CamState, label: string) => ({ height, width, values: maps[label] ?? [], region })

function makerOf({ role, modelTitle, prediction }: Analysis): MapExplanation['maker'] {
	return { role, modelTitle, model: prediction.model }
}

function earlierVersion(library: Library, reportId: number): EarlierVersion {
	const { report, content } = getSignedReport(library, reportId)
	const { text, findings } = decodeReportContent(content)
	return {
		version: report.version,
		kind: report.kind,
		signedBy: report.signedBy,
		signedAt: report.signedAt,
		pdfSha256: report.pdfSha256,
		text,
		findings: findings.filter(({ status }) => status === 'accepted').map((finding) => finding.text),
	}
}
