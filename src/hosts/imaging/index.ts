import { open, readFile, stat } from 'node:fs/promises'
import { UserError } from '../../common/contract/procedures.ts'
import type { Frame } from '../../common/contract/frame.ts'
import { decodeFrame, frameParts } from '../../common/imaging/frameFile.ts'
import { serveHost } from '../serve.ts'
import { decodeFrameOf, inspectBytes, sha256Of } from './decodeFrame.ts'
import { readDicomFile } from './dicom/part10.ts'
import { metadataRows } from './dicom/metadata.ts'
import { LIMITS } from './limits.ts'
import { rasterMetadataRows } from './raster/rasterMetadata.ts'
import { encodePng, renderFrame, type RenderSettings } from './render.ts'
import { SNIFFED_BYTES, sniff } from './sniff.ts'
import { unzip } from './unzip.ts'
import { writeWhole } from './writeWhole.ts'

/** The beginning of a regular file and its size. @throws UserError for what is no file: a pipe would never end. */
async function readHead(path: string): Promise<{ head: Uint8Array; size: number }> {
	const status = await stat(path)
	if (!status.isFile()) throw new UserError('It is not a file.')
	const file = await open(path, 'r')
	try {
		const head = new Uint8Array(Math.min(SNIFFED_BYTES, status.size))
		const { bytesRead } = await file.read(head, 0, head.length, 0)
		return { head: head.subarray(0, bytesRead), size: status.size }
	} finally {
		await file.close()
	}
}

/** All bytes of a file that may be an image. */
async function readImageFile(path: string): Promise<Uint8Array> {
	const { size } = await readHead(path)
	if (size > LIMITS.fileBytes) throw new UserError('The file is larger than 2 GiB, which is more than this program reads.')
	return await readFile(path)
}

async function writePicture(frame: Frame, settings: RenderSettings, output: string): Promise<{ width: number; height: number }> {
	const image = await renderFrame(frame, settings)
	writeWhole(output, [await encodePng(image)])
	return { width: image.width, height: image.height }
}

serveHost('imaging', {
	async inspect({ path }) {
		const { head, size } = await readHead(path)
		const sniffed = sniff(head, size)
		if ('archive' in sniffed) return sniffed
		// Nothing that is refused by its first bytes is read to the end.
		if ('refused' in sniffed) return { refused: sniffed.refused, sha256: null }
		if (size > LIMITS.fileBytes) return { refused: 'The file is larger than 2 GiB, which is more than this program reads.', sha256: null }
		return await inspectBytes(await readFile(path))
	},

	async decode({ path, sha256, frameIndex, output }) {
		const started = performance.now()
		const frame = await decodeFrameOf(await readImageFile(path), sha256, frameIndex)
		const milliseconds = performance.now() - started
		writeWhole(output, frameParts(frame))
		return { header: frame.header, milliseconds }
	},

	async metadata({ path }) {
		const bytes = await readImageFile(path)
		const sniffed = sniff(bytes.subarray(0, SNIFFED_BYTES), bytes.length)
		if (!('kind' in sniffed)) throw new UserError('The file has no header to show.')
		return sniffed.kind === 'dicom' ? metadataRows(readDicomFile(bytes)) : await rasterMetadataRows(bytes, sniffed.kind)
	},

	async unzip({ path, into }, { progress, signal }) {
		return await unzip(path, into, (name) => progress({ name }), signal)
	},

	async render({ framePath, output, ...settings }) {
		const bytes = new Uint8Array(await readFile(framePath))
		return await writePicture(decodeFrame(bytes.buffer), settings, output)
	},

	async picture({ path, sha256, output, maxSide }) {
		const bytes = await readImageFile(path)
		const now = sha256Of(bytes)
		if (sha256 !== null && now !== sha256) throw new UserError('The file is no longer what it was when it was looked at.')
		return await writePicture(await decodeFrameOf(bytes, now, 0), { window: null, invert: false, maxSide, map: null, rotation: 0, flipHorizontal: false, flipVertical: false }, output)
	},
})
