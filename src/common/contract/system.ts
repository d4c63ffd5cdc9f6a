import { z } from 'zod'
import { domainSchema, modelReferenceSchema } from './model.ts'

export const hostNameSchema = z.enum(['imaging', 'inference', 'training', 'review'])
export type HostName = z.infer<typeof hostNameSchema>

export const hostStatusSchema = z.object({
	name: hostNameSchema,
	state: z.enum(['starting', 'ready', 'restarting', 'failed']),
	pid: z.number().int().nullable(),
	restarts: z.number().int().nonnegative(),
	/** Jobs sent and not answered. */
	jobs: z.number().int().nonnegative(),
	/** Why it last stopped; '' where it never did. */
	lastFault: z.string(),
})
export type HostStatus = z.infer<typeof hostStatusSchema>

const titledReferenceSchema = modelReferenceSchema.extend({ title: z.string() })

export const systemStatusSchema = z.object({
	version: z.string(),
	shell: z.enum(['electron', 'browser']),
	shellReason: z.string(),
	home: z.string(),
	hosts: z.array(hostStatusSchema),
	/** The first student that can be used; null where there is none. */
	student: titledReferenceSchema.nullable(),
	teacher: titledReferenceSchema.nullable(),
	/** Those of other kinds of images, each with the teacher that answers with its labels. */
	others: z.array(z.object({ student: titledReferenceSchema, teacher: titledReferenceSchema.nullable() })),
	/** Why a kind of image has no student that can be used, in sentences; '' where each has one. */
	studentFault: z.string(),
	freeBytes: z.number().nonnegative(),
	studies: z.number().int().nonnegative(),
})
export type SystemStatus = z.infer<typeof systemStatusSchema>

/** Kept in the home folder. Unknown keys are dropped, missing ones take their default. */
export const settingsSchema = z.object({
	readerName: z.string().max(200).default(''),
	institution: z.string().max(200).default(''),
	/** Command id -> keys, e.g. {"view.invert": "i"}; only those that differ from the default. */
	keyBindings: z.record(z.string(), z.string()).default({}),
	windowPresets: z.array(z.object({ name: z.string().max(60), center: z.number(), width: z.number().positive() })).max(9).default([]),
	panelWidth: z.number().int().min(280).max(720).default(340),
	panelOpen: z.boolean().default(true),
	/** Analyse a film as soon as it is opened. */
	analyseOnOpen: z.boolean().default(true),
	/** The chosen student by the kind of image that it reads; a kind that is missing here has the first that came with the program. */
	students: z.partialRecord(domainSchema, z.string()).default({}),
	/** Of older programs, which had one chosen student for every kind: its id, until the next start knows what it reads (src/main/models/choice.ts). */
	student: z.string().nullable().default(null),
	teacher: z.string().nullable().default(null),
})
export type Settings = z.infer<typeof settingsSchema>

const { shape } = settingsSchema

/** A change of some settings. Without defaults: they would take the place of every setting that the change does not name. */
export const settingsChangeSchema = z.object({
	readerName: shape.readerName.removeDefault(),
	institution: shape.institution.removeDefault(),
	keyBindings: shape.keyBindings.removeDefault(),
	windowPresets: shape.windowPresets.removeDefault(),
	panelWidth: shape.panelWidth.removeDefault(),
	panelOpen: shape.panelOpen.removeDefault(),
	analyseOnOpen: shape.analyseOnOpen.removeDefault(),
	students: shape.students.removeDefault(),
	teacher: shape.teacher.removeDefault(),
} satisfies Record<Exclude<keyof Settings, 'student'>, z.ZodType>).partial()

/** A message for the person: what happened, to what, what was kept, what to do. */
export const noticeSchema = z.object({
	level: z.enum(['info', 'warning', 'error']),
	message: z.string(),
	detail: z.string().default(''),
})
