import { readFileSync, statSync } from 'node:fs'
import type { Gate, Prediction } from '../../common/contract/analysis.ts'
import type { Frame } from '../../common/contract/frame.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import type { FilmRegion } from '../../common/contract/primitives.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { decodeFrame } from '../../common/imaging/frameFile.ts'
import { pixelBoxOf, regionOf } from '../../common/imaging/region.ts'
import { displaySamples } from '../../common/imaging/window.ts'
import { lungCrop } from '../../common/lungs/crop.ts'
import type { FoundLungs } from '../../common/lungs/findLungs.ts'
import { keepNewest } from '../../common/newest.ts'
import { addLungCheck, checkInput } from './gate.ts'
import { finderOf, type LungNetwork, type LungReader } from './lungs.ts'
import { displayPlanes, inputTensor } from './preprocess.ts'

export const NO_LUNG_NETWORK = { fault: 'No lung network is installed.' }

/** A Frame as a network gets it. */
export interface Prepared {
	inputSha256: string
	gate: Gate
	/** Null where nobody looked: films of tissue, and where the gate refused before. */
	found: FoundLungs | null
	/** For the answer: what was found and by whom. */
	lungs: NonNullable<Prediction['lungs']> | null
	/** The part of the film that is in the tensor, in whole pixels of the film; null: all of it. */
	region: FilmRegion | null
	/** Null where the gate refuses. */
	tensor: Float32Array<ArrayBuffer> | null
	/** Milliseconds of window, resize and tensor, and of those with the gate. */
	preprocess: number
	total: number
}

/** Tensors that are kept: a map is asked for right after the answer on the same image. */
const KEPT = 8

/** Reads Frame files and makes their tensors; the last few are kept by file, network and lung network, what was found of their lungs by file and lung network. */
export function createPreparation(): (framePath: string, manifest: ModelManifest, lungs: LungReader) => Promise<Prepared> {
	const kept = new Map<string, Prepared>()
	const found = new Map<string, FoundLungs>()
	return async (framePath, manifest, lungs) => {
		const film = `${framePath}\n${stampOf(framePath)}\n${'fault' in lungs ? '' : lungs.manifest.sha256}`
		const key = `${film}\n${manifest.sha256}`
		const known = kept.get(key)
		if (known) return { ...known, preprocess: 0, total: 0 }
		const prepared = await prepareFrame(readFrame(framePath), manifest, lungs, found.get(film) ?? null)
		keepNewest(kept, KEPT, key, prepared)
		if (prepared.found) keepNewest(found, KEPT, film, prepared.found)
		return prepared
	}
}

function stampOf(path: string): string {
	const status = statSync(path, { throwIfNoEntry: false })
	return status ? `${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}` : ''
}

/** @throws UserError when the file is not a whole Frame. */
function readFrame(path: string): Frame {
	try {
		const bytes = readFileSync(path)
		// A buffer of the file alone: pixels are views of it and need their alignment.
		return decodeFrame(bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : Uint8Array.from(bytes).buffer)
	} catch (error) {
		throw new UserError('The decoded image cannot be read. Open the film again.', String(error))
	}
}

/**
 * Window, gate, lungs, resize and tensor, in this order.
 * @param known What was found of the film's lungs before, by the same network.
 */
export async function prepareFrame(frame: Frame, manifest: ModelManifest, lungs: LungReader, known: FoundLungs | null = null): Promise<Prepared> {
	const started = performance.now()
	const shown = displaySamples(frame)
	const windowed = performance.now()
	const before = checkInput(frame, shown, manifest)
	const chest = manifest.domain === 'chest-radiograph'
	const network = 'fault' in lungs ? null : lungs
	const found = chest && before.ok && network ? (known ?? (await lookForLungs(frame, shown, network))) : null
	const gate = chest ? addLungCheck(before, found?.findings ?? ('fault' in lungs ? lungs : NO_LUNG_NETWORK), manifest) : before
	const checked = performance.now()
	const region = gate.ok && manifest.input.region && found?.findings.box ? pixelRegion(lungCrop({ box: found.findings.box }, manifest.input.region.margin), frame) : null
	const tensor = gate.ok ? inputTensor(frame, shown, manifest.input, region) : null
	const finished = performance.now()
	return {
		inputSha256: frame.header.sha256,
		gate,
		found,
		lungs: found && network && { ...finderOf(network.manifest), findings: found.findings },
		region,
		tensor,
		preprocess: windowed - started + finished - checked,
		total: finished - started,
	}
}

function lookForLungs(frame: Frame, shown: Uint8Array, lungs: LungNetwork): Promise<FoundLungs> {
	const [plane = new Uint8Array()] = displayPlanes(frame, shown, 'grey')
	return lungs.find(plane, frame.header.columns, frame.header.rows)
}

/** Borders moved to the film's pixels, so that what is stated is what was cut out. */
function pixelRegion(region: FilmRegion, { header: { columns, rows } }: Frame): FilmRegion {
	return regionOf(pixelBoxOf(region, columns, rows), columns, rows)
}
