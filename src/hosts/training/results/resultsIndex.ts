import { z } from 'zod'
import { runIdSchema } from '../../../common/contract/training/run.ts'
import { TABLE_METRICS } from './measureRuns.ts'

const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/)

/** Images that results are given for by themselves: those whose column has one of the values. */
const sliceSchema = z.strictObject({ title: z.string().min(1).max(200), column: z.string().min(1).max(200), values: z.array(z.string()).min(1).max(100) })
export type Slice = z.infer<typeof sliceSchema>

const goalSchema = z.union([
	z.strictObject({ metric: z.enum(TABLE_METRICS), least: z.number() }),
	z.strictObject({ metric: z.enum(TABLE_METRICS), most: z.number() }),
])
export type Goal = z.infer<typeof goalSchema>

/** What a run is for: the two networks of the comparison, the student alone, or a question about shortcuts (which one, its recipe says). */
export const roleSchema = z.enum(['teacher', 'alone', 'distilled', 'shortcut'])
export type Role = z.infer<typeof roleSchema>

/** results/index.json: which kept run (a folder of results/runs) belongs to which task. */
export const resultsIndexSchema = z.strictObject({
	schemaVersion: z.literal(1),
	tasks: z.array(z.strictObject({
		id: nameSchema,
		title: z.string().min(1).max(200),
		/** By which number student and teacher are compared. */
		metric: z.enum(['balancedAccuracy', 'auroc']),
		slices: z.array(sliceSchema).max(20).default([]),
		/** What a distilled student was wanted to reach on the test images. */
		goals: z.array(goalSchema).max(20).default([]),
		/** Paragraphs under what the numbers say: why, and what was tried. */
		notes: z.array(z.string().min(1).max(4000)).max(50).default([]),
	})).max(20),
	/** Runs of networks that mark the lungs. */
	lungs: z.array(runIdSchema).max(20).default([]),
	runs: z.array(z.strictObject({ task: nameSchema, role: roleSchema, seed: z.number().int().nonnegative(), run: runIdSchema })).max(1000),
}).superRefine(({ tasks, lungs, runs }, context) => {
	const known = new Set(tasks.map(({ id }) => id))
	if (known.size < tasks.length) context.addIssue({ code: 'custom', path: ['tasks'], message: 'A task stands twice' })
	for (const [index, run] of lungs.entries()) if (lungs.indexOf(run) < index) context.addIssue({ code: 'custom', path: ['lungs', index], message: `The run ${run} stands twice` })
	for (const [index, { task, run }] of runs.entries()) {
		if (!known.has(task)) context.addIssue({ code: 'custom', path: ['runs', index, 'task'], message: `There is no task ${task}` })
		if (lungs.includes(run) || runs.findIndex((other) => other.run === run) < index) context.addIssue({ code: 'custom', path: ['runs', index, 'run'], message: `The run ${run} stands twice` })
	}
})
export type ResultsIndex = z.infer<typeof resultsIndexSchema>
export type ResultsTask = ResultsIndex['tasks'][number]
