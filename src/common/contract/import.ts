import { z } from 'zod'
import { idSchema } from './primitives.ts'

export const refusedFileSchema = z.object({ name: z.string(), reason: z.string() })
export type RefusedFile = z.infer<typeof refusedFileSchema>

/** The one summary of an import: every refused file is in it with its reason. */
export const importSummarySchema = z.object({
	importId: z.string(),
	state: z.enum(['running', 'finished', 'cancelled', 'failed']),
	filesDone: z.number().int(),
	/** Grows while folders and archives are unfolded. */
	filesTotal: z.number().int(),
	currentName: z.string(),
	added: z.number().int(),
	/** Files whose bytes the library had already. */
	duplicates: z.number().int(),
	refused: z.array(refusedFileSchema),
	/** Studies that the files belong to, in order of appearance. */
	studyIds: z.array(idSchema),
	/** Why it failed as a whole, e.g. no space left; '' otherwise. What was added before stays. */
	failure: z.string(),
})
export type ImportSummary = z.infer<typeof importSummarySchema>
