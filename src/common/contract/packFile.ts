import { z } from 'zod'
import { sha256Schema } from './primitives.ts'

/** The files of a model pack and their bytes at most. */
export const PACK_FILES = { 'model.json': 1024 ** 2, 'model.onnx': 1024 ** 3, 'CARD.md': 256 * 1024, 'evaluation.json': 32 * 1024 ** 2 } as const
export const packFileNameSchema = z.enum(['model.json', 'model.onnx', 'CARD.md', 'evaluation.json'])
export type PackFileName = z.infer<typeof packFileNameSchema>
/** Those without which a folder is no pack that can be handed on. */
export const REQUIRED_PACK_FILES = ['model.json', 'model.onnx', 'CARD.md'] as const

/** How the name of a pack in one file ends. */
export const PACK_FILE_ENDING = '.negatoscope-pack.zip'
export const PACK_FORMAT = 'negatoscope-pack'
export const PACK_FORMAT_VERSION = 1
/** Entry of a pack file that says what it is and what is in it (docs/adr/0020-promotion-and-pack-files.md). */
export const PACK_CONTENTS = 'pack.json'

/** pack.json. Nothing in it depends on when or where it was written: the same pack gives the same bytes. */
export const packContentsSchema = z.strictObject({
	format: z.literal(PACK_FORMAT),
	formatVersion: z.literal(PACK_FORMAT_VERSION),
	/** In the order of the archive. */
	files: z.array(z.strictObject({ name: packFileNameSchema, bytes: z.number().int().nonnegative(), sha256: sha256Schema })).min(1).max(packFileNameSchema.options.length),
})
export type PackContents = z.infer<typeof packContentsSchema>
