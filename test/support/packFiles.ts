import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { openPackFile, type PackFile } from '../../src/main/models/packFile.ts'
import { readPack } from '../../src/main/models/pack.ts'

export const CARD = '# A pack for tests\n\nResearch use only.\n'

/** Gives a pack of a test its card. */
export function addCard(directory: string): void {
	writeFileSync(join(directory, 'CARD.md'), CARD)
}

/** All bytes of a pack file. */
export async function collect(file: PackFile): Promise<Buffer<ArrayBuffer>> {
	const chunks: Uint8Array[] = []
	for await (const chunk of file.stream()) chunks.push(chunk)
	return Buffer.concat(chunks)
}

/** pack.json of some files, with a part of it changed. */
export function packContents(files: Readonly<Record<string, Uint8Array>>, change: Record<string, unknown> = {}): Uint8Array<ArrayBuffer> {
	const described = Object.entries(files).map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }))
	return new TextEncoder().encode(JSON.stringify({ format: 'negatoscope-pack', formatVersion: 1, files: described, ...change }))
}

/** A folder as a pack file of another program, whatever is in it. */
export function foreignFileOf(directory: string): Uint8Array<ArrayBuffer> {
	const files = Object.fromEntries(readdirSync(directory).map((name) => [name, new Uint8Array(readFileSync(join(directory, name)))]))
	return zipSync({ 'pack.json': packContents(files), ...files })
}

/** A pack's folder as one file. */
export async function packFileOf(directory: string): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
	const pack = readPack(directory, 'user', new Map())
	if (pack.state === 'refused') throw new Error(pack.reason)
	const file = await openPackFile(pack)
	const bytes = await collect(file)
	if (bytes.length !== file.bytes) throw new Error(`The file has ${bytes.length} bytes and states ${file.bytes}.`)
	return { name: file.name, bytes }
}
