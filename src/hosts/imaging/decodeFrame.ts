import { createHash } from 'node:crypto'
import { UserError } from '../../common/contract/procedures.ts'
import type { Frame } from '../../common/contract/frame.ts'
import type { FileFacts, Inspection } from '../../common/contract/hosts.ts'
import { decodeDicomFrame, openDicom } from './dicom/decodeDicom.ts'
import { describedFacts, noDescribedFacts, type DescribedFacts } from './dicom/facts.ts'
import { decodeRasterFrame } from './raster/decodeRaster.ts'
import { SNIFFED_BYTES, sniff } from './sniff.ts'

export function sha256Of(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex')
}

/** One frame of an image file of any kind. @throws UserError with the reason where there is none. */
export async function decodeFrameOf(bytes: Uint8Array, sha256: string, frameIndex: number): Promise<Frame> {
	return (await decodeAndDescribe(bytes, sha256, frameIndex)).frame
}

async function decodeAndDescribe(bytes: Uint8Array, sha256: string, frameIndex: number): Promise<{ frame: Frame; described: DescribedFacts }> {
	const sniffed = sniff(bytes.subarray(0, SNIFFED_BYTES), bytes.length)
	if ('refused' in sniffed) throw new UserError(sniffed.refused)
	if ('archive' in sniffed) throw new UserError('It is a ZIP archive, not an image.')
	try {
		if (sniffed.kind !== 'dicom') return { frame: await decodeRasterFrame(bytes, sniffed.kind, sha256, frameIndex), described: noDescribedFacts() }
		const opened = openDicom(bytes)
		return { frame: await decodeDicomFrame(opened, sha256, frameIndex), described: describedFacts(opened.file.dataSet) }
	} catch (error) {
		if (error instanceof UserError) throw error
		// Memory that cannot be had and the like: the file asks for too much, the host is well.
		if (error instanceof RangeError) throw new UserError('The file is damaged or asks for more than this program reads.', String(error.stack))
		throw error
	}
}

/** What a file is, with the first frame decoded, or why it is refused. */
export async function inspectBytes(bytes: Uint8Array): Promise<Inspection> {
	const sniffed = sniff(bytes.subarray(0, SNIFFED_BYTES), bytes.length)
	if ('archive' in sniffed) return sniffed
	const sha256 = sha256Of(bytes)
	if ('refused' in sniffed) return { refused: sniffed.refused, sha256 }
	try {
		const { frame, described } = await decodeAndDescribe(bytes, sha256, 0)
		return { facts: { ...factsOfFrame(frame, bytes.length), ...described } }
	} catch (error) {
		if (error instanceof UserError) return { refused: error.message, sha256 }
		throw error
	}
}

function factsOfFrame({ header }: Frame, bytes: number): Omit<FileFacts, keyof DescribedFacts> {
	const { source, stored } = header
	return {
		kind: header.kind, sha256: header.sha256, bytes, transferSyntax: source.transferSyntax, photometric: source.photometric, rows: header.rows, columns: header.columns,
		frames: source.frames, samplesPerPixel: source.samplesPerPixel, bitsStored: source.bitsStored, min: stored.min, max: stored.max, notes: header.notes,
	}
}
