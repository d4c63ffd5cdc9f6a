import { z } from 'zod'
import { augmentationSchema, changesNothing } from './augmentation.ts'
import { dataRecipeSchema } from './data.ts'
import { lossSchema, type LossRecipe, type TrainingTask } from './loss.ts'
import { optimisationSchema } from './optimiser.ts'
import { packDescriptionSchema } from './pack.ts'
import { zooNameSchema } from './zoo.ts'

const pathSchema = z.string().min(1).max(4096)
const sideSchema = z.number().int().min(16).max(1024)

const initialWeights = {
	/** A safetensors or ONNX file with first values (names of torchvision, timm or OFA); a head of another class count is left out. Without it they are drawn from the seed. */
	weights: pathSchema.optional(),
}

/** The network that is trained. */
const studentSchema = z.discriminatedUnion('from', [
	/** An architecture of the zoo. */
	z.strictObject({ from: z.literal('zoo'), name: zooNameSchema, ...initialWeights }),
	/** A sub-network of the OFA-MobileNetV3 space. */
	z.strictObject({
		from: z.literal('ofa'),
		depths: z.array(z.union([z.literal(2), z.literal(3), z.literal(4)])).length(5),
		kernels: z.array(z.union([z.literal(3), z.literal(5), z.literal(7)])).min(10).max(20),
		expands: z.array(z.union([z.literal(3), z.literal(4), z.literal(6)])).min(10).max(20),
		width: z.union([z.literal(1), z.literal(1.2)]).default(1),
		...initialWeights,
	}),
	/** A model pack, by its id or its folder: the training goes on from its weights. A head of other classes is replaced. */
	z.strictObject({ from: z.literal('pack'), pack: pathSchema }),
	/** The small U-Net that marks the lungs, for data with masks (src/zoo/lungs.ts). */
	z.strictObject({ from: z.literal('lungs'), ...initialWeights }),
	/** Any ONNX classifier with float32 weights. title: of its architecture, in packs and tables; otherwise the file's name. */
	z.strictObject({ from: z.literal('onnx'), file: pathSchema, title: z.string().min(1).max(100).optional() }),
])
export type StudentRecipe = z.infer<typeof studentSchema>

/** What a network is fed with: tensor = (value / 255 - mean) / std of an image of size x size pixels. */
const inputSchema = z.strictObject({
	/** Side in pixels. */
	size: sideSchema,
	mean: z.array(z.number()).length(3),
	std: z.array(z.number().positive()).length(3),
	/** grey: luminance in all three channels. */
	colour: z.enum(['grey', 'rgb']),
	/**
	 * The part of each film that is shown: lungs is the box around both, `margin` of its width and height added on each side; background is the same with that box
	 * painted black, to learn what the rest alone tells: such a model is no reader. null: all of the film. Needs the network that finds lungs.
	 */
	region: z.strictObject({ of: z.enum(['lungs', 'background']), margin: z.number().min(0).max(1) }).nullable(),
	/** equalised: a flat histogram of the grey values of that part. null: as they are. */
	tones: z.literal('equalised').nullable(),
})
export type InputRecipe = z.infer<typeof inputSchema>

/** A network whose answers the student learns from. It sees the same images, brought to its own size and normalisation. */
export const teacherSchema = z.discriminatedUnion('from', [
	z.strictObject({
		from: z.literal('pack'), pack: pathSchema,
		/** Of the teachers' say; the shares are divided by their sum. */
		share: z.number().positive().default(1),
	}),
	z.strictObject({
		from: z.literal('onnx'), file: pathSchema, share: z.number().positive().default(1),
		input: inputSchema.extend({ region: inputSchema.shape.region.default(null), tones: inputSchema.shape.tones.default(null) }),
		/** Names of its outputs in order; they must be those of the data set. */
		labels: z.array(z.string().min(1).max(200)).min(1).max(200),
	}),
])
export type TeacherRecipe = z.infer<typeof teacherSchema>

/** Numbers of a validation that a run can be steered by; more is better but for the two last. */
const monitorSchema = z.enum(['balancedAccuracy', 'accuracy', 'macroF1', 'auroc', 'auprc', 'dice', 'iou', 'loss', 'ece'])
export type Monitor = z.infer<typeof monitorSchema>
/** Those that are defined for masks. */
const MONITORS_OF_MASKS: readonly Monitor[] = ['dice', 'iou', 'loss']

