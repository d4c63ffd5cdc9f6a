import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../common/contract/procedures.ts'
import { positionSchema, type Position } from '../../../common/contract/training/run.ts'
import type { Weights } from '../../../onnx/network.ts'
import { UNFINISHED, writeDurably } from './durable.ts'

/**
 * Checkpoints are safetensors files: other programs can open them. All tensors are flat float32 lists; the metadata has the position of
 * the run and the SHA-256 of all that follows the header, so that a damaged file is known as such.
 */
export interface Checkpoint {
	position: Position
	/** Groups of values by name: weights, slots of the optimiser, averages. */
	groups: ReadonlyMap<string, Weights>
}

const headerSchema = z.object({ __metadata__: z.object({ position: z.string(), sha256: z.string() }) })
	.catchall(z.object({ dtype: z.literal('F32'), shape: z.tuple([z.number().int().nonnegative()]), data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]) }))

const DIGITS = 10
const KEPT = 2
/** Between group and name of a tensor; no name of a group has it. */
const SEPARATOR = ':'

const stepName = (step: number) => `step-${String(step).padStart(DIGITS, '0')}.safetensors`
const bestName = (step: number) => `best-${String(step).padStart(DIGITS, '0')}.safetensors`

function bytesOf(values: Float32Array): Uint8Array {
	return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** SHA-256 over names, lengths and values, in the order of the names: equal for equal weights. */
export function hashWeights(weights: Weights): string {
	const hash = createHash('sha256')
	for (const name of [...weights.keys()].toSorted()) {
		const values = weights.get(name) ?? new Float32Array()
		hash.update(`${name}\n${values.length}\n`).update(bytesOf(values))
	}
	return hash.digest('hex')
}

/** @throws UserError where the disk is full; the folder is as it was then. */
function write(path: string, { position, groups }: Checkpoint): void {
	const header: Record<string, unknown> = {}
	const parts: Uint8Array[] = []
	const hash = createHash('sha256')
	let offset = 0
	for (const [group, values] of groups) {
		for (const [name, array] of values) {
			const bytes = bytesOf(array)
			header[`${group}${SEPARATOR}${name}`] = { dtype: 'F32', shape: [array.length], data_offsets: [offset, offset + bytes.length] }
			offset += bytes.length
			hash.update(bytes)
			parts.push(bytes)
		}
	}
	const text = JSON.stringify({ __metadata__: { position: JSON.stringify(position), sha256: hash.digest('hex') }, ...header })
	const padded = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8))
	const size = new Uint8Array(8)
	new DataView(size.buffer).setBigUint64(0, BigInt(padded.length), true)
	writeDurably(path, [size, padded, ...parts])
}

/** @throws UserError where the file is damaged. */
function read(path: string): Checkpoint {
	const file = readFileSync(path)
	const damaged = () => new UserError(`${path} is damaged.`)
	if (file.length < 8) throw damaged()
	const headerBytes = file.readBigUInt64LE(0)
	if (headerBytes > BigInt(file.length - 8)) throw damaged()
	const start = 8 + Number(headerBytes)
	const data = file.subarray(start)
	let parsed: z.infer<typeof headerSchema>
	let position: Position
	try {
		parsed = headerSchema.parse(JSON.parse(file.toString('utf8', 8, start)))
		position = positionSchema.parse(JSON.parse(parsed.__metadata__.position))
	} catch {
		throw damaged()
	}
	const { __metadata__: metadata, ...tensors } = parsed
	if (createHash('sha256').update(data).digest('hex') !== metadata.sha256) throw damaged()
	const groups = new Map<string, Weights>()
	for (const [key, { shape, data_offsets: [from, to] }] of Object.entries(tensors)) {
		const cut = key.indexOf(SEPARATOR)
		if (cut < 0 || from > to || to > data.length || to - from !== shape[0] * 4) throw damaged()
		const group = key.slice(0, cut)
		if (!groups.has(group)) groups.set(group, new Map())
		// A copy of its own: the file's bytes need not lie at a multiple of four.
		groups.get(group)?.set(key.slice(cut + 1), new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer))
	}
	return { position, groups }
}

function names(folder: string, prefix: string): string[] {
	return readdirSync(folder).filter((name) => name.startsWith(prefix) && name.endsWith('.safetensors')).toSorted()
}

/** Writes the checkpoint of a step, then removes those that nobody needs any more: the last two and the best of either are kept. */
export function saveCheckpoint(folder: string, checkpoint: Checkpoint): void {
	write(join(folder, stepName(checkpoint.position.step)), checkpoint)
	const steps = names(folder, 'step-')
	for (const name of steps.slice(0, -KEPT)) rmSync(join(folder, name), { force: true })
	// A best one that is older than both is still named by the older of the two until that one goes as well.
	const best = names(folder, 'best-')
	const current = checkpoint.position.best ? bestName(checkpoint.position.best.step) : ''
	const previous = best.filter((name) => name < current).at(-1)
	for (const name of best) if (name !== current && name !== previous) rmSync(join(folder, name), { force: true })
}

/** The weights that validated best; written before the checkpoint that names them. */
export function saveBest(folder: string, checkpoint: Checkpoint): void {
	write(join(folder, bestName(checkpoint.position.step)), checkpoint)
}

/** @throws UserError where it is gone or damaged. */
export function readBest(folder: string, step: number): Weights {
	const path = join(folder, bestName(step))
	try {
		const weights = read(path).groups.get('weights')
		if (weights) return weights
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
	}
	throw new UserError(`${path} is not there: the weights of the best validation are gone.`)
}

/**
 * The latest checkpoint that is whole; one that is damaged is passed over for the one before it.
 * @throws UserError where there is none.
 */
export function readLatest(folder: string): { checkpoint: Checkpoint; passedOver: string[] } {
	for (const name of readdirSync(folder)) if (name.startsWith(UNFINISHED)) rmSync(join(folder, name), { force: true })
	const passedOver: string[] = []
	for (const name of names(folder, 'step-').toReversed()) {
		try {
			return { checkpoint: read(join(folder, name)), passedOver }
		} catch (error) {
			if (!(error instanceof UserError)) throw error
			passedOver.push(error.message)
		}
	}
	throw new UserError(`${folder} has no checkpoint that is whole. ${passedOver.join(' ')}`.trim())
}

/** Bytes of a checkpoint with these groups, its header roughly. */
export function checkpointBytes(groups: ReadonlyMap<string, Weights>): number {
	let bytes = 4096
	for (const values of groups.values()) for (const [name, array] of values) bytes += array.byteLength + name.length + 96
	return bytes
}
