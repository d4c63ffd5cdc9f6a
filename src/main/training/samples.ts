import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { UserError } from '../../common/contract/procedures.ts'
import { dataSetSampleSchema, type DataSetSample } from '../../common/contract/training/dataSets.ts'

/** The file of samples that a survey left: lines of JSON in the order of their ids. What is kept in memory are the places of its lines. */
export interface SampleFile {
	total: number
	/** Numbers of the lines that fit, in order. Every line is read, and trusted to be a sample: those that are shown are checked when they are read. */
	find(fits: (sample: DataSetSample) => boolean): Promise<Uint32Array>
	/** The samples of some lines, by their numbers. */
	read(lines: Iterable<number>): Promise<DataSetSample[]>
	/** Null where it has none of this id. */
	withId(id: string): Promise<DataSetSample | null>
}

/** Nobody writes longer lines; what is longer is no file of samples. */
const LONGEST_LINE = 2 ** 20

const MISSING = 'The list of samples of the last survey cannot be read. Survey the data set anew.'

/** @throws UserError where it cannot be read; so do its functions. */
export async function openSampleFile(path: string): Promise<SampleFile> {
	const starts: number[] = [0]
	let place = 0
	for await (const chunk of piecesOf(path)) {
		for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) starts.push(place + at + 1)
		place += chunk.length
	}
	const places = Float64Array.from(starts)
	const total = places.length - 1

	async function withFile<Result>(work: (lineAt: (line: number) => Promise<DataSetSample>) => Promise<Result>): Promise<Result> {
		const file = await open(path, 'r').catch(missing)
		try {
			return await work(async (line) => {
				const start = places[line] ?? 0
				const length = (places[line + 1] ?? start) - start
				if (length <= 0 || length > LONGEST_LINE) throw new UserError(MISSING, `line ${line + 1}`)
				const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start)
				return sampleOf(buffer.toString('utf8', 0, bytesRead))
			})
		} finally {
			await file.close()
		}
	}

	return {
		total,
		async find(fits) {
			const found: number[] = []
			let line = 0
			let rest: Buffer = Buffer.alloc(0)
			for await (const chunk of piecesOf(path)) {
				const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
				let start = 0
				for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, start)) {
					if (trusted(text.toString('utf8', start, at), fits)) found.push(line)
					line++
					start = at + 1
				}
				rest = text.subarray(start)
				if (rest.length > LONGEST_LINE) throw new UserError(MISSING, `line ${line + 1}`)
			}
			return Uint32Array.from(found)
		},
		read: (lines) => withFile(async (lineAt) => {
			const samples: DataSetSample[] = []
			for (const line of lines) samples.push(await lineAt(line))
			return samples
		}),
		withId: (id) => withFile(async (lineAt) => {
			let low = 0
			let high = total
			while (low < high) {
				const middle = (low + high) >> 1
				const sample = await lineAt(middle)
				if (sample.id === id) return sample
				if (sample.id < id) low = middle + 1
				else high = middle
			}
			return null
		}),
	}
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
	await stat(path).catch(missing)
	try {
		for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) yield chunk as Buffer
	} catch (error) {
		missing(error)
	}
}

function trusted(line: string, fits: (sample: DataSetSample) => boolean): boolean {
	try {
		return fits(JSON.parse(line) as DataSetSample)
	} catch (error) {
		return missing(error)
	}
}

function sampleOf(line: string): DataSetSample {
	try {
		return dataSetSampleSchema.parse(JSON.parse(line))
	} catch (error) {
		return missing(error)
	}
}

function missing(error: unknown): never {
	throw error instanceof UserError ? error : new UserError(MISSING, String(error))
}
