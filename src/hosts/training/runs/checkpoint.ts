import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
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

/** Most of a header that is read: names and places of tensors. */
const LARGEST_HEADER = 64 * 1024 * 1024

/** Tensor by tensor, so that a checkpoint may be larger than a single buffer. @throws UserError where the file is damaged. */
function read(path: string): Checkpoint {
	const damaged = () => new UserError(`${path} is damaged.`)
	const descriptor = openSync(path, 'r')
	let position = 0
	const take = (bytes: Uint8Array): void => {
		for (let filled = 0; filled < bytes.length;) {
			const count = readSync(descriptor, bytes, filled, bytes.length - filled, position)
			if (count === 0) throw damaged()
			filled += count
			position += count
		}
	}
	try {
		const size = new Uint8Array(8)
		take(size)
		const headerBytes = new DataView(size.buffer).getBigUint64(0, true)
		if (headerBytes > BigInt(LARGEST_HEADER)) throw damaged()
		const text = new Uint8Array(Number(headerBytes))
		take(text)
		const { metadata, tensors } = parseHeader(new TextDecoder().decode(text)) ?? {}
		if (!metadata || !tensors) throw damaged()
		const start = position
		const hash = createHash('sha256')
		const groups = new Map<string, Weights>()
		for (const { key, from, to, length } of tensors) {
			const cut = key.indexOf(SEPARATOR)
			if (cut < 0 || from !== position - start || to - from !== length * 4 || to > fstatSync(descriptor).size - start) throw damaged()
			const values = new Float32Array(length)
			take(bytesOf(values))
			hash.update(bytesOf(values))
			const group = key.slice(0, cut)
			if (!groups.has(group)) groups.set(group, new Map())
			groups.get(group)?.set(key.slice(cut + 1), values)
		}
		if (hash.digest('hex') !== metadata.sha256 || position !== fstatSync(descriptor).size) throw damaged()
		return { position: metadata.position, groups }
	} finally {
		closeSync(descriptor)
	}
}

/** Null where it is none of ours. */
function parseHeader(text: string): { metadata: { position: Position; sha256: string }; tensors: { key: string; from: number; to: number; length: number }[] } | null {
	try {
		const { __metadata__: { position, sha256 }, ...tensors } = headerSchema.parse(JSON.parse(text))
		return {
			metadata: { position: positionSchema.parse(JSON.parse(position)), sha256 },
			tensors: Object.entries(tensors).map(([key, { shape: [length], data_offsets: [from, to] }]) => ({ key, from, to, length })),
		}
	} catch {
		return null
	}
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
