import { UserError } from '../../../common/contract/procedures.ts'
import type { Frame, FrameHeader, FramePixels, SampleType, VoiFunction, Window } from '../../../common/contract/frame.ts'
import { decodeCodeStream } from '../codecs/decodeCodeStream.ts'
import { decodeRle } from '../codecs/rle.ts'
import { applyPalette, convertToRgb, expandChroma } from './colour.ts'
import type { DataSet } from './dataSet.ts'
import { encapsulatedFrame, nativeFrame, pixelDataElement } from './frameBytes.ts'
import { attributeSources, sourceOf } from './functionalGroups.ts'
import { imageAttributes, type ImageAttributes } from './imageAttributes.ts'
import { applyModalityLut, lutOfItem, voiLuts } from './lookUpTables.ts'
import { readDicomFile, type DicomFile } from './part10.ts'
import { extremes, interleave, nativeWords, storedValues } from './samples.ts'
import { pixelSpacing } from './spacing.ts'
import { tagText, tags } from './tags.ts'
import { characterSetsOf, numberValue, numberValues, sequenceItems, textValue, textValues } from './values.ts'

/** A DICOM file of which it is known that it holds an image. */
export interface DicomImage {
	file: DicomFile
	image: ImageAttributes
}

/** @throws UserError with the reason where the bytes hold no image that can be read. */
export function openDicom(bytes: Uint8Array): DicomImage {
	// Node's Buffer shares memory in slice() where typed arrays copy; from here on it is a plain Uint8Array.
	const file = readDicomFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
	return { file, image: imageAttributes(file) }
}

/**
 * Decodes one frame: pixels of the file to stored values, then Modality LUT, palette and YBR, as the Frame describes.
 * @throws UserError where the frame is missing, cut off or damaged.
 */
export async function decodeDicomFrame({ file, image }: DicomImage, sha256: string, frameIndex: number): Promise<Frame> {
	if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= image.frames) throw new UserError(`The file has ${image.frames} frames; there is no frame ${frameIndex + 1}.`)
	const { dataSet, syntax } = file
	const notes = [...file.notes, ...image.notes]
	const sources = attributeSources(dataSet, frameIndex)
	const stored = await storedFrame(file, image, frameIndex)
	const range = extremes(stored.values)

	const modality = modalityTransform(stored.values, image, sources, notes)
	const colour = image.samplesPerPixel === 3 || image.photometric === 'PALETTE COLOR'
	const pixels = colour ? colourPixels(stored, image, dataSet) : modality.pixels
	const actual = colour ? null : modality.pixels === stored.values ? range : extremes(modality.pixels)
	addNotes(notes, dataSet, image, sources)
	const modalityName = textValue(dataSet, tags.modality)
	const header: FrameHeader = {
		formatVersion: 1,
		sha256,
		frameIndex,
		kind: 'dicom',
		rows: image.rows,
		columns: image.columns,
		samplesPerPixel: colour ? 3 : 1,
		sampleType: sampleTypeOf(pixels),
		photometric: colour ? 'RGB' : image.photometric === 'MONOCHROME1' ? 'MONOCHROME1' : 'MONOCHROME2',
		source: {
			transferSyntax: syntax.uid,
			photometric: image.photometric,
			samplesPerPixel: image.samplesPerPixel,
			bitsAllocated: image.bitsAllocated,
			bitsStored: image.bitsStored,
			signed: image.signed,
			frames: image.frames,
			lossy: textValue(dataSet, tags.lossyImageCompression) === '01' || stored.lossy,
			modality: modalityName || null,
			bodyPart: textValue(dataSet, tags.bodyPartExamined) || null,
			viewPosition: textValue(dataSet, tags.viewPosition) || null,
		},
		stored: range,
		modality: { slope: modality.slope, intercept: modality.intercept, unit: modality.unit },
		voi: colour || !actual ? colourWindow(pixels) : greyWindows(sources, image, modality, actual, characterSetsOf(dataSet)),
		spacing: pixelSpacing(sources, modalityName),
		notes,
	}
	return { header, pixels }
}

interface StoredFrame {
	values: FramePixels
	/** The values are full-range YCbCr. */
	ybr: boolean
	lossy: boolean
}

