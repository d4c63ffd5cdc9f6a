import { readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { z } from 'zod'
import { domainSchema, modelManifestSchema } from '../../common/contract/model.ts'
import { instantSchema, sha256Schema } from '../../common/contract/primitives.ts'
import { writeDurably } from '../durable.ts'
import { readDecisions } from '../library/decisions.ts'
import { isProcessAlive } from '../library/home.ts'
import type { Library } from '../library/library.ts'
import { chosenIn, withChoice } from '../models/choice.ts'
import type { SettingsStore } from '../settings.ts'

/**
 * What a change of the reading model is about to do, written before it begins: a pack is put into its folder, a decision is signed and a setting is changed, and a process
 * that ends between them must not leave one without the others.
 */
const intentSchema = z.strictObject({
	processId: z.number().int(),
	role: modelManifestSchema.shape.role,
	/** What the student reads. Missing: of a teacher, or of an older program, which had one student for every kind. */
	domain: domainSchema.optional(),
	settings: z.strictObject({ before: z.string().nullable(), after: z.string().nullable() }),
	/** Hash of the last decision before this one, and the time that this one states. */
	previous: sha256Schema,
	decidedAt: instantSchema,
	/** Folder that is put among the packs; null: none. */
	installed: z.string().nullable(),
})
export type Intent = Omit<z.infer<typeof intentSchema>, 'processId'>

const FILE = 'promotion.json'
const LONGEST_MILLISECONDS = 10 * 60 * 1000

export function writeIntent(home: string, intent: Intent): void {
	writeDurably(join(home, FILE), `${JSON.stringify({ processId: process.pid, ...intent })}\n`)
}

export function clearIntent(home: string): void {
	rmSync(join(home, FILE), { force: true })
}

/**
 * Ends what a process that is gone had begun: where the decision is signed, the setting follows it; where it is not, everything is as before, and the pack that was
 * put among the others goes.
 */
export function finishInterrupted({ home, library, settings }: { home: string; library: Library; settings: SettingsStore }): void {
	const intent = read(home)
	if (!intent || isAtWork(home, intent.processId)) return
	const { role, domain, previous, decidedAt, installed } = intent
	const isSigned = readDecisions(library).decisions.some(({ content }) => content.previous === previous && content.decidedAt === decidedAt)
	const wanted = isSigned ? intent.settings.after : intent.settings.before
	if (role === 'student' && domain === undefined) settings.set({ student: wanted })
	else {
		const choice = role === 'student' && domain ? { role, domain } : { role: 'teacher' as const }
		if (chosenIn(settings.get(), choice) !== wanted) settings.set(withChoice(settings.get(), choice, wanted))
	}
	// Nothing but a folder of a pack is ever removed, whatever the file says.
	if (!isSigned && installed !== null && resolve(installed).startsWith(join(resolve(home), 'models') + sep)) rmSync(installed, { recursive: true, force: true })
	clearIntent(home)
}

/** Whether the process that began is still at it: what it has to do takes moments, and process numbers are used again. */
function isAtWork(home: string, processId: number): boolean {
	return processId !== process.pid && isProcessAlive(processId) && Date.now() - statSync(join(home, FILE)).mtimeMs < LONGEST_MILLISECONDS
}

/** Null where there is none; a damaged one was never whole, so nothing had begun. */
function read(home: string): z.infer<typeof intentSchema> | null {
	try {
		return intentSchema.parse(JSON.parse(readFileSync(join(home, FILE), 'utf8')))
	} catch {
		return null
	}
}
