import { deflateSync, crc32 } from 'node:zlib'
import type { Analysis, LabelAnswer } from '../../../src/common/contract/analysis.ts'
import { RESEARCH_USE } from '../../../src/common/contract/primitives.ts'
import type { Finding } from '../../../src/common/contract/report.ts'
import type { KeyImageContent, MapExplanation, ReportContent } from '../../../src/main/reports/content.ts'

export const STUDENT_SHA = 'a1'.repeat(32)
export const TEACHER_SHA = 'b2'.repeat(32)
export const INPUT_SHA = 'c3'.repeat(32)

/** An 8-bit RGB PNG with a pattern. */
export function makePng(width: number, height: number): Uint8Array<ArrayBuffer> {
	const rows = Buffer.alloc(height * (1 + width * 3))
	for (let row = 0; row < height; row++) {
		for (let column = 0; column < width; column++) {
			const distance = Math.hypot((column / width - 0.5) * 1.2, row / height - 0.5)
			const grey = Math.max(0, Math.round(220 - distance * 380 + 12 * Math.sin(row / 9)))
			rows.fill(grey, row * (1 + width * 3) + 1 + column * 3, row * (1 + width * 3) + 4 + column * 3)
		}
	}
	const header = Buffer.alloc(13)
	header.writeUInt32BE(width, 0)
	header.writeUInt32BE(height, 4)
	header.set([8, 2, 0, 0, 0], 8)
	return new Uint8Array(Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]))
}

