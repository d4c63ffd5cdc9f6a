import { z } from 'zod'

/**
 * What a run minimises: a weighted sum of any of these losses. Defaults are those of the source named at each; where two sources differ, the
 * one whose code was read. Losses that read the truth leave out images, and losses of several labels per image leave out labels, of which it
 * is not known.
 */

const weightSchema = z.number().min(0).max(1e6)
const temperatureSchema = z.number().min(0.05).max(100)
const layerNameSchema = z.string().min(1).max(200)

/** Activations that are compared: a layer of the student with one of a teacher. */
const layerPairSchema = z.strictObject({ student: layerNameSchema, teacher: layerNameSchema })
const layerPairsSchema = z.array(layerPairSchema).min(1).max(16)
/** Which of the run's teachers the layers belong to, from 0: layers have names of their own in each architecture. */
const teacherSchema = z.number().int().min(0).max(15).default(0)

/** Logits as z-scores over the classes of an image, so that a small student need not copy the teacher's scale (Sun et al., CVPR 2024). */
const standardiseSchema = z.boolean().default(false)

export const lossSchema = z.discriminatedUnion('kind', [
	/** Softmax and the truth; a class weight multiplies both the loss and what the mean divides by, as in PyTorch. */
	z.strictObject({
		kind: z.literal('cross-entropy'),
		weight: weightSchema.default(1),
		/** Share of the truth that is spread evenly over all classes. */
		labelSmoothing: z.number().min(0).max(0.9).default(0),
		/** In the order of the labels. */
		classWeights: z.array(z.number().positive().max(1e6)).min(1).max(200).nullable().default(null),
	}),
	/** Sigmoid and the truth of each label, mean over all known answers. */
	z.strictObject({ kind: z.literal('binary-cross-entropy'), weight: weightSchema.default(1) }),
	/** -(1-p)^gamma y log p - p^gamma (1-y) log(1-p), mean over all known answers (Lin et al., ICCV 2017; gamma 2 and weight 0.5 in Termritthikun et al. 2023). */
	z.strictObject({ kind: z.literal('focal-binary-cross-entropy'), weight: weightSchema.default(0.5), gamma: z.number().min(0).max(10).default(2) }),
	/**
	 * Of masks: 1 - (2 sum p t + 1) / (sum p^2 + sum t^2 + 1) over the known pixels of an image, p = sigmoid, mean over the images (V-Net: Milletari et al., 3DV 2016; the ones, as in
	 * its common implementations, keep an image without the organ from dividing by zero).
	 */
	z.strictObject({ kind: z.literal('dice'), weight: weightSchema.default(1) }),
	/** T^2 KL(softmax(teacher/T) || softmax(student/T)), mean over the batch (Hinton et al. 2015; T 4 and weight 0.9 beside 0.1 cross-entropy: mdistiller). */
	z.strictObject({ kind: z.literal('kl'), weight: weightSchema.default(0.9), temperature: temperatureSchema.default(4), standardise: standardiseSchema }),
	/** T^2 times the mean squared difference of the softened answers: softmax for one label per image, sigmoid of each label otherwise (Termritthikun et al. 2023: T 2, weight 0.5). */
	z.strictObject({ kind: z.literal('mse'), weight: weightSchema.default(0.5), temperature: temperatureSchema.default(2), standardise: standardiseSchema }),
	/** Decoupled: truth against the rest, and the rest among themselves (Zhao et al., CVPR 2022; mdistiller's values for small images). */
	z.strictObject({
		kind: z.literal('dkd'),
		weight: weightSchema.default(1),
		temperature: temperatureSchema.default(4),
		/** Weight of the truth against the rest. */
		alpha: z.number().min(0).max(1000).default(1),
		/** Weight of the rest among themselves. */
		beta: z.number().min(0).max(1000).default(8),
		/** Epochs in which the loss grows evenly to its full weight. */
		warmUpEpochs: z.number().int().min(0).max(1000).default(20),
		standardise: standardiseSchema,
	}),
	/** 1 - Pearson correlation, over the classes of each image and over the images of each class, of softmax(logits/T), times T^2 (Huang et al., NeurIPS 2022). */
	z.strictObject({
		kind: z.literal('dist'),
		weight: weightSchema.default(1),
		temperature: temperatureSchema.default(1),
		/** Weight of the relation between classes. */
		beta: z.number().min(0).max(1000).default(1),
		/** Weight of the relation between images. */
		gamma: z.number().min(0).max(1000).default(1),
		standardise: standardiseSchema,
	}),
	/** Several labels per image: KL of each label's answer as a yes or no, summed over the labels, mean over the batch (Yang et al., ICCV 2023: weight 10; its label-wise embeddings are not part of this). */
	z.strictObject({ kind: z.literal('mld'), weight: weightSchema.default(10) }),
	/** Mean squared difference of the normalised maps mean_c(F^2), summed over the pairs (Zagoruyko and Komodakis, ICLR 2017). The larger map is average-pooled to the smaller. */
	z.strictObject({ kind: z.literal('attention'), weight: weightSchema.default(1000), teacher: teacherSchema, layers: layerPairsSchema }),
	/** Mean squared difference of the teacher's activations and a learned 1x1 convolution of the student's, summed over the pairs (Romero et al., ICLR 2015). */
	z.strictObject({ kind: z.literal('hint'), weight: weightSchema.default(100), teacher: teacherSchema, layers: layerPairsSchema }),
	/**
	 * Same-shape features and a distillation head (HDKD, 2024): share * T^2 KL between the teacher and a second linear classifier, divided by
	 * the number of answers, and lambda * sum over the pairs of i^alpha times the mean squared difference. The head is thrown away after the run.
	 * The share of the cross-entropy beside it is its own weight: 0.5.
	 */
	z.strictObject({
		kind: z.literal('hdkd'),
		weight: weightSchema.default(1),
		share: z.number().min(0).max(1).default(0.5),
		temperature: temperatureSchema.default(1),
		lambda: z.number().min(0).max(1e6).default(10),
		alpha: z.number().min(0).max(10).default(1),
		teacher: teacherSchema,
		layers: layerPairsSchema,
	}),
	/** Relational: distances between the images' features and angles of their triples, both smooth-L1 (Park et al., CVPR 2019). */
	z.strictObject({
		kind: z.literal('rkd'),
		weight: weightSchema.default(1),
		distanceWeight: z.number().min(0).max(1e6).default(25),
		angleWeight: z.number().min(0).max(1e6).default(50),
	}),
	/**
	 * Categorical relation preserving, the CRP part of CRCKD (Xing et al., MICCAI 2021): KL between the teacher's and the student's softmax of each image's cosine similarities to
	 * the centroids of the classes. Of the rest, its mean teacher is replaced by the run's teachers, and its class-guided contrastive loss is left
	 * out: that one needs a bank of thousands of learned embeddings between the steps. For the same reason the centroids are those of the batch.
	 */
	z.strictObject({ kind: z.literal('crckd'), weight: weightSchema.default(1), temperature: temperatureSchema.default(0.07) }),
])
export type LossRecipe = z.output<typeof lossSchema>
type LossKind = LossRecipe['kind']

