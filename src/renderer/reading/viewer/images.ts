import { cache, Enums, imageLoader, metaData, utilities, type Types } from '@cornerstonejs/core'
import type { Frame } from '../../../common/contract/frame.ts'
import { drawCpuFilm } from './cpuFilm.ts'
import { frameOf, keepFrames } from './frames.ts'
import { worldPerPixel } from './measurementText.ts'

/**
 * Frames as Cornerstone sees them. Grey values are ours: Cornerstone gets stored pixels and later a curve over them (filmViewport.ts),
 * and is told of no window, photometric interpretation or slope that it could apply a second time.
 */
const PIXEL_TYPES = { uint8: 'Uint8Array', int8: 'Int8Array', uint16: 'Uint16Array', int16: 'Int16Array', float32: 'Float32Array' } as const
const cached = new Set<string>()

/** The loader for "frame:" images and what Cornerstone asks about them. */
export function registerFrames(): void {
	imageLoader.registerImageLoader('frame', (imageId) => ({
		promise: Promise.resolve().then(() => {
			const frame = frameOf(imageId)
			if (!frame) throw new Error(`${imageId} is no longer shown.`)
			cached.add(imageId)
			return imageOf(imageId, frame)
		}),
	}))
	metaData.addProvider(describe, 10_000)
}

/** Lets go of everything but the images that are shown. */
export function keepImages(shown: ReadonlySet<string>): void {
	for (const imageId of cached) {
		if (shown.has(imageId)) continue
		if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId)
		cached.delete(imageId)
	}
	keepFrames(shown)
}

function imageOf(imageId: string, { header, pixels }: Frame): Types.IImage {
	const [columnPixelSpacing, rowPixelSpacing] = worldPerPixel({ header, pixels })
	const colour = header.samplesPerPixel === 3
	// Cornerstone knows no signed bytes.
	const scalars = pixels instanceof Int8Array ? Int16Array.from(pixels) : pixels
	const { rows, columns } = header
	return {
		imageId,
		minPixelValue: header.stored.min,
		maxPixelValue: header.stored.max,
		slope: 1,
		intercept: 0,
		windowCenter: 128,
		windowWidth: 256,
		voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
		getPixelData: () => scalars,
		getCanvas: () => document.createElement('canvas'),
		rows,
		columns,
		height: rows,
		width: columns,
		color: colour,
		rgba: false,
		numberOfComponents: header.samplesPerPixel,
		columnPixelSpacing,
		rowPixelSpacing,
		invert: false,
		photometricInterpretation: colour ? 'RGB' : 'MONOCHROME2',
		sizeInBytes: scalars.byteLength,
		dataType: PIXEL_TYPES[header.sampleType === 'int8' ? 'int16' : header.sampleType] as Types.PixelDataTypedArrayString,
		render: drawCpuFilm,
		voxelManager: utilities.VoxelManager.createImageVoxelManager({
			width: columns, height: rows, scalarData: scalars as Uint16Array, numberOfComponents: header.samplesPerPixel,
		}) as unknown as Types.IVoxelManager<number>,
	}
}

function describe(kind: string, imageId: string): object | undefined {
	if (typeof imageId !== 'string' || !imageId.startsWith('frame:')) return undefined
	const frame = frameOf(imageId)
	if (!frame) return undefined
	const { header } = frame
	const [columnPixelSpacing, rowPixelSpacing] = worldPerPixel(frame)
	if (kind === Enums.MetadataModules.IMAGE_PLANE) {
		return {
			frameOfReferenceUID: imageId,
			rows: header.rows,
			columns: header.columns,
			rowCosines: [1, 0, 0],
			columnCosines: [0, 1, 0],
			imageOrientationPatient: [1, 0, 0, 0, 1, 0],
			imagePositionPatient: [0, 0, 0],
			columnPixelSpacing,
			rowPixelSpacing,
			pixelSpacing: [rowPixelSpacing, columnPixelSpacing],
			usingDefaultValues: header.spacing === null,
		}
	}
	if (kind === Enums.MetadataModules.IMAGE_PIXEL) {
		const bits = header.sampleType === 'float32' ? 32 : header.sampleType.endsWith('8') ? 8 : 16
		return {
			bitsAllocated: bits,
			bitsStored: bits,
			highBit: bits - 1,
			samplesPerPixel: header.samplesPerPixel,
			photometricInterpretation: header.samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
			pixelRepresentation: header.sampleType.startsWith('int') ? 1 : 0,
		}
	}
	if (kind === Enums.MetadataModules.GENERAL_SERIES) return { modality: 'OT' }
	return undefined
}
