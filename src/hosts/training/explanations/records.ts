import { createReadStream } from 'node:fs'
import { appendFile, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { camModeSchema } from '../../../common/contract/analysis.ts'
import { faithfulnessSchema } from '../../../common/contract/explanation.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { filmRegionSchema, sha256Schema } from '../../../common/contract/primitives.ts'
import { explanationMethodSchema } from '../../../common/contract/training/explanationSet.ts'
import { diskFault } from '../runs/durable.ts'

/** Raised when what is measured changes, so that nothing of an older program is mixed into a table. */
const MEASUREMENT = 1

const mapsSchema = z.record(z.string(), z.array(z.number().min(0).max(1)))

/** What everything that is kept depends on: the film's file, the network's file, how it was explained, and where the network sees the lungs alone who found them. */
const keySchema = z.object({ measurement: z.literal(MEASUREMENT), film: sha256Schema, model: sha256Schema, mode: camModeSchema, layer: z.string(), lungs: sha256Schema.optional() })

/** Maps of all labels of one film by one network. */
const mapsRecordSchema = keySchema.extend({
	kind: z.literal('maps'),
	/** Calibrated, in the order of the labels. */
	probabilities: z.array(z.number().min(0).max(1)),
	height: z.number().int().positive(),
	width: z.number().int().positive(),
	scoreCam: mapsSchema,
	/** The part of the film that the maps cover; missing: all of it. */
	region: filmRegionSchema.optional(),
	/** Seconds of the exact Score-CAM. */
	seconds: z.number().nonnegative(),
	/** Null where the layer does not allow it. */
	reciproCam: z.object({ height: z.number().int().positive(), width: z.number().int().positive(), maps: mapsSchema }).nullable(),
})
export type MapsRecord = z.infer<typeof mapsRecordSchema>

/** How faithful one map is: of one film, by one network and one method, of one label. */
const faithfulnessRecordSchema = keySchema.extend({
	kind: z.literal('faithfulness'),
	method: explanationMethodSchema,
	label: z.string(),
	measured: faithfulnessSchema,
	/** Probability of the label on the image multiplied by the map, of which only the hotter half of the pixels is left. */
	topHalfProbability: z.number().min(0).max(1),
})
export type FaithfulnessRecord = z.infer<typeof faithfulnessRecordSchema>

/** The parameter-randomisation check; the film of its key stands for all its films. */
const randomisationRecordSchema = keySchema.extend({
	kind: z.literal('randomisation'),
	stages: z.array(z.object({ stage: z.string(), rankCorrelations: z.array(z.number().min(-1).max(1).nullable()) })),
})
type RandomisationRecord = z.infer<typeof randomisationRecordSchema>

const recordSchema = z.discriminatedUnion('kind', [mapsRecordSchema, faithfulnessRecordSchema, randomisationRecordSchema])
type FilmRecord = z.infer<typeof recordSchema>

export type RecordKey = Omit<z.infer<typeof keySchema>, 'measurement'>
type Unkeyed<Record> = Record extends FilmRecord ? Omit<Record, keyof RecordKey | 'measurement'> : never

/** What was measured so far, in memory and where a file is given in that too, a line of JSON each. */
export interface Records {
	maps(key: RecordKey): MapsRecord | null
	faithfulness(key: RecordKey, method: FaithfulnessRecord['method'], label: string): FaithfulnessRecord | null
	randomisation(key: RecordKey): RandomisationRecord | null
	/** @throws UserError where the disk is full. */
	keep(key: RecordKey, record: Unkeyed<FilmRecord>): Promise<void>
}

const LARGEST_FILE = 8 * 2 ** 30

/**
 * Reads what an earlier run has measured. A line that a killed run left unfinished, or that another version wrote, counts as not there.
 * @param path null: nothing is read or written.
 * @throws UserError where the file cannot be read.
 */
export async function openRecords(path: string | null): Promise<Records> {
	const known = new Map<string, FilmRecord>()
	if (path !== null) {
		await mkdir(dirname(path), { recursive: true })
		await readLines(path, known)
	}
	const find = (name: string): FilmRecord | null => known.get(name) ?? null
	return {
		maps(key) {
			const found = find(nameOf({ ...key, kind: 'maps' }))
			return found?.kind === 'maps' ? found : null
		},
		faithfulness(key, method, label) {
			const found = find(nameOf({ ...key, kind: 'faithfulness', method, label }))
			return found?.kind === 'faithfulness' ? found : null
		},
		randomisation(key) {
			const found = find(nameOf({ ...key, kind: 'randomisation' }))
			return found?.kind === 'randomisation' ? found : null
		},
		async keep(key, own) {
			const record: FilmRecord = { measurement: MEASUREMENT, ...key, ...own }
			known.set(nameOf(record), record)
			if (path === null) return
			await appendFile(path, `${JSON.stringify(record)}\n`, { mode: 0o600 }).catch((error: unknown) => {
				throw diskFault(error, path)
			})
		},
	}
}

function nameOf(record: RecordKey & ({ kind: 'maps' | 'randomisation' } | { kind: 'faithfulness'; method: string; label: string })): string {
	const { film, model, mode, layer, lungs, kind } = record
	return JSON.stringify([film, model, mode, layer, lungs ?? null, kind, ...(record.kind === 'faithfulness' ? [record.method, record.label] : [])])
}

async function readLines(path: string, known: Map<string, FilmRecord>): Promise<void> {
	const status = await stat(path).catch(() => null)
	if (!status) return
	if (!status.isFile() || status.size > LARGEST_FILE) throw new UserError(`${path} is not a file that this program has written.`)
	for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
		const record = parse(line)
		if (record) known.set(nameOf(record), record)
	}
	if (status.size > 0) await endLine(path, status.size)
}

function parse(line: string): FilmRecord | null {
	try {
		const read = recordSchema.safeParse(JSON.parse(line))
		return read.success ? read.data : null
	} catch {
		return null
	}
}

/** What a killed run left unfinished stays a line of its own. */
async function endLine(path: string, size: number): Promise<void> {
	const file = await open(path, 'r+')
	try {
		const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
		if (buffer[0] !== 0x0a) await file.write('\n', size)
	} finally {
		await file.close()
	}
}