/** Stored values of one frame, samples interleaved, no LUT and no colour conversion applied. */
export async function storedFrame(file: DicomFile, image: ImageAttributes, frameIndex: number): Promise<StoredFrame> {
	const { dataSet, syntax } = file
	const element = pixelDataElement(dataSet)
	const pixels = image.rows * image.columns
	const shift = image.highBit + 1 - image.bitsStored
	const ybr = image.photometric.startsWith('YBR_FULL')
	if (syntax.codec === 'native') {
		const bytes = element.fragments ? encapsulatedFrame(dataSet, element, image.frames, frameIndex) : nativeFrame(dataSet, element, image, frameIndex)
		if (image.photometric === 'YBR_FULL_422') {
			if (image.bitsAllocated !== 8 || bytes.length < pixels * 2) throw new UserError('The subsampled colour pixels are not stored as the file states.')
			return { values: expandChroma(bytes, pixels), ybr, lossy: false }
		}
		if (bytes.length < pixels * image.samplesPerPixel * (image.bitsAllocated / 8)) throw new UserError('The pixel data are cut off.')
		const littleEndian = syntax.littleEndianPixels && dataSet.littleEndian
		return { values: storedValues(nativeWords(bytes, image, littleEndian), image, shift), ybr, lossy: false }
	}
	const encoded = element.fragments ? encapsulatedFrame(dataSet, element, image.frames, frameIndex) : wholeValue(dataSet, element, image)
	if (syntax.codec === 'rle') {
		const bytes = decodeRle(encoded, pixels, image.samplesPerPixel, image.bitsAllocated / 8)
		return { values: storedValues(nativeWords(bytes, { ...image, planar: false }, true), image, shift), ybr, lossy: false }
	}
	const decoded = await decodeCodeStream(syntax.codec, encoded, { rows: image.rows, columns: image.columns, components: image.samplesPerPixel })
	if (image.bitsAllocated === 32 || decoded.bits > image.bitsAllocated) throw new UserError(`The compressed pixels have ${decoded.bits} bits, which is more than the header allows.`)
	const { samples } = decoded
	let words: Uint8Array | Uint16Array = samples.BYTES_PER_ELEMENT === 1
		? new Uint8Array(samples.buffer as ArrayBuffer, samples.byteOffset, samples.length)
		: new Uint16Array(samples.buffer as ArrayBuffer, samples.byteOffset, samples.length)
	if (decoded.signed && samples instanceof Int8Array && image.bitsAllocated === 16) words = Uint16Array.from(samples)
	if (decoded.planar) words = interleave(words, pixels)
	const count = pixels * image.samplesPerPixel
	const lossyProcess = decoded.process ? decoded.process !== 'lossless' : syntax.codec === 'jpeg'
	// JPEG 2000 has undone its colour transform by itself. A JPEG stream whose own markers say YCbCr is that, whatever the header says.
	const ybrInStream = syntax.codec === 'jpeg' ? ybr || (lossyProcess && (decoded.adobeTransform === 1 || (decoded.jfif === true && decoded.adobeTransform !== 0))) : ybr && syntax.codec === 'jpeg-ls'
	return {
		values: storedValues(words.subarray(0, count), image, decoded.bits <= image.bitsStored ? 0 : shift),
		ybr: ybrInStream && image.samplesPerPixel === 3,
		lossy: lossyProcess,
	}
}

/** Compressed pixel data that a writer put in without fragments. */
function wholeValue(dataSet: DataSet, element: { offset: number; length: number; statedLength: number }, image: ImageAttributes): Uint8Array {
	if (image.frames > 1 || element.length < element.statedLength) throw new UserError('The compressed pixel data are not stored in fragments as they must be, or are cut off.')
	return dataSet.bytes.subarray(element.offset, element.offset + element.length)
}

interface ModalityTransform {
	pixels: FramePixels
	slope: number
	intercept: number
	unit: string
	/** A Modality LUT replaced the stored values. */
	mapped: boolean
}

/** Modality LUT Sequence applied to the pixels, or rescale slope and intercept for later (PS3.3 C.11.1). */
function modalityTransform(values: FramePixels, image: ImageAttributes, sources: DataSet[], notes: string[]): ModalityTransform {
	const unchanged = { pixels: values, slope: 1, intercept: 0, unit: '', mapped: false }
	if (!image.photometric.startsWith('MONOCHROME')) return unchanged
	const [item] = sequenceItems(sourceOf(sources, tags.modalityLutSequence), tags.modalityLutSequence)
	if (item) {
		const table = lutOfItem(item, image.signed)
		if (table) return { ...unchanged, pixels: applyModalityLut(values, table), unit: textValue(item, tags.modalityLutType), mapped: true }
		notes.push('The Modality LUT of the file is damaged and was not applied.')
	}
	const source = sourceOf(sources, tags.rescaleSlope)
	const slope = numberValue(source, tags.rescaleSlope) ?? 1
	const intercept = numberValue(sourceOf(sources, tags.rescaleIntercept), tags.rescaleIntercept) ?? 0
	if (slope === 0) {
		notes.push('The rescale slope of the file is zero and was not applied.')
		return unchanged
	}
	return { ...unchanged, slope, intercept, unit: textValue(source, tags.rescaleType) }
}

