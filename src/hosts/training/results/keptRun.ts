import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../common/contract/procedures.ts'
import { trainingRunSchema } from '../../../common/contract/model.ts'
import { sha256Schema } from '../../../common/contract/primitives.ts'
import { evaluationReportSchema, splitResultsSchema } from '../../../common/contract/training/evaluation.ts'
import { environmentSchema } from '../../../common/contract/training/run.ts'
import { PREDICTIONS } from '../runs/folder.ts'
import { parseKept, readKept } from './keptFiles.ts'
import { readPredictions, type Predictions } from './predictionsTable.ts'

/** What the tables need of files whose schemas go on: a run that was kept stays readable when fields are added to them. */
const recipeViewSchema = z.looseObject({
	name: z.string(),
	seed: z.number(),
	epochs: z.number(),
	data: z.object({
		folder: z.string(),
		sampling: z.object({ by: z.string(), balance: z.number() }),
		leaveOut: z.array(z.object({ column: z.string(), values: z.array(z.string()).min(1) })).default([]),
	}),
	student: z.object({ from: z.string(), name: z.string().optional(), pack: z.string().optional() }),
	teachers: z.array(z.object({ from: z.string() })),
	input: z.object({ region: z.object({ of: z.string(), margin: z.number().optional() }).nullish(), tones: z.string().nullish() }).default({}),
})
const inputViewSchema = z.object({ width: z.number(), height: z.number(), region: z.object({ of: z.string(), margin: z.number().optional() }).nullish(), tones: z.string().nullish() })

/** pack.json: what the run's pack says of itself, but not its weights nor anything that other kept files say. */
export const keptPackSchema = z.object({
	id: z.string(), version: z.string(), title: z.string(), architecture: z.string(), sha256: sha256Schema, input: inputViewSchema.loose(), trainingRun: trainingRunSchema,
})

const split = splitResultsSchema.shape
export const evaluationViewSchema = z.object({
	model: z.object(evaluationReportSchema.shape.model.shape),
	calibration: evaluationReportSchema.shape.calibration,
	splits: z.array(z.object({ split: split.split, n: split.n, groups: split.groups, accuracy: split.accuracy, operatingPoints: split.operatingPoints, abstention: split.abstention })),
})

/** A folder of results/runs. */
export interface KeptRun {
	id: string
	recipe: z.output<typeof recipeViewSchema>
	environment: z.output<typeof environmentSchema>
	pack: z.output<typeof keptPackSchema>
	evaluation: z.output<typeof evaluationViewSchema>
	predictions: Predictions
}

/** @throws UserError naming the file that is missing or damaged. */
export function readKeptRun(runs: string, id: string): KeptRun {
	const folder = join(runs, id)
	const evaluation = parseKept(folder, 'evaluation.json', evaluationViewSchema)
	const run: KeptRun = {
		id,
		recipe: parseKept(folder, 'recipe.json', recipeViewSchema),
		environment: parseKept(folder, 'environment.json', z.object(environmentSchema.shape)),
		pack: parseKept(folder, 'pack.json', keptPackSchema),
		evaluation,
		predictions: readPredictions(readKept(folder, PREDICTIONS), evaluation.model.labels, join(folder, PREDICTIONS)),
	}
	if (run.pack.sha256 !== evaluation.model.sha256) throw new UserError(`${folder}: evaluation.json is not of the network of pack.json: the SHA-256 differs.`)
	return run
}

/** What sets one run's images and sampling apart from another's, in words. */
export interface Variant {
	/** Which part of a film the network sees, and what is done to it. */
	sees: string
	sampling: string
	/** Whether it sees the background alone. */
	background: boolean
	/** What training left out: "source nih14"; '' where nothing was. */
	leftOut: string
	/** The model pack whose weights it went on from; '' where it was none. */
	begunWith: string
}

const REGIONS: Record<string, string> = { lungs: 'cropped to the lungs', background: 'background alone, lungs masked out' }
const SAMPLINGS: Record<string, string> = { shuffle: 'each image once', class: 'classes equally often', source: 'sources equally often' }

export function variantOf({ recipe, pack }: Pick<KeptRun, 'recipe' | 'pack'>): Variant {
	const region = recipe.input.region ?? pack.input.region ?? null
	const tones = recipe.input.tones ?? pack.input.tones ?? null
	const { by, balance } = recipe.data.sampling
	const sees = region === null ? 'whole image' : `${REGIONS[region.of] ?? region.of}${region.margin === undefined ? '' : ` (margin ${region.margin})`}`
	return {
		sees: `${sees}${tones === null ? '' : `, ${tones}`}`,
		sampling: `${SAMPLINGS[by] ?? by}${by === 'shuffle' || balance === 1 ? '' : ` (balance ${balance})`}`,
		background: region?.of === 'background',
		begunWith: recipe.student.pack ? basename(recipe.student.pack) : '',
		leftOut: recipe.data.leaveOut.map(({ column, values }) => `${column} ${values.join(', ')}`).join('; '),
	}
}
