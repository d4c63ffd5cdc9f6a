import { z } from 'zod'

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)

/** Row identifier in the study library. */
export const idSchema = z.number().int().positive()

/** Instant as ISO 8601 in UTC, e.g. 2026-11-21T08:30:00.000Z. */
export const instantSchema = z.string()

/** The line that every screen, report page and export carries. */
export const RESEARCH_USE = 'Research use only. Not a medical device.'
