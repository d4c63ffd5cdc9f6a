import { z } from 'zod'

const probabilitySchema = z.number().min(0).max(1)

/**
 * Random changes of training images that keep the anatomy plausible. Ranges are drawn from evenly, around no change. Geometry, then grey
 * values, then what a scanner or an archive does, then what is hidden. A value of 0 turns a part off.
 */
const augmentationPartsSchema = z.strictObject({
	/** Degrees to either side. */
	rotation: z.number().min(0).max(180),
	/** 0.1: from 1/1.1 to 1.1 times the size. */
	scale: z.number().min(0).max(0.5),
	/** Fraction of the side, to either side. */
	translation: z.number().min(0).max(0.3),
	/** Share of the image's area that a random crop leaves at least; 1 crops nothing. */
	crop: z.number().min(0.25).max(1),
	/** A heart on the wrong side is a finding: off for chest films. */
	horizontalFlip: probabilitySchema,
	/** The eight symmetries of the square, each as likely: a patch of tissue has no upper side. */
	symmetries: z.boolean(),
	/** What lies outside the image after a turn. */
	border: z.enum(['black', 'edge', 'mirror']),
	/** Fraction of full white that is added or taken. */
	brightness: z.number().min(0).max(0.5),
	/** 0.2: contrast around mid-grey times 0.8 to 1.2. */
	contrast: z.number().min(0).max(0.8),
	/** 0.2: exponent from 1/1.2 to 1.2. */
	gamma: z.number().min(0).max(1),
	/** Probability of a Gaussian blur with a deviation of up to `blurPixels`. */
	blur: probabilitySchema,
	blurPixels: z.number().min(0.1).max(5),
	/** Largest deviation of added noise, as a fraction of full white. */
	noise: z.number().min(0).max(0.3),
	/** Probability of a JPEG round trip, and its lowest quality. */
	jpeg: probabilitySchema,
	jpegQuality: z.number().int().min(10).max(100),
	/** Probability that a frame of up to `frameWidth` of the side is blacked out: burnt-in marks and edges tell the hospital, not the disease. */
	frame: probabilitySchema,
	frameWidth: z.number().min(0.01).max(0.2),
	/** Probability that a rectangle of 2 % to `eraseArea` of the image becomes grey. */
	erase: probabilitySchema,
	eraseArea: z.number().min(0.02).max(0.4),
})

type AugmentationParts = z.infer<typeof augmentationPartsSchema>

const NONE: AugmentationParts = {
	rotation: 0, scale: 0, translation: 0, crop: 1, horizontalFlip: 0, symmetries: false, border: 'black', brightness: 0, contrast: 0, gamma: 0,
	blur: 0, blurPixels: 1, noise: 0, jpeg: 0, jpegQuality: 60, frame: 0, frameWidth: 0.08, erase: 0, eraseArea: 0.1,
}

/** What each domain begins with. */
const PRESETS: Record<'none' | 'chest-radiograph' | 'histology', AugmentationParts> = {
	none: NONE,
	// A film may hang a little askew and be exposed otherwise; it is never mirrored.
	'chest-radiograph': {
		...NONE, rotation: 7, scale: 0.08, translation: 0.05, crop: 0.8, brightness: 0.1, contrast: 0.2, gamma: 0.2,
		blur: 0.15, noise: 0.02, jpeg: 0.2, frame: 0.25, erase: 0.1,
	},
	histology: {
		...NONE, rotation: 15, scale: 0.1, translation: 0.05, crop: 0.7, symmetries: true, border: 'mirror', brightness: 0.08, contrast: 0.15, gamma: 0.1,
		blur: 0.1, noise: 0.015, jpeg: 0.1,
	},
}

/** `{ "preset": "chest-radiograph", "rotation": 3 }`: the preset with single parts changed. */
export const augmentationSchema = augmentationPartsSchema.partial()
	.extend({ preset: z.enum(['none', 'chest-radiograph', 'histology']).default('chest-radiograph') })
	.transform(({ preset, ...own }) => augmentationPartsSchema.parse({ ...PRESETS[preset], ...own }))
/** Every part with its value. */
export type Augmentation = z.infer<typeof augmentationSchema>

/** True where every image comes out as it went in. */
export function changesNothing(augmentation: Augmentation): boolean {
	const { rotation, scale, translation, crop, horizontalFlip, symmetries, brightness, contrast, gamma, blur, noise, jpeg, frame, erase } = augmentation
	return crop === 1 && !symmetries && [rotation, scale, translation, horizontalFlip, brightness, contrast, gamma, blur, noise, jpeg, frame, erase].every((part) => part === 0)
}
