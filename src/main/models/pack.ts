import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { lungManifestSchema, type LungPack } from '../../common/contract/lungs.ts'
import { modelManifestSchema, type ModelEntry, type ModelManifest, type ReadyModel } from '../../common/contract/model.ts'
import { PACK_FILES } from '../../common/contract/packFile.ts'
import { UserError } from '../../common/contract/procedures.ts'

/** A pack is a folder with these files; bytes at most. */
const LIMITS = { ...PACK_FILES, 'lungs.json': 1024 ** 2 } as const
type PackFile = keyof typeof LIMITS

/** SHA-256 by path, kept while size, times and inode stay: only for the list; the inference host hashes what it loads once more. */
export type HashCache = Map<string, { stamp: string; sha256: string }>

/** What a folder holds: a pack that may be used, or the reason why it may not, in a sentence. */
export function readPack(directory: string, origin: ModelEntry['origin'], hashes: HashCache): ModelEntry {
	try {
		return { ...openPack(directory, hashes), origin }
	} catch (error) {
		return { state: 'refused', directory, origin, reason: `${basename(directory)}: ${reasonOf(error)}` }
	}
}

/** A pack that may be used, of a folder that is the user's. @throws UserError with the first thing that is wrong with it, which does not name the folder. */
export function openPack(directory: string, hashes: HashCache): ReadyModel {
	try {
		if (!lstatSync(directory).isDirectory()) throw new UserError('This is a link or a file; a model pack is a folder of its own.')
		const manifest = parseManifest(readText(directory, 'model.json') ?? '')
		if (manifest.input.region?.of === 'background') throw new UserError('This network was shown films without their lungs, to learn what the rest tells; it does not read films.')
		const sha256 = hashGraph(directory, hashes)
		if (sha256 !== manifest.sha256) throw new UserError('The SHA-256 of model.onnx is not the one in model.json: the network is damaged or was exchanged.')
		return { state: 'ready', directory, origin: 'user', manifest, selfTestDifference: null, selected: false, card: readText(directory, 'CARD.md', true) ?? '' }
	} catch (error) {
		throw error instanceof UserError ? error : new UserError(reasonOf(error))
	}
}

/** Whether a folder holds the network that marks the lungs, which is no classifier. */
export function isLungPack(directory: string): boolean {
	return lstatSync(join(directory, 'lungs.json'), { throwIfNoEntry: false }) !== undefined && lstatSync(join(directory, 'model.json'), { throwIfNoEntry: false }) === undefined
}

/** The pack of the network that marks the lungs, or why it may not be used. */
export function readLungPack(directory: string, hashes: HashCache): LungPack {
	try {
		const found = lstatSync(directory, { throwIfNoEntry: false })
		if (!found) return { fault: 'No lung network is installed.' }
		if (!found.isDirectory()) throw new UserError('This is a link or a file; a model pack is a folder of its own.')
		const manifest = parsed('lungs.json', readText(directory, 'lungs.json') ?? '', lungManifestSchema)
		if (hashGraph(directory, hashes) !== manifest.sha256) throw new UserError('The SHA-256 of model.onnx is not the one in lungs.json: the network is damaged or was exchanged.')
		return { directory, manifest, card: readText(directory, 'CARD.md', true) ?? '' }
	} catch (error) {
		return { fault: `The lung network in ${basename(directory)} cannot be used: ${reasonOf(error)}` }
	}
}

function reasonOf(error: unknown): string {
	return error instanceof UserError ? error.message : `The folder cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`
}

/** @throws UserError with the first thing that is wrong with a file of a pack. */
function parsed<Schema extends z.ZodType>(name: PackFile, text: string, schema: Schema): z.output<Schema> {
	let json: unknown
	try {
		json = JSON.parse(text)
	} catch {
		throw new UserError(`${name} is not JSON.`)
	}
	const result = schema.safeParse(json)
	if (result.success) return result.data
	const issue = result.error.issues[0]
	throw new UserError(`${name} is not valid at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown'}.`)
}

/** @throws UserError with the first thing that is wrong with a model.json. */
export function parseManifest(text: string): ModelManifest {
	const manifest = parsed('model.json', text, modelManifestSchema)
	const { labels, outputs, golden, calibration, task, featureStatistics, input, domain } = manifest
	if (new Set(labels.map((label) => label.name)).size !== labels.length) throw new UserError('model.json names a label twice.')
	if (new Set(outputs.camLayers.map((layer) => layer.name)).size !== outputs.camLayers.length) throw new UserError('model.json names a layer twice.')
	if (!outputs.camLayers.some((layer) => layer.name === outputs.defaultCamLayer)) throw new UserError('model.json names a default layer that is not in its list of layers.')
	if (golden.logits.length !== labels.length) throw new UserError('model.json does not have one golden logit for each label.')
	if (calibration.method === 'platt' && task !== 'multilabel') throw new UserError('model.json calibrates label by label, but its labels exclude each other.')
	if (calibration.method === 'platt' && calibration.labels.length !== labels.length) throw new UserError('model.json does not have one calibration for each label.')
	if (featureStatistics?.kind === 'diagonal' && featureStatistics.mean.length !== featureStatistics.variance.length) throw new UserError('model.json does not have one variance for each mean of its features.')
	if (input.region && domain !== 'chest-radiograph') throw new UserError('model.json wants the region of the lungs, but not of chest films.')
	if (input.region && input.colour !== 'grey') throw new UserError('model.json wants the region of the lungs, but colour images.')
	if (input.tones && input.colour !== 'grey') throw new UserError('model.json wants the grey values equalised, but of colour images.')
	return manifest
}

/**
 * Opens a file of a pack without following a link.
 * @throws UserError when it is missing, is not a plain file or is too large.
 */
function openPackFile(directory: string, name: PackFile): { descriptor: number; stamp: string } {
	const path = join(directory, name)
	let descriptor: number
	try {
		if (lstatSync(path).isSymbolicLink()) throw new UserError(`${name} is a link; a model pack holds its files itself.`)
		descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError(`${name} is missing.`)
		throw error
	}
	const stat = fstatSync(descriptor)
	const refusal = !stat.isFile() ? `${name} is not a file.` : stat.size > LIMITS[name] ? `${name} is larger than ${LIMITS[name] / 1024} KiB.` : ''
	if (refusal) {
		closeSync(descriptor)
		throw new UserError(refusal)
	}
	return { descriptor, stamp: [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ') }
}

function readText(directory: string, name: PackFile, optional = false): string | null {
	if (optional && !lstatSync(join(directory, name), { throwIfNoEntry: false })) return null
	const { descriptor } = openPackFile(directory, name)
	try {
		return readFileSync(descriptor, 'utf8')
	} finally {
		closeSync(descriptor)
	}
}

function hashGraph(directory: string, hashes: HashCache): string {
	const path = join(directory, 'model.onnx')
	const { descriptor, stamp } = openPackFile(directory, 'model.onnx')
	try {
		const known = hashes.get(path)
		if (known?.stamp === stamp) return known.sha256
		const hash = createHash('sha256')
		const block = new Uint8Array(4 * 1024 * 1024)
		for (let read = readSync(descriptor, block); read > 0; read = readSync(descriptor, block)) hash.update(block.subarray(0, read))
		const sha256 = hash.digest('hex')
		hashes.set(path, { stamp, sha256 })
		return sha256
	} finally {
		closeSync(descriptor)
	}
}
