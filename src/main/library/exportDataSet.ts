import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { decidedImages, type DecidedImage } from './decidedImages.ts'
import type { FrameCache } from './frameCache.ts'
import type { Library } from './library.ts'
import { getInstance } from './studies.ts'

/**
 * Writes what readers decided as a data set for training: images/*.png (8 bits in the default window, as a network sees them) and manifest.csv with
 * `label` (where exactly one is present), a column per label, `patient_or_group` and `source`. No name, number or date goes with it; what is burnt into pixels does.
 * The folder is new or empty, and has everything or is left as it was.
 * @throws UserError where the folder is not empty, nothing is decided, or an image cannot be read; AbortError.
 */
export async function exportDataSet(options: {
	library: Library
	frames: FrameCache
	hosts: HostCaller
	folder: string
	/** What is written; everything that is decided and not left out unless told otherwise. */
	images?: readonly DecidedImage[]
	signal?: AbortSignal
	onProgress?: (done: number, total: number) => void
}): Promise<{ images: number; labels: string[]; patients: number }> {
	const folder = resolve(options.folder)
	const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return null
		throw new UserError(`${folder} is not a folder that can be read.`, String(error))
	})
	if (there !== null && there.length > 0) throw new UserError(`The folder ${folder} is not empty.`)
	const decided = options.images ?? decidedImages(options.library)
	if (decided.length === 0) throw new UserError('No reader has accepted or rejected a finding of a network, so there is nothing to learn from.')
	const labels = [...new Set(decided.flatMap(({ truth }) => Object.keys(truth)))].toSorted()
	const temporary = join(dirname(folder), `.${randomUUID()}.part`)
	try {
		await mkdir(join(temporary, 'images'), { recursive: true, mode: 0o700 })
		const lines = [['file', 'label', ...labels, 'patient_or_group', 'source']]
		for (const [index, { instanceId, frameIndex, group, truth }] of decided.entries()) {
			options.signal?.throwIfAborted()
			const file = `images/${instanceId}_${frameIndex}.png`
			const { path } = await options.frames.frame(getInstance(options.library, instanceId), frameIndex)
			await options.hosts.call('imaging', 'render', {
				framePath: path, output: join(temporary, file), maxSide: 16384, window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false, map: null,
			})
			const present = labels.filter((label) => truth[label] === 1)
			lines.push([file, present.length === 1 ? (present[0] ?? '') : '', ...labels.map((label) => String(truth[label] ?? '')), group, 'negatoscope'])
			options.onProgress?.(index + 1, decided.length)
		}
		await writeFile(join(temporary, 'manifest.csv'), lines.map((fields) => `${fields.map(quoted).join(',')}\n`).join(''), { mode: 0o600 })
		if (there !== null) await rmdir(folder)
		await rename(temporary, folder)
	} finally {
		await rm(temporary, { recursive: true, force: true })
	}
	return { images: decided.length, labels, patients: new Set(decided.map(({ group }) => group)).size }
}

function quoted(field: string): string {
	return /[",\r\n;\t]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
