import { readFileSync, statSync } from 'node:fs'
import type { Gate } from '../../common/contract/analysis.ts'
import type { Frame } from '../../common/contract/frame.ts'
import type { ModelManifest } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { decodeFrame } from '../../common/imaging/frameFile.ts'
import { displaySamples } from '../../common/imaging/window.ts'
import { checkInput } from './gate.ts'
import { inputTensor } from './preprocess.ts'

/** A Frame as a network gets it. */
export interface Prepared {
	inputSha256: string
	gate: Gate
	/** Null where the gate refuses. */
	tensor: Float32Array<ArrayBuffer> | null
	/** Milliseconds of window, resize and tensor, and of those with the gate. */
	preprocess: number
	total: number
}

/** Tensors that are kept: a map is asked for right after the answer on the same image. */
const KEPT = 8

/** Reads Frame files and makes their tensors; the last few are kept by file and network. */
export function createPreparation(): (framePath: string, manifest: ModelManifest) => Prepared {
	const kept = new Map<string, Prepared>()
	return (framePath, manifest) => {
		const key = `${framePath}\n${stampOf(framePath)}\n${manifest.sha256}`
		const known = kept.get(key)
		if (known) return { ...known, preprocess: 0, total: 0 }
		const prepared = prepareFrame(readFrame(framePath), manifest)
		kept.set(key, prepared)
		for (const oldest of kept.keys()) {
			if (kept.size <= KEPT) break
			kept.delete(oldest)
		}
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

/** Window, gate, resize and tensor, in this order. */
export function prepareFrame(frame: Frame, manifest: ModelManifest): Prepared {
	const started = performance.now()
	const shown = displaySamples(frame)
	const windowed = performance.now()
	const gate = checkInput(frame, shown, manifest)
	const checked = performance.now()
	const tensor = gate.ok ? inputTensor(frame, shown, manifest.input) : null
	const finished = performance.now()
	return { inputSha256: frame.header.sha256, gate, tensor, preprocess: windowed - started + finished - checked, total: finished - started }
}
