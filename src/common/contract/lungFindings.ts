import { z } from 'zod'
import { filmRegionSchema } from './primitives.ts'

/** One lung on a film: the box around it and the share of the film that it covers. */
export const lungSchema = z.strictObject({ box: filmRegionSchema, area: z.number().min(0).max(1) })
export type Lung = z.infer<typeof lungSchema>

/** What was found of the lungs on a film. Left and right are the picture's, not the patient's. */
export const lungFindingsSchema = z.strictObject({
	left: lungSchema.nullable(),
	right: lungSchema.nullable(),
	/** Around both; null where two lungs were not found. */
	box: filmRegionSchema.nullable(),
	/** Why this is not a frontal chest film with both lungs complete, a sentence each; empty where it is. */
	reasons: z.array(z.string()),
})
export type LungFindings = z.infer<typeof lungFindingsSchema>