/** Everything that decides about the weights of a run but data, machine and software. A key that is not named here is refused. */
export const recipeSchema = z.strictObject({
	schemaVersion: z.literal(1),
	/** For people; the run's folder is named after it. */
	name: z.string().min(1).max(100),
	/** Of everything random: first values, order, augmentation, dropout. */
	seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
	data: dataRecipeSchema,
	student: studentSchema,
	teachers: z.array(teacherSchema).max(8).default([]),
	/** Single parts may be given; the rest is the pack's, or 224 pixels, ImageNet's mean and std, grey. */
	input: inputSchema.partial().prefault({}),
	/** Their weighted sum is what is minimised. Without them: see defaultLosses. */
	losses: z.array(lossSchema).min(1).max(16).optional(),
	optimisation: optimisationSchema.prefault({ optimiser: { kind: 'adamw', learningRate: 5e-4 } }),
	epochs: z.number().int().min(1).max(10_000).default(10),
	/** Images per pass through the network. Batch statistics are taken over these. */
	batch: z.number().int().min(1).max(1024).default(32),
	/**
	 * batch: batch normalisation by the batch's statistics. frozen: by the running ones, which stay as they are; much faster.
	 * restored: as batch, and a network whose normalisations were folded into its convolutions (a pack, an exported graph) gets them back first.
	 */
	normalisation: z.enum(['batch', 'frozen', 'restored']).default('batch'),
	/** Trains the last linear layer alone, on features that are computed once. Needs images that nothing random touches. */
	headOnly: z.boolean().default(false),
	/** Smaller images first: from an epoch on, a side in pixels. The first begins at epoch 0; the last should be the input's size. */
	resizing: z.array(z.strictObject({ fromEpoch: z.number().int().min(0), size: sideSchema })).max(20).default([]),
	augmentation: augmentationSchema.prefault({}),
	validation: z.strictObject({
		/** After every so many epochs, and after the last. */
		everyEpochs: z.number().int().min(1).default(1),
		/** Which number decides about the best weights. */
		monitor: monitorSchema.default('balancedAccuracy'),
	}).prefault({}),
	/** Steps between two checkpoints; one is made after every epoch and when the run is paused too. */
	checkpointEverySteps: z.number().int().min(1).max(1_000_000).default(200),
	/** Of the compute; where none is given, the cores of the machine. */
	threads: z.number().int().min(1).max(256).optional(),
	/** What the model pack says of itself; without an id it has the run's, without a title the run's name. */
	pack: packDescriptionSchema.partial({ id: true, title: true }).prefault({}),
}).superRefine((recipe, context) => {
	if (recipe.headOnly && !changesNothing(recipe.augmentation)) context.addIssue({ code: 'custom', path: ['augmentation'], message: 'With headOnly the features are computed once, so the images must not be augmented: "augmentation": { "preset": "none" }' })
	const refuse = (path: (string | number)[], message: string) => void context.addIssue({ code: 'custom', path, message })
	if (recipe.resizing.length > 0 && recipe.resizing[0]?.fromEpoch !== 0) refuse(['resizing', 0, 'fromEpoch'], 'The first size must begin at epoch 0')
	for (const [index, { fromEpoch }] of recipe.resizing.entries()) {
		const before = recipe.resizing[index - 1]
		if (before && fromEpoch <= before.fromEpoch) refuse(['resizing', index, 'fromEpoch'], 'The sizes must stand in the order of their epochs')
	}
	if (recipe.headOnly && recipe.resizing.length > 0) refuse(['resizing'], 'With headOnly the features are computed once, so there is one size')
	const masks = recipe.data.layout === 'lung-masks'
	if (masks && recipe.input.region) refuse(['input', 'region'], 'The network that finds the lungs sees the whole film')
	if (recipe.input.colour === 'rgb' && recipe.input.region) refuse(['input', 'region'], 'Lungs are found on grey films')
	if (masks !== (recipe.student.from === 'lungs')) refuse(['student', 'from'], masks ? 'Data with masks of the lungs trains the network "lungs"' : 'The network "lungs" needs data with masks of the lungs (data.layout lung-masks)')
	if (masks && recipe.teachers.length > 0) refuse(['teachers'], 'A network that marks the lungs has no teachers')
	if (masks && recipe.headOnly) refuse(['headOnly'], 'A network that marks the lungs is trained as a whole')
	if (masks && recipe.data.sampling.by === 'class') refuse(['data', 'sampling', 'by'], 'Masks have no classes to be sampled by')
	const { monitor } = recipe.validation
	if (masks ? !MONITORS_OF_MASKS.includes(monitor) : monitor === 'dice' || monitor === 'iou') {
		refuse(['validation', 'monitor'], masks ? `Masks are validated by ${MONITORS_OF_MASKS.join(', ')}` : `"${monitor}" is for masks (data.layout lung-masks)`)
	}
	if (recipe.headOnly && recipe.optimisation.freeze.length > 0) refuse(['optimisation', 'freeze'], 'With headOnly everything but the last layer is frozen already')
})
/** With every default filled in. */
export type Recipe = z.output<typeof recipeSchema>
/** As a person writes it. */
export type RecipeInput = z.input<typeof recipeSchema>

/**
 * What a run without losses of its own minimises. One label per image: cross-entropy, and half of it the teachers' answers softened with T = 2.
 * Several labels: binary cross-entropy, with teachers that of the second paper (focal, and the squared difference of softened answers). Masks: binary
 * cross-entropy of each pixel and Dice.
 */
export function defaultLosses(task: TrainingTask, teachers: number): LossRecipe[] {
	const written: z.input<typeof lossSchema>[] = task === 'segmentation' ? [{ kind: 'binary-cross-entropy' }, { kind: 'dice' }] : task === 'multiclass'
		? teachers === 0 ? [{ kind: 'cross-entropy' }] : [{ kind: 'cross-entropy', weight: 0.5 }, { kind: 'kl', weight: 0.5, temperature: 2 }]
		: teachers === 0 ? [{ kind: 'binary-cross-entropy' }] : [{ kind: 'focal-binary-cross-entropy' }, { kind: 'mse' }]
	return written.map((loss) => lossSchema.parse(loss))
}
