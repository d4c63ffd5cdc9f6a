import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import { UserError } from '../../../common/contract/procedures.ts'
import { DATA_LIMITS } from './limits.ts'

/** One row of a table. */
export interface Row {
	/** In the file, from 1. */
	line: number
	/** The field under a name, trimmed; '' where the table has no such column. */
	get(column: string): string
	/** Fields that do not fit the header; null where they do. */
	fault: string | null
}

export interface Table {
	/** File name, for messages. */
	name: string
	header: readonly string[]
	rows: AsyncGenerator<Row>
	/** Lets go of the file before its rows have been read to their end. */
	close(): void
}

const DELIMITERS = [',', ';', '\t'] as const

/**
 * Reads a CSV file (RFC 4180; comma, semicolon or tab, whichever the header has most of) as a stream. Every field is text: nothing is computed or converted.
 * @throws UserError where the file is not there, is too large or is no CSV; while reading rows too, with the line.
 */
export async function openTable(path: string): Promise<Table> {
	const name = basename(path)
	const { size, delimiter } = await lookInto(path, name)
	if (size > DATA_LIMITS.tableBytes) throw new UserError(`${name} is larger than 1 GiB, which is more than this program reads.`)
	// A file that cannot be read to its end ends the rows with that.
	const records = pipeline(createReadStream(path), parse({ bom: true, delimiter, info: true, max_record_size: DATA_LIMITS.rowBytes, relax_column_count: true, skip_empty_lines: true }), () => {})
	const iterator = (records as AsyncIterable<{ record: string[]; info: { lines: number } }>)[Symbol.asyncIterator]()
	const first = await nextOf(iterator, name)
	if (!first) throw new UserError(`${name} is empty; its first line has to name the columns.`)
	const header = first.record.map((field) => field.trim())
	const columns = new Map(header.map((field, index) => [field, index] as const).toReversed())
	return { name, header, rows: rowsOf(iterator, name, columns, header.length), close: () => void records.destroy() }
}

async function* rowsOf(iterator: AsyncIterator<{ record: string[]; info: { lines: number } }>, name: string, columns: ReadonlyMap<string, number>, width: number): AsyncGenerator<Row> {
	let count = 0
	for (;;) {
		const next = await nextOf(iterator, name)
		if (!next) return
		if (++count > DATA_LIMITS.rows) throw new UserError(`${name} has more than ${DATA_LIMITS.rows} rows, which is more than this program reads.`)
		const { record, info } = next
		// An older ChestX-ray14 table ends each line with a comma that its header may lack.
		const more = record.length > width && record.slice(width).some((field) => field.trim() !== '')
		yield {
			line: info.lines,
			fault: record.length < width || more ? `${name}, line ${info.lines}: ${record.length} fields, but the header has ${width}.` : null,
			get: (column) => record[columns.get(column) ?? -1]?.trim() ?? '',
		}
	}
}

async function nextOf<Value>(iterator: AsyncIterator<Value>, name: string): Promise<Value | null> {
	try {
		const { done, value } = await iterator.next()
		return done ? null : value
	} catch (error) {
		const fault = error as Error & { code?: string; lines?: number }
		if (fault.code === 'CSV_MAX_RECORD_SIZE') throw new UserError(`${name}: the row that ends near line ${fault.lines ?? 0} is longer than ${DATA_LIMITS.rowBytes} bytes; a quotation mark may be open.`, fault.message)
		throw new UserError(`${name} is not a CSV file that can be read${fault.lines ? ` (near line ${fault.lines})` : ''}.`, fault.message)
	}
}

async function lookInto(path: string, name: string): Promise<{ size: number; delimiter: string }> {
	const file = await open(path, 'r').catch((error: unknown) => {
		throw new UserError(`${name} cannot be opened in the data set's folder.`, String(error))
	})
	try {
		const status = await file.stat()
		if (!status.isFile()) throw new UserError(`${name} is not a file.`)
		const { buffer, bytesRead } = await file.read(Buffer.alloc(65536), 0, 65536, 0)
		const line = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1)[0] ?? ''
		const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length)
		return { size: status.size, delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',' }
	} finally {
		await file.close()
	}
}