function colourPixels(stored: StoredFrame, image: ImageAttributes, dataSet: DataSet): FramePixels {
	if (image.photometric === 'PALETTE COLOR') return applyPalette(stored.values, dataSet)
	const { values } = stored
	if (!(values instanceof Uint8Array) && !(values instanceof Uint16Array)) throw new UserError('Colour images with signed or 32-bit samples are not read.')
	if (!stored.ybr) return values
	const rgb = values.slice()
	convertToRgb(rgb, image.bitsStored)
	return rgb
}

/** Colour is stored ready for display: the whole range of its samples. */
function colourWindow(pixels: FramePixels): FrameHeader['voi'] {
	const range = pixels.BYTES_PER_ELEMENT === 1 ? 256 : 65536
	return { function: 'LINEAR', windows: [{ center: range / 2, width: range, explanation: '' }], luts: [] }
}

/** Windows and VOI LUTs of the file; where it has neither, the full range of 8-bit pixels or the actual range of the frame. */
function greyWindows(sources: DataSet[], image: ImageAttributes, modality: ModalityTransform, actual: { min: number; max: number }, characterSets: string[]): FrameHeader['voi'] {
	const { slope, intercept } = modality
	const windowSource = sourceOf(sources, tags.windowCenter)
	const centers = numberValues(windowSource, tags.windowCenter, 32)
	const widths = numberValues(windowSource, tags.windowWidth, 32)
	const explanations = textValues(windowSource, tags.windowExplanation, characterSets)
	const stated = textValue(windowSource, tags.voiLutFunction).toUpperCase()
	const voiFunction: VoiFunction = stated === 'LINEAR_EXACT' || stated === 'SIGMOID' ? stated : 'LINEAR'
	const windows: Window[] = centers.flatMap((center, index) => {
		const width = widths[index]
		return width !== undefined && width > 0 ? [{ center, width, explanation: explanations[index] ?? '' }] : []
	})
	const signedInput = image.signed || intercept < 0
	const luts = voiLuts(sequenceItems(sourceOf(sources, tags.voiLutSequence), tags.voiLutSequence), signedInput, characterSets)
	if (windows.length > 0) return { function: voiFunction, windows, luts }
	const plain = image.bitsStored <= 8 && !image.signed && slope === 1 && intercept === 0 && !modality.mapped
	if (!plain) return { ...actualRange(actual, slope, intercept), luts }
	return { function: 'LINEAR', windows: [{ center: 128, width: 256, explanation: '' }], luts }
}

/** The window that shows the smallest value black and the largest white. */
export function actualRange(stored: { min: number; max: number }, slope: number, intercept: number): FrameHeader['voi'] {
	const ends = [stored.min * slope + intercept, stored.max * slope + intercept]
	const low = Math.min(...ends)
	const high = Math.max(...ends)
	// LINEAR is made for whole numbers; real ones (PET with slopes of 1e-8) cannot be widened by 1.
	if (!Number.isInteger(slope) && high > low) return { function: 'LINEAR_EXACT', windows: [{ center: (low + high) / 2, width: high - low, explanation: '' }], luts: [] }
	return { function: 'LINEAR', windows: [{ center: (low + high + 1) / 2, width: high - low + 1, explanation: '' }], luts: [] }
}

function addNotes(notes: string[], dataSet: DataSet, image: ImageAttributes, sources: DataSet[]): void {
	for (const element of dataSet.elements.values()) {
		if (element.tag >>> 16 >= 0x6000 && element.tag >>> 16 <= 0x60ff && (element.tag & 0xffff) === 0x3000) {
			notes.push('The file has overlay graphics, which are not shown.')
			break
		}
	}
	const padding = numberValue(dataSet, tags.pixelPaddingValue)
	if (padding !== undefined) {
		const value = image.signed && padding >= 2 ** (image.bitsAllocated - 1) ? padding - 2 ** image.bitsAllocated : padding
		notes.push(`Pixels of value ${value} are padding.`)
	}
	const [row, column] = numberValues(sourceOf(sources, tags.pixelAspectRatio), tags.pixelAspectRatio)
	if (row !== undefined && column !== undefined && row !== column) notes.push('The pixels are not square.')
	if (dataSet.fault && !dataSet.fault.includes('stray')) notes.push(`The file is damaged after the image: ${dataSet.fault}.`)
	const element = dataSet.elements.get(tags.pixelData)
	if (element && element.length < element.statedLength && !element.fragments) notes.push(`The pixel data are cut off at the end (${tagText(tags.pixelData)}); this frame is whole.`)
}

export function sampleTypeOf(pixels: FramePixels): SampleType {
	if (pixels instanceof Uint8Array) return 'uint8'
	if (pixels instanceof Int8Array) return 'int8'
	if (pixels instanceof Uint16Array) return 'uint16'
	if (pixels instanceof Int16Array) return 'int16'
	return 'float32'
}
