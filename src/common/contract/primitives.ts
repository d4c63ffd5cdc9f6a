import { z } from 'zod'

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)

/** Row identifier in the study library. */
export const idSchema = z.number().int().positive()

/** Instant as ISO 8601 in UTC, e.g. 2026-11-21T08:30:00.000Z. */
export const instantSchema = z.string()

/**
 * A rectangle of a film as shares of its width and height, from the top left corner: { left: 0, top: 0, right: 1, bottom: 1 } is all of it.
 * Whole pixels of it: src/common/imaging/region.ts.
 */
export const filmRegionSchema = z.strictObject({
	left: z.number().min(0).max(1), top: z.number().min(0).max(1), right: z.number().min(0).max(1), bottom: z.number().min(0).max(1),
}).refine(({ left, top, right, bottom }) => left < right && top < bottom, 'The region has no area')
export type FilmRegion = z.infer<typeof filmRegionSchema>

/** The line that every screen, report page and export carries. */
export const RESEARCH_USE = 'Research use only. Not a medical device.'