function chunk(type: string, data: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
	const frame = Buffer.alloc(8)
	frame.writeUInt32BE(data.length, 0)
	frame.writeUInt32BE(crc32(body), 4)
	return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

export function makeLabels(probabilities: [number, number, number], abstained = false): LabelAnswer[] {
	const labels = [['covid19', 'COVID-19', 0.42, true], ['normal', 'Normal', 0.5, false], ['pneumonia', 'Pneumonia', 0.38, true]] as const
	return labels.map(([name, title, operatingPoint, finding], index) => {
		const probability = probabilities[index] ?? 0
		return { name, title, logit: Math.log(probability / (1 - probability)), probability, operatingPoint, positive: !abstained && probability >= operatingPoint, finding }
	})
}

export function makeAnalysis(role: Analysis['role'], change: Partial<Analysis['prediction']> = {}): Analysis {
	return {
		id: role === 'student' ? 1 : 2, studyId: 1, instanceId: 1, frameIndex: 0, role, createdAt: '2026-11-21T08:29:00.000Z', softwareVersion: '0.1.0',
		modelTitle: role === 'student' ? 'Chest radiograph student' : 'Chest radiograph teacher',
		prediction: {
			model: { id: role === 'student' ? 'cxr3-student' : 'cxr3-teacher', version: role === 'student' ? '1.2.0' : '2.0.1', sha256: role === 'student' ? STUDENT_SHA : TEACHER_SHA },
			inputSha256: INPUT_SHA,
			tensorSha256: 'd4'.repeat(32),
			gate: { ok: true, reasons: [], checks: [] },
			labels: makeLabels(role === 'student' ? [0.831, 0.022, 0.147] : [0.71, 0.05, 0.24]),
			abstained: false,
			abstentionThreshold: 0.36,
			milliseconds: { decode: 30, preprocess: 4, run: 6, total: 11 },
			...change,
		},
	}
}

export function makeFinding(change: Partial<Finding>): Finding {
	return {
		id: 1, studyId: 1, instanceId: 1, analysisId: 1, label: 'covid19', text: 'Peripheral opacity in the right lower zone.', status: 'accepted', origin: 'network', edited: true,
		probability: 0.831, operatingPoint: 0.42, model: { id: 'cxr3-student', version: '1.2.0', sha256: STUDENT_SHA }, decidedAt: '2026-11-21T08:29:30.000Z', ...change,
	}
}

export function makeKeyImage(change: Partial<KeyImageContent> = {}): KeyImageContent {
	const { width = 200, height = 240 } = change
	return { png: makePng(width, height), width, height, caption: 'Right lower zone, lung window', map: null, ...change }
}

/** As it was frozen before a map's faithfulness was kept. */
export const MAP: NonNullable<KeyImageContent['map']> = { label: 'covid19', title: 'COVID-19', layer: 'cam_final_expand', exact: true, share: 1, empty: false, opacity: 0.45, threshold: 0.3 }

/** Of the student's map, measured and compared with the teacher's. */
export const EXPLANATION: MapExplanation = {
	analysisId: 1, fileName: 'chest-frontal.dcm', frameIndex: 0, mode: 'paper', peak: 2.75,
	maker: { role: 'student', modelTitle: 'Chest radiograph student', model: { id: 'cxr3-student', version: '1.2.0', sha256: STUDENT_SHA } },
	answer: { logit: 1.6, probability: 0.831, operatingPoint: 0.42, call: 'positive' },
	faithfulness: {
		verdict: 'better', chance: 0.05, score: 0.24, probability: 0.831, maskedProbability: 0.611, drop: 0.2647, increased: false, randomMaps: 19, deletionArea: 0.3125, insertionArea: 0.5525,
	},
	beside: {
		analysisId: 2, maker: { role: 'teacher', modelTitle: 'Chest radiograph teacher', model: { id: 'cxr3-teacher', version: '2.0.1', sha256: TEACHER_SHA } },
		layer: 'features', correlation: -0.125, topFifthOverlap: 0.3333,
	},
}

/** A signed report with everything in it. */
export function makeContent(change: Partial<ReportContent> = {}): ReportContent {
	return {
		schemaVersion: 1, researchUse: RESEARCH_USE, kind: 'report', version: 1, createdAt: '2026-11-21T08:30:00.000Z', signedBy: 'Dr. Ada Røntgen', signedAt: '2026-11-21T08:30:00.000Z',
		institution: 'Clinic of the Example, Radiology', software: { name: 'Negatoscope', version: '0.1.0' },
		patient: { name: 'DOE^JANE^MARIA', patientId: 'PID-00042', sex: 'F', birthDate: '1963-04-05' },
		study: {
			studyInstanceUid: '1.2.826.0.1.3680043.8.498.42', date: '2026-11-20', time: '07:45', age: '63 years', description: 'Chest, frontal', accessionNumber: 'ACC-778',
			referringPhysician: 'HOUSE^GREGORY', modalities: ['DX'], images: 2,
		},
		text: {
			clinicalInformation: 'Fever and cough for five days. Question of pneumonia.',
			comparison: 'Film of 2026-03-02.',
			narrative: 'The heart is of normal size. No pleural effusion. The mediastinum is not widened.\nNo fracture of the visible ribs.',
			impression: 'Peripheral opacity on the right, compatible with viral pneumonia. Follow-up film in two weeks.',
		},
		findings: [
			makeFinding({}),
			makeFinding({ id: 2, label: 'pneumonia', text: 'Pneumonia suggested.', status: 'suggested', edited: false, probability: 0.401, operatingPoint: 0.38 }),
			makeFinding({ id: 3, label: null, text: 'REJECTED-TEXT cardiomegaly', status: 'rejected' }),
			makeFinding({ id: 4, label: null, text: 'Degenerative change of the thoracic spine.', origin: 'reader', probability: null, operatingPoint: null, model: null, analysisId: null }),
		],
		images: [
			{ fileName: 'chest-frontal.dcm', frameIndex: 0, frames: 1, rows: 2500, columns: 2048, modality: 'DX', viewPosition: 'PA', sha256: INPUT_SHA, student: makeAnalysis('student'), teacher: makeAnalysis('teacher'), agreement: 'agree' },
			{
				fileName: 'lateral.png', frameIndex: 0, frames: 1, rows: 1200, columns: 1000, modality: '', viewPosition: '', sha256: 'e5'.repeat(32), agreement: null, teacher: null,
				student: makeAnalysis('student', { gate: { ok: false, reasons: ['The image is one constant value.'], checks: [] }, labels: [], tensorSha256: null }),
			},
		],
		keyImages: [makeKeyImage(), makeKeyImage({ caption: 'The same with the map', map: MAP })],
		earlier: [],
		...change,
	}
}
