import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { encodeFrame } from '../../../src/common/imaging/frameFile.ts'
import type { LabelAnswer, Prediction } from '../../../src/common/contract/analysis.ts'
import type { FrameHeader } from '../../../src/common/contract/frame.ts'
import type { FileFacts, Inspection } from '../../../src/common/contract/hosts.ts'
import { addInstance, type AddedInstance } from '../../../src/main/library/addInstance.ts'
import type { Library } from '../../../src/main/library/library.ts'
import type { CallOptions, HostCaller } from '../../../src/main/supervisor/hostCaller.ts'

/*
 * Stand-ins for files and for the imaging host: a synthetic file is JSON that says what it wants to be, so that what the library
 * does with a file can be tested apart from reading one.
 */

export interface Wishes {
	patient?: Partial<FileFacts['patient']>
	study?: Partial<FileFacts['study']>
	series?: Partial<FileFacts['series']>
	facts?: Partial<Omit<FileFacts, 'patient' | 'study' | 'series'>>
	/** Makes files differ. */
	salt?: string
}

export function syntheticFile(wishes: Wishes): Buffer {
	return Buffer.from(JSON.stringify({ synthetic: wishes }))
}

/** An archive of named files. */
export function syntheticArchive(files: Record<string, Buffer>): Buffer {
	return Buffer.from(JSON.stringify({ archive: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, bytes.toString('base64')])) }))
}

export function factsOf(bytes: Uint8Array, { patient, study, series, facts }: Wishes = {}): FileFacts {
	return {
		kind: 'dicom', sha256: sha256Of(bytes), bytes: bytes.length, transferSyntax: '1.2.840.10008.1.2.1', photometric: 'MONOCHROME2', rows: 4, columns: 3, frames: 1,
		samplesPerPixel: 1, bitsStored: 12, min: 0, max: 11, notes: [], sopInstanceUid: '', sopClassUid: '', instanceNumber: null,
		patient: { name: '', patientId: '', sex: '', birthDate: '', ...patient },
		study: { instanceUid: '', date: '', time: '', age: '', description: '', accessionNumber: '', referringPhysician: '', ...study },
		series: { instanceUid: '', modality: '', description: '', bodyPart: '', laterality: '', viewPosition: '', number: null, ...series },
		...facts,
	}
}

export function sha256Of(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex')
}

/** Puts a synthetic file into a library without an import. */
export async function addSynthetic(library: Library, wishes: Wishes, fileName = 'film.dcm'): Promise<AddedInstance> {
	const bytes = syntheticFile(wishes)
	await library.objects.put(bytes)
	return addInstance(library, { facts: factsOf(bytes, wishes), fileName })
}

export interface FakeHosts extends HostCaller {
	calls: { method: string; path: string }[]
}

/** An imaging host for synthetic files. `before` may delay or break a call. */
export function fakeHosts(before: (method: string, path: string) => Promise<void> | void = () => {}): FakeHosts {
	const calls: FakeHosts['calls'] = []
	async function answer(method: string, input: { path: string; into?: string; output?: string; sha256?: string; frameIndex?: number }, signal?: AbortSignal): Promise<unknown> {
		calls.push({ method, path: input.path })
		await before(method, input.path)
		signal?.throwIfAborted()
		if (method === 'inspect') return inspected(input.path)
		if (method === 'unzip') return unzipped(input.path, input.into ?? '')
		if (method === 'decode') {
			const header = frameHeader(input.sha256 ?? '', input.frameIndex ?? 0)
			writeFileSync(input.output ?? '', encodeFrame({ header, pixels: Uint16Array.from({ length: 12 }, (_, index) => index) }))
			return { header, milliseconds: 7 }
		}
		throw new Error(`The fake host does not know ${method}.`)
	}
	return {
		calls,
		call: (_host, method, input, options: CallOptions<never> = {}) => answer(method, input as never, options.signal) as never,
		status: () => [],
	}
}

function inspected(path: string): Inspection {
	const bytes = readFileSync(path)
	try {
		const content = JSON.parse(bytes.toString()) as { synthetic?: Wishes; archive?: object }
		if (content.archive) return { archive: 'zip' }
		if (content.synthetic) return { facts: factsOf(bytes, content.synthetic) }
	} catch {
		// Refused below.
	}
	return { refused: 'This is not an image.', sha256: sha256Of(bytes) }
}

function unzipped(path: string, into: string): { files: { name: string; path: string }[]; refused: { name: string; reason: string }[] } {
	const { archive } = JSON.parse(readFileSync(path, 'utf8')) as { archive: Record<string, string> }
	const files = Object.entries(archive).map(([name, base64], index) => {
		writeFileSync(join(into, String(index)), Buffer.from(base64, 'base64'))
		return { name, path: join(into, String(index)) }
	})
	return { files: files.filter(({ name }) => !name.includes('..')), refused: files.filter(({ name }) => name.includes('..')).map(({ name }) => ({ name: basename(name), reason: 'Its name leads out of the archive.' })) }
}

export function frameHeader(sha256: string, frameIndex: number): FrameHeader {
	return {
		formatVersion: 1, sha256, frameIndex, kind: 'dicom', rows: 4, columns: 3, samplesPerPixel: 1, sampleType: 'uint16', photometric: 'MONOCHROME2',
		source: { transferSyntax: null, photometric: 'MONOCHROME2', samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 12, signed: false, frames: 1, lossy: false, modality: null, bodyPart: null, viewPosition: null },
		stored: { min: 0, max: 11 }, modality: { slope: 1, intercept: 0, unit: '' },
		voi: { function: 'LINEAR', windows: [{ center: 6, width: 12, explanation: '' }], luts: [] }, spacing: null, notes: [],
	}
}

export function predictionOf(inputSha256: string, labels: Partial<LabelAnswer>[], rest: Partial<Prediction> = {}): Prediction {
	return {
		model: { id: 'toy', version: '1.0.0', sha256: 'a'.repeat(64) }, inputSha256, tensorSha256: 'b'.repeat(64), gate: { ok: true, reasons: [], checks: [] },
		labels: labels.map((label) => ({ name: 'covid19', title: 'COVID-19', logit: 1, probability: 0.5, operatingPoint: 0.5, positive: false, finding: true, ...label })),
		abstained: false, abstentionThreshold: 0.4, milliseconds: { decode: 1, preprocess: 1, run: 1, total: 2 }, ...rest,
	}
}

/** A folder of its own under the system's temporary folder, with a way to remove it. */
export function temporaryFolder(): { path: string; remove(): void } {
	const path = mkdtempSync(join(tmpdir(), 'negatoscope-library-'))
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export function writeFiles(folder: string, files: Record<string, Buffer | string>): string {
	for (const [name, bytes] of Object.entries(files)) {
		mkdirSync(join(folder, name, '..'), { recursive: true })
		writeFileSync(join(folder, name), bytes)
	}
	return folder
}

