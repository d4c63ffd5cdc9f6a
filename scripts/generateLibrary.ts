import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { FileFacts } from '../src/common/contract/hosts.ts'
import type { Prediction } from '../src/common/contract/analysis.ts'
import { addInstance } from '../src/main/library/addInstance.ts'
import { saveAnalysis } from '../src/main/library/analyses.ts'
import { inTransaction } from '../src/main/library/database.ts'
import { openLibrary, type Library } from '../src/main/library/library.ts'
import { nextReportVersion, saveDraft, saveSignedReport } from '../src/main/library/reports.ts'

/*
 * Fills a data folder with synthetic studies, the same ones for the same numbers, to see how the worklist behaves when it is
 * large: node scripts/generateLibrary.ts --home DIR --studies 100000
 * Rows only: there is no image behind them, so such a study can be listed and not read.
 */

const FAMILY_NAMES = [
	'Smith', 'García', 'Müller', 'Rossi', 'Kowalska', 'Łukasz', 'Åkesson', 'Øvergård', 'Nguyễn', 'Silva', "O'Connor", 'van der Berg', 'Yılmaz', 'Иванова', 'Шевченко',
	'Παπαδόπουλος', 'محمود', 'כהן', 'राव', '王', '山田', '김', 'สมชาย', 'Fernández', 'Smithson', 'Chen', 'Patel', 'Okafor', 'Haddad', 'Lindqvist',
]
const GIVEN_NAMES = ['Anna', 'Łucja', 'José', 'Björn', 'Zoë', 'Мария', 'Δημήτρης', 'علي', 'שרה', 'अनिल', '小明', '太郎', '민준', 'Alexander', 'Chloé', 'Ines', 'Noah', 'Amara', 'Kofi', 'Mei']
const DESCRIPTIONS = ['Chest PA', 'Chest PA and lateral', 'Chest AP portable', 'Thorax p.a.', 'Radiographie du thorax', 'Rx tórax', 'CT chest', 'Chest follow-up']
const MODALITIES = ['CR', 'DX', 'DX', 'CT']
const MODEL = { id: 'synthetic', version: '1.0.0', sha256: '0'.repeat(64) }
const BATCH = 1_000

/** A small generator of the same numbers everywhere (mulberry32). */
function numbersFrom(seed: number): () => number {
	let state = seed >>> 0
	return () => {
		state = (state + 0x6d2b79f5) >>> 0
		let value = Math.imul(state ^ (state >>> 15), state | 1)
		value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
		return ((value ^ (value >>> 14)) >>> 0) / 4294967296
	}
}

/** Adds `studies` synthetic studies to the library of a data folder: about a third is read, most are analysed. */
export function generateLibrary(home: string, studies: number, onProgress: (done: number) => void = () => {}): void {
	const opened = openLibrary(home)
	// Rows speak of bytes that are not there; everywhere else that is refused.
	const library: Library = { ...opened, objects: { ...opened.objects, has: () => true } }
	const random = numbersFrom(studies)
	try {
		for (let done = 0; done < studies; done += BATCH) {
			inTransaction(library.database, () => {
				for (let index = done; index < Math.min(studies, done + BATCH); index++) addStudy(library, index, random)
			})
			onProgress(Math.min(studies, done + BATCH))
		}
	} finally {
		library.close()
	}
}

function addStudy(library: Library, index: number, random: () => number): void {
	const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value
	const sha256 = createHash('sha256').update(`synthetic ${index}`).digest('hex')
	const person = Math.floor(random() * 60_000)
	const [year, month, day] = [2010 + Math.floor(random() * 16), 1 + Math.floor(random() * 12), 1 + Math.floor(random() * 28)]
	const date = `${year}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`
	const facts: FileFacts = {
		kind: 'dicom', sha256, bytes: 10_000_000, transferSyntax: '1.2.840.10008.1.2.1', photometric: 'MONOCHROME2', rows: 2500, columns: 2000, frames: 1,
		samplesPerPixel: 1, bitsStored: 12, min: 0, max: 4095, notes: [],
		patient: {
			name: `${FAMILY_NAMES[person % FAMILY_NAMES.length]}^${GIVEN_NAMES[Math.floor(person / 7) % GIVEN_NAMES.length]}`,
			patientId: `P${String(person).padStart(6, '0')}`, sex: person % 2 === 0 ? 'F' : 'M', birthDate: `${1930 + (person % 80)}0${1 + (person % 9)}15`,
		},
		study: {
			instanceUid: `1.2.826.0.1.${index + 1}`, date, time: '101500', age: '', description: pick(DESCRIPTIONS),
			accessionNumber: `ACC-${year}-${String(index).padStart(6, '0')}`, referringPhysician: 'Weber^Jana',
		},
		series: {
			instanceUid: `1.2.826.0.2.${index + 1}`, modality: pick(MODALITIES), description: '', bodyPart: 'CHEST', laterality: '',
			viewPosition: pick(['PA', 'AP', 'LL']), number: 1,
		},
		sopInstanceUid: `1.2.826.0.3.${index + 1}`, sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1', instanceNumber: 1,
	}
	const { studyId, instanceId, outcome } = addInstance(library, { facts, fileName: `IM${String(index).padStart(7, '0')}.dcm` })
	if (outcome !== 'added') return
	if (random() < 0.85) {
		const prediction = predictionOf(sha256, random)
		saveAnalysis(library, { instanceId, frameIndex: 0, role: 'student', softwareVersion: '0.0.0', modelTitle: 'Synthetic', prediction })
	}
	const reading = random()
	const text = { clinicalInformation: '', comparison: '', narrative: '', impression: '', keyImages: [] }
	if (reading < 0.3) {
		saveSignedReport(library, { studyId, version: nextReportVersion(library, studyId), signedBy: 'Synthetic', signedAt: new Date().toISOString(), pdfSha256: sha256, content: {} })
	} else if (reading < 0.35) saveDraft(library, studyId, text)
}

function predictionOf(inputSha256: string, random: () => number): Prediction {
	const kind = random()
	const ok = kind > 0.04
	const abstained = ok && kind < 0.12
	const covid = abstained ? 0.4 : kind < 0.35 ? 0.6 + random() * 0.4 : random() * 0.3
	const labels = [
		{ name: 'covid19', title: 'COVID-19', logit: 0, probability: covid, operatingPoint: 0.5, positive: !abstained && covid >= 0.5, finding: true },
		{ name: 'normal', title: 'Normal', logit: 0, probability: 1 - covid, operatingPoint: 0.5, positive: !abstained && covid < 0.5, finding: false },
	]
	return {
		model: MODEL, inputSha256, tensorSha256: ok ? inputSha256 : null, gate: { ok, reasons: ok ? [] : ['The image is too small.'], checks: [] }, labels: ok ? labels : [],
		abstained, abstentionThreshold: 0.5, milliseconds: { decode: 0, preprocess: 0, run: 0, total: 0 },
	}
}

if (import.meta.main) {
	const { values } = parseArgs({ options: { home: { type: 'string' }, studies: { type: 'string', default: '100000' } } })
	const studies = Number(values.studies)
	if (!values.home || !Number.isInteger(studies) || studies < 1) {
		console.error('Usage: node scripts/generateLibrary.ts --home DIR [--studies N]')
		process.exit(2)
	}
	const started = performance.now()
	generateLibrary(resolve(values.home), studies, (done) => {
		if (done % 10_000 === 0) console.error(`${done} of ${studies}`)
	})
	console.error(`${studies} studies in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
