import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { z } from 'zod'
import { UserError } from '../../../common/contract/procedures.ts'

/** Longer texts are kept compressed, as NAME.gz. */
const MOST_PLAIN_BYTES = 128 * 1024
/** A kept file, unpacked, is never larger; whatever is, is not read. */
const MOST_BYTES = 64 * 1024 ** 2

/** A text as it is kept: long ones compressed, the same bytes for the same text. */
export function keptFile(name: string, text: string): { name: string; bytes: Uint8Array } {
	const bytes = new TextEncoder().encode(text)
	return bytes.length <= MOST_PLAIN_BYTES ? { name, bytes } : { name: `${name}.gz`, bytes: gzipSync(bytes, { level: 9 }) }
}

/** The text of a kept file. @throws UserError where it is not there or cannot be read. */
export function readKept(folder: string, name: string): string {
	const plain = join(folder, name)
	const packed = `${plain}.gz`
	try {
		return existsSync(packed) ? gunzipSync(readBounded(packed), { maxOutputLength: MOST_BYTES }).toString('utf8') : readBounded(plain).toString('utf8')
	} catch (error) {
		throw new UserError(`${existsSync(packed) ? packed : plain} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
	}
}

function readBounded(path: string): Buffer {
	const descriptor = openSync(path, 'r')
	try {
		if (fstatSync(descriptor).size > MOST_BYTES) throw new Error('it is larger than 64 MiB.')
		return readFileSync(descriptor)
	} finally {
		closeSync(descriptor)
	}
}

/** @throws UserError naming the file and the first field that is not as it should be. */
export function parseKept<Schema extends z.ZodType>(folder: string, name: string, schema: Schema): z.output<Schema> {
	const text = readKept(folder, name)
	const title = join(folder, name)
	let value: unknown
	try {
		value = JSON.parse(text)
	} catch (error) {
		throw new UserError(`${title} is no JSON: ${error instanceof Error ? error.message : String(error)}`)
	}
	const parsed = schema.safeParse(value)
	if (parsed.success) return parsed.data
	const [issue] = parsed.error.issues
	throw new UserError(`${title} is not valid at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`)
}
