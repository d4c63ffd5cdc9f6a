import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { instantSchema } from '../../common/contract/primitives.ts'
import { runIdSchema } from '../../common/contract/training/run.ts'

const askedSchema = z.object({
	id: runIdSchema,
	name: z.string(),
	askedAt: instantSchema,
	/** Of a run that has no folder yet; null where it goes on with its own. */
	recipe: z.unknown(),
})

/** What must outlive the program beside the folders of the runs. */
const deskSchema = z.object({
	/** In the order of their turns; the first one works, or will. */
	waiting: z.array(askedSchema.extend({
		/** For the run's log, where nobody asked for it. */
		why: z.string(),
		/** A person has stopped it, and it has not ended yet. */
		stop: z.enum(['paused', 'cancelled']).nullable(),
	})).default([]),
	/** Runs that could not begin: there is no folder that would tell of them. */
	refused: z.array(askedSchema.extend({ reason: z.string() })).default([]),
	/** By run: how often it was worked on from a step without coming to a later checkpoint or an end. */
	attempts: z.record(runIdSchema, z.object({ step: z.number().int(), count: z.number().int().positive() })).default({}),
})
export type Desk = z.output<typeof deskSchema>
export type Waiting = Desk['waiting'][number]
export type Refused = Desk['refused'][number]

export interface DeskFile {
	get(): Desk
	/** On the disk when it returns. @throws where it cannot be written; what is there stays then. */
	change(part: Partial<Desk>): void
	/** The same for what has happened already: where it cannot be written it is known until the program ends. */
	settle(part: Partial<Desk>): void
}

/** What the training desk has to remember, in <home>/training.json. A file that cannot be read is kept beside as training.json.bad. */
export function openDeskFile(home: string): DeskFile {
	const path = join(home, 'training.json')
	let desk = read(path)

	function write(changed: Desk): void {
		mkdirSync(dirname(path), { recursive: true })
		const temporary = `${path}.${process.pid}.tmp`
		try {
			writeFileSync(temporary, `${JSON.stringify(changed, null, '\t')}\n`, { mode: 0o600, flush: true })
			renameSync(temporary, path)
		} catch (error) {
			rmSync(temporary, { force: true })
			throw error
		}
	}

	return {
		get: () => desk,
		change(part) {
			const changed = { ...desk, ...part }
			write(changed)
			desk = changed
		},
		settle(part) {
			desk = { ...desk, ...part }
			try {
				write(desk)
			} catch {
				// The next change tries again.
			}
		},
	}
}

function read(path: string): Desk {
	let text: string
	try {
		text = readFileSync(path, 'utf8')
	} catch {
		return deskSchema.parse({})
	}
	try {
		return deskSchema.parse(JSON.parse(text))
	} catch {
		renameSync(path, `${path}.bad`)
		return deskSchema.parse({})
	}
}
