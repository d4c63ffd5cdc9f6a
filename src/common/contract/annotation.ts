import { z } from 'zod'

/**
 * A measurement that a reader drew. Points are in image pixels (column, row), the centre of the first pixel being (0, 0),
 * so they outlive the viewer that drew them; numbers are computed again from the pixels whenever they are shown.
 */
export const annotationSchema = z.object({
	uid: z.string().min(1).max(64),
	tool: z.enum(['length', 'angle', 'ellipse', 'rectangle']),
	points: z.array(z.tuple([z.number(), z.number()])).min(2).max(4),
	label: z.string().max(200),
	/** Kept for the list and the report: e.g. "43.1 mm (PixelSpacing)" or "212 px". */
	text: z.string().max(400),
})
export type Annotation = z.infer<typeof annotationSchema>

export const annotationsSchema = z.array(annotationSchema).max(500)
