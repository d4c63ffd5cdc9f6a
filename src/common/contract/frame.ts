import { z } from 'zod'
import { sha256Schema } from './primitives.ts'

/** What the bytes of a file are, found by looking at them and never from the file's name. */
export const fileKindSchema = z.enum(['dicom', 'png', 'jpeg', 'tiff'])
export type FileKind = z.infer<typeof fileKindSchema>

export const sampleTypeSchema = z.enum(['uint8', 'int8', 'uint16', 'int16', 'float32'])
export type SampleType = z.infer<typeof sampleTypeSchema>

export const voiFunctionSchema = z.enum(['LINEAR', 'LINEAR_EXACT', 'SIGMOID'])
export type VoiFunction = z.infer<typeof voiFunctionSchema>

/** A window in modality units (PS3.3 C.11.2): centre and width, with the name that the file gives it. */
export const windowSchema = z.object({
	center: z.number(),
	width: z.number().positive(),
	explanation: z.string().default(''),
})
export type Window = z.infer<typeof windowSchema>

/** A VOI LUT (PS3.3 C.11.2.1.1): entries for modality values from firstValue on; outputs are 0 to 2^bits - 1. */
export const voiLutSchema = z.object({
	firstValue: z.number().int(),
	bits: z.number().int().min(8).max(16),
	entries: z.array(z.number().int()).max(65536),
	explanation: z.string().default(''),
})
export type VoiLut = z.infer<typeof voiLutSchema>

export const spacingSourceSchema = z.enum([
	'PixelSpacing',
	'ImagerPixelSpacing',
	'NominalScannedPixelSpacing',
])

/** Millimetres between pixel centres, and which attribute says so. Null where the file carries none: then lengths are in pixels. */
export const spacingSchema = z.object({
	row: z.number().positive(),
	column: z.number().positive(),
	source: spacingSourceSchema,
	/** In words, e.g. "at the detector, not corrected for magnification". */
	meaning: z.string(),
})
export type Spacing = z.infer<typeof spacingSchema>

/**
 * One image plane, decoded once; display, network, measurement and report all read it.
 * Pixels are rows x columns x samplesPerPixel, row by row, samples interleaved, little endian.
 * value in modality units = pixel * modality.slope + modality.intercept.
 * A Modality LUT Sequence, PALETTE COLOR and YBR are already applied to the pixels.
 */
export const frameHeaderSchema = z.object({
	formatVersion: z.literal(1),
	sha256: sha256Schema,
	frameIndex: z.number().int().nonnegative(),
	kind: fileKindSchema,
	rows: z.number().int().positive(),
	columns: z.number().int().positive(),
	samplesPerPixel: z.union([z.literal(1), z.literal(3)]),
	sampleType: sampleTypeSchema,
	/** Of the pixels as they are in this Frame. MONOCHROME1: the smallest value is white. */
	photometric: z.enum(['MONOCHROME1', 'MONOCHROME2', 'RGB']),
	/** As the file states it. */
	source: z.object({
		transferSyntax: z.string().nullable(),
		photometric: z.string(),
		samplesPerPixel: z.number().int(),
		bitsAllocated: z.number().int(),
		bitsStored: z.number().int(),
		signed: z.boolean(),
		frames: z.number().int().positive(),
		lossy: z.boolean(),
		modality: z.string().nullable(),
		bodyPart: z.string().nullable(),
		viewPosition: z.string().nullable(),
	}),
	/** Smallest and largest stored value of this frame, before any LUT. */
	stored: z.object({ min: z.number(), max: z.number() }),
	modality: z.object({ slope: z.number(), intercept: z.number(), unit: z.string() }),
	voi: z.object({
		function: voiFunctionSchema,
		/** Never empty: the first is the default; where the file has none it is the full or actual range. */
		windows: z.array(windowSchema).min(1),
		/** Where the file has VOI LUTs, the first of them is the default instead of the first window. */
		luts: z.array(voiLutSchema),
	}),
	spacing: spacingSchema.nullable(),
	/** Things a reader must know: overlays ignored, padding, recovered attributes. */
	notes: z.array(z.string()),
})
export type FrameHeader = z.infer<typeof frameHeaderSchema>

/** Typed pixels of a Frame. */
export type FramePixels = Uint8Array | Int8Array | Uint16Array | Int16Array | Float32Array

export interface Frame {
	header: FrameHeader
	pixels: FramePixels
}