/** What a network learns to answer: one label per image, several, or a mask: a yes or no of each pixel. */
export type TrainingTask = 'multiclass' | 'multilabel' | 'segmentation'

/** What the losses need to know of a run before any graph is made. */
export interface LossSetting {
	task: TrainingTask
	classes: number
	teachers: number
	batchSize: number
}

interface LossProblem {
	/** Position in the list of losses. */
	index: number
	/** The key that is wrong. */
	field: string
	/** One sentence. */
	reason: string
}

/** Softmax losses make the classes compete; labels that may stand together do not. */
const ONE_LABEL: ReadonlySet<LossKind> = new Set<LossKind>(['cross-entropy', 'kl', 'dkd', 'dist', 'hdkd', 'crckd'])
const TRUTH_ONLY: ReadonlySet<LossKind> = new Set<LossKind>(['cross-entropy', 'binary-cross-entropy', 'focal-binary-cross-entropy', 'dice'])
const OF_MASKS: ReadonlySet<LossKind> = new Set<LossKind>(['binary-cross-entropy', 'focal-binary-cross-entropy', 'dice'])

function problemsOf(recipe: LossRecipe, setting: LossSetting): Omit<LossProblem, 'index'>[] {
	const problems: Omit<LossProblem, 'index'>[] = []
	const { kind } = recipe
	const add = (field: string, reason: string): void => void problems.push({ field, reason })
	if (setting.task === 'segmentation' && !OF_MASKS.has(kind)) add('kind', `The loss ${kind} is not for masks; use binary-cross-entropy, focal-binary-cross-entropy or dice.`)
	if (setting.task !== 'segmentation' && kind === 'dice') add('kind', 'The loss dice is for masks (data.layout lung-masks).')
	if (setting.task === 'multilabel' && ONE_LABEL.has(kind)) add('kind', `The loss ${kind} is for one label per image; for several use binary-cross-entropy, focal-binary-cross-entropy, mse or mld.`)
	if (setting.task === 'multiclass' && kind === 'mld') add('kind', 'The loss mld is for several labels per image; for one label use kl or dkd.')
	if (setting.task === 'multilabel' && kind === 'mse' && recipe.standardise) add('standardise', 'Standardised logits compare classes with each other; labels that may stand together are not compared.')
	if (!TRUTH_ONLY.has(kind) && setting.teachers === 0) add('kind', `The loss ${kind} needs a teacher, and the run has none.`)
	if ('teacher' in recipe && setting.teachers > 0 && recipe.teacher >= setting.teachers) {
		add('teacher', `The loss ${kind} asks for teacher ${String(recipe.teacher)}; the run has ${String(setting.teachers)}, counted from 0.`)
	}
	if (kind === 'cross-entropy' && recipe.classWeights && recipe.classWeights.length !== setting.classes) {
		add('classWeights', `There are ${String(recipe.classWeights.length)} class weights for ${String(setting.classes)} labels.`)
	}
	if ((kind === 'rkd' || kind === 'crckd') && setting.batchSize < 2) add('kind', `The loss ${kind} compares images with each other and needs a batch of two at least.`)
	if ('standardise' in recipe && recipe.standardise && setting.classes < 2) add('standardise', 'Logits of a single label cannot be standardised.')
	return problems
}

/** Everything about a list of losses that the schema alone cannot know; empty where it can be run. */
export function lossProblems(recipes: readonly LossRecipe[], setting: LossSetting): LossProblem[] {
	return recipes.flatMap((recipe, index) => problemsOf(recipe, setting).map((problem) => ({ index, ...problem })))
}

/**
 * How much of its weight a loss has in an epoch: from 0 to 1. DKD grows evenly (mdistiller: min(epoch / warm-up, 1)).
 * @param epoch counted from 1
 */
export function lossFactor(recipe: LossRecipe, epoch: number): number {
	if (!('warmUpEpochs' in recipe) || recipe.warmUpEpochs === 0) return 1
	return Math.min(epoch / recipe.warmUpEpochs, 1)
}
