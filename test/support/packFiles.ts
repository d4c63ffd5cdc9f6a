import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** A pack's folder as one file. */
export async function packFileOf(directory: string): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
	const pack = readPack(directory, 'user', new Map())
	if (pack.state === 'refused') throw new Error(pack.reason)
	const file = await openPackFile(pack)
	const bytes = await collect(file)
	if (bytes.length !== file.bytes) throw new Error(`The file has ${bytes.length} bytes and states ${file.bytes}.`)
	return { name: file.name, bytes }
}
