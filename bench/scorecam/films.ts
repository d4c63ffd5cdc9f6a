import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { encodeFrame } from '../../src/common/imaging/frameFile.ts'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { decodeFrameOf, sha256Of } from '../../src/hosts/imaging/decodeFrame.ts'
import { NO_LUNG_NETWORK, prepareFrame } from '../../src/hosts/inference/prepared.ts'

const DATA = resolve(import.meta.dirname, '../../../shared/data/cxr3')

export interface Film {
	id: string
	/** What it shows; '' where nobody said. */
	label: string
	bytes: Uint8Array
}

export const phantom: Film = { id: 'phantom', label: '', bytes: phantomDicomFile() }

/** So many films of a split of ../shared/data/cxr3, evenly spread over its manifest, which is in no order of labels; none where the data is not there. */
export function filmsOf(split: 'train' | 'val', count: number): Film[] {
	if (!existsSync(DATA)) return []
	const rows = (parse(readFileSync(join(DATA, 'manifest.csv'), 'utf8'), { columns: true }) as Record<string, string>[]).filter((row) => row['split'] === split)
	const wanted = Math.min(count, rows.length)
	return Array.from({ length: wanted }, (_, index) => rows[Math.floor((index * rows.length) / wanted)] ?? {})
		.map((row) => ({ id: row['id'] ?? '', label: row['label'] ?? '', bytes: new Uint8Array(readFileSync(join(DATA, row['file'] ?? ''))) }))
}

/** The film as a network of this pack gets it. @throws Error where the gate refuses it. */
export async function tensorOf(film: Film, manifest: ModelManifest): Promise<Float32Array<ArrayBuffer>> {
	const { tensor, gate } = await prepareFrame(await decodeFrameOf(film.bytes, sha256Of(film.bytes), 0), manifest, NO_LUNG_NETWORK)
	if (!tensor) throw new Error(`${film.id}: ${gate.reasons.join(' ')}`)
	return tensor
}

/** Writes the film as a Frame file, which the inference engine reads. */
export async function frameFileOf(film: Film, folder: string): Promise<string> {
	const path = join(folder, `${film.id}.frame`)
	writeFileSync(path, encodeFrame(await decodeFrameOf(film.bytes, sha256Of(film.bytes), 0)))
	return path
}
