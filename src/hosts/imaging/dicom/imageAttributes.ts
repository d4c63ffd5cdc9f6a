import { UserError } from '../../../common/contract/procedures.ts'
import { LIMITS } from '../limits.ts'
import type { DataSet } from './dataSet.ts'
import type { DicomFile } from './part10.ts'
import { tags } from './tags.ts'
import { numberValue, numberValues, textValue } from './values.ts'

/** What the pixel data of a file are, as its header states it (PS3.3 C.7.6.3). */
export interface ImageAttributes {
	rows: number
	columns: number
	samplesPerPixel: 1 | 3
	photometric: string
	bitsAllocated: 8 | 16 | 32
	bitsStored: number
	highBit: number
	signed: boolean
	/** Colour by plane rather than by pixel. */
	planar: boolean
	frames: number
	notes: string[]
}

const PHOTOMETRIC = ['MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR', 'RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT']

/** SOP classes without pixels that readers meet most, by prefix. */
const WITHOUT_PIXELS: [prefix: string, name: string][] = [
	['1.2.840.10008.1.3.10', 'a DICOMDIR, the index of a disc: import the folder that it belongs to'],
	['1.2.840.10008.5.1.4.1.1.88', 'a structured report'],
	['1.2.840.10008.5.1.4.1.1.481', 'a radiotherapy object'],
	['1.2.840.10008.5.1.4.1.1.104', 'a document (PDF, CDA or a model) in a DICOM file'],
	['1.2.840.10008.5.1.4.1.1.11', 'a presentation state'],
	['1.2.840.10008.5.1.4.1.1.9', 'a waveform'],
	['1.2.840.10008.5.1.4.1.1.66', 'raw data, a registration or a segmentation'],
]

/** @throws UserError with the reason where the file holds no image that this program reads. */
export function imageAttributes({ dataSet, meta }: DicomFile): ImageAttributes {
	const sopClass = textValue(dataSet, tags.sopClassUid) || textValue(meta, tags.mediaStorageSopClassUid)
	if (!dataSet.elements.has(tags.pixelData)) throw new UserError(whyNoPixels(dataSet, sopClass))
	const rows = required(dataSet, tags.rows, 'rows')
	const columns = required(dataSet, tags.columns, 'columns')
	if (rows > LIMITS.side || columns > LIMITS.side) throw new UserError(`The image is ${columns} x ${rows} pixels; up to ${LIMITS.side} a side are read.`)
	const bitsAllocated = required(dataSet, tags.bitsAllocated, 'bits allocated')
	if (bitsAllocated === 1) throw new UserError('The file holds one-bit masks (a segmentation), not a picture.')
	if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) throw new UserError(`Pixels of ${bitsAllocated} bits are not read; 8, 16 and 32 are.`)
	const photometric = textValue(dataSet, tags.photometricInterpretation).toUpperCase()
	if (photometric === '') throw new UserError('The file does not state its photometric interpretation, so black cannot be told from white.')
	if (!PHOTOMETRIC.includes(photometric)) throw new UserError(`The photometric interpretation "${photometric.slice(0, 32)}" is not read.`)

	const notes: string[] = []
	const colour = !photometric.startsWith('MONOCHROME') && photometric !== 'PALETTE COLOR'
	const samplesPerPixel = numberValue(dataSet, tags.samplesPerPixel) ?? (colour ? 3 : 1)
	if (samplesPerPixel !== (colour ? 3 : 1)) throw new UserError(`The file states ${samplesPerPixel} samples per pixel, which does not fit ${photometric}.`)
	const bitsStored = numberValue(dataSet, tags.bitsStored) ?? bitsAllocated
	if (!Number.isInteger(bitsStored) || bitsStored < 1 || bitsStored > bitsAllocated) throw new UserError(`The file states ${bitsStored} bits stored of ${bitsAllocated} allocated.`)
	let highBit = numberValue(dataSet, tags.highBit) ?? bitsStored - 1
	if (!Number.isInteger(highBit) || highBit < bitsStored - 1 || highBit >= bitsAllocated) {
		notes.push(`The stated high bit (${highBit}) is impossible; ${bitsStored - 1} was taken.`)
		highBit = bitsStored - 1
	}
	let frames = 1
	if ((dataSet.elements.get(tags.numberOfFrames)?.length ?? 0) > 0) {
		const stated = numberValues(dataSet, tags.numberOfFrames)[0]
		if (stated === undefined || !Number.isInteger(stated) || stated < 1) notes.push('The stated number of frames is no number; only the first frame is read.')
		else frames = stated
	}
	if (frames > LIMITS.frames) throw new UserError(`The file states ${frames} frames; up to ${LIMITS.frames} are read.`)
	if (rows * columns * samplesPerPixel * (bitsAllocated / 8) > LIMITS.frameBytes) throw new UserError('One frame of the image is larger than this program reads.')
	return {
		rows, columns, photometric, bitsAllocated, bitsStored, highBit, frames, notes,
		samplesPerPixel: colour ? 3 : 1,
		signed: numberValue(dataSet, tags.pixelRepresentation) === 1,
		planar: colour && numberValue(dataSet, tags.planarConfiguration) === 1,
	}
}

function required(dataSet: DataSet, tag: number, name: string): number {
	const value = numberValue(dataSet, tag)
	if (value === undefined || !Number.isInteger(value) || value < 1) throw new UserError(`The file does not state a valid number of ${name}.`)
	return value
}

function whyNoPixels(dataSet: DataSet, sopClass: string): string {
	const named = WITHOUT_PIXELS.find(([prefix]) => sopClass === prefix || sopClass.startsWith(`${prefix}.`))
	if (dataSet.elements.has(tags.directoryRecordSequence)) return 'It is a DICOMDIR, the index of a disc: import the folder that it belongs to.'
	if (dataSet.elements.has(tags.floatPixelData) || dataSet.elements.has(tags.doublePixelData)) return 'The file holds a map of floating-point values, not a picture.'
	if (named) return `The file holds no image: it is ${named[1]}.`
	if (dataSet.fault) return `No pixel data could be read: ${dataSet.fault}.`
	const modality = textValue(dataSet, tags.modality)
	return `The file holds no pixel data${modality ? ` (modality ${modality.slice(0, 16)})` : ''}.`
}
