import { create } from 'zustand'
import type { AugmentationPreview, RecipeNetworks } from '../../../common/contract/training/looks.ts'
import type { Preflight } from '../../../common/contract/training/run.ts'
import type { FoundStudent } from '../../../common/contract/training/zoo.ts'
import { client } from '../../app/client.ts'
import { useNotices } from '../../app/notices.ts'
import { isolated } from '../../ui/words.ts'
import { openRun } from '../runs/runsStore.ts'
import { change, isUnreadable, messageOf, useNewRun } from './newRunStore.ts'
import { textAt, valueAt, withValue, type Draft } from './recipe/fields.ts'
import { textOf } from './recipe/jsonText.ts'

/** A long look that the form has asked for, and the last answer. */
export interface Look<Result> {
	/** Of the one that goes on; null: none does. */
	jobId: string | null
	progress: { phase: string; done: number; of: number } | null
	/** Null: none yet, or it failed. */
	result: Result | null
	fault: string
	/** What it was asked of; what differs from that is no longer known. */
	of: string
}

interface Looks {
	preflight: Look<Preflight>
	preview: Look<AugmentationPreview>
	search: Look<FoundStudent>
	networks: Look<RecipeNetworks>
	/** The recipe of the run that was started last. */
	started: { id: string; of: string } | null
}

function none<Result>(): Look<Result> {
	return { jobId: null, progress: null, result: null, fault: '', of: '' }
}

export const useLooks = create<Looks>(() => ({ preflight: none(), preview: none(), search: none(), networks: none(), started: null }))

/** What was found of a draft goes with it. */
useNewRun.subscribe(({ draft }, before) => {
	if (draft || !before.draft) return
	for (const name of ['preflight', 'preview', 'search'] as const) cancelLook(name)
	useLooks.setState({ preflight: none(), preview: none(), search: none(), started: null })
})

type LookName = Exclude<keyof Looks, 'started'>

let jobs = 0

/** Names that no other page of the program gives. */
function newJobId(): string {
	return `new-run-${Date.now().toString(36)}-${++jobs}-${Math.random().toString(36).slice(2, 8)}`
}

/** What a look is asked of: a recipe that is written otherwise is another one. */
export function ofDraft(draft: Draft): string {
	return textOf(draft)
}

async function look<Name extends LookName>(name: Name, of: string, ask: (jobId: string) => Promise<Looks[Name]['result']>): Promise<void> {
	const jobId = newJobId()
	const isLast = () => useLooks.getState()[name].jobId === jobId
	const tell = (told: Partial<Looks[Name]>) => useLooks.setState((state) => ({ [name]: { ...state[name], ...told } }) as Partial<Looks>)
	tell({ jobId, progress: null, fault: '' } as Partial<Looks[Name]>)
	const end = client.on('training.job', ({ jobId: own, ...progress }) => {
		if (own === jobId && isLast()) tell({ progress } as Partial<Looks[Name]>)
	})
	try {
		const result = await ask(jobId)
		if (isLast()) tell({ jobId: null, progress: null, result, of } as Partial<Looks[Name]>)
	} catch (error) {
		const isCancelled = messageOf(error) === 'Cancelled.'
		if (isLast()) tell({ jobId: null, progress: null, ...(isCancelled ? {} : { result: null, fault: messageOf(error), of }) } as Partial<Looks[Name]>)
	} finally {
		end()
	}
}

/** Looks at everything before the run of the draft begins. */
export async function lookBefore(): Promise<void> {
	const { draft } = useNewRun.getState()
	if (!draft || useLooks.getState().preflight.jobId !== null) return
	await look('preflight', ofDraft(draft), (jobId) => client.call('training.preflight', { jobId, recipe: draft }))
}

export function cancelLook(name: 'preflight' | 'preview' | 'search'): void {
	const { jobId } = useLooks.getState()[name]
	if (jobId !== null) void client.call(name === 'search' ? 'zoo.cancelSearch' : 'training.cancelPreflight', { jobId }).catch(() => {})
}

/** Whether the draft is just what the last pre-flight looked at, and nothing stops it. */
export function mayStart(draft: Draft | null, { result, of, jobId }: Look<Preflight>): boolean {
	return draft !== null && jobId === null && result?.ok === true && of === ofDraft(draft)
}

/** Starts the run of the draft and shows it. Nothing happens before a pre-flight of just this recipe found that it can begin. */
export async function start(): Promise<void> {
	const { draft, text } = useNewRun.getState()
	if (!draft || isUnreadable(text) || !mayStart(draft, useLooks.getState().preflight)) return
	try {
		const { id, waitsFor } = await client.call('training.start', { recipe: draft })
		// A second run of the same recipe is looked at anew: memory and disk are what the first leaves.
		useLooks.setState(({ preflight }) => ({ preflight: { ...preflight, of: '' }, started: { id, of: ofDraft(draft) } }))
		useNotices.getState().show({
			level: 'info',
			message: waitsFor === null ? `The run ${isolated(textAt(draft, 'name'))} begins. It goes on when this window is closed.` : `The run ${isolated(textAt(draft, 'name'))} waits until ${waitsFor} has ended, and begins by itself.`,
		})
		openRun(id)
	} catch (error) {
		useLooks.setState(({ preflight }) => ({ preflight: { ...preflight, result: null, fault: messageOf(error) } }))
	}
}

/** Draws samples of the draft's images as training would change them. */
export async function drawPreview(draft: Draft, seed: number): Promise<void> {
	cancelLook('preview')
	await look('preview', previewOf(draft, seed), (jobId) => client.call('training.augmentationPreview', { jobId, recipe: draft, seed, samples: 4, draws: 4 }))
}

/** What the pictures of a preview depend on. */
export function previewOf({ data, input, student, augmentation }: Draft, seed: number): string {
	return JSON.stringify([data, input, student, augmentation, seed])
}

/** Searches the best student that takes so many milliseconds for an image on this machine, and puts it into the draft, if that still wants one. */
export async function searchStudent(milliseconds: number, classes: number): Promise<void> {
	await look('search', `${milliseconds}`, (jobId) => client.call('zoo.search', { jobId, milliseconds, classes }))
	const { jobId, result, of } = useLooks.getState().search
	if (jobId !== null || !result || of !== `${milliseconds}`) return
	change((draft) => {
		if (valueAt(draft, 'student.from') !== 'ofa') return draft
		const weights = textAt(draft, 'student.weights')
		return withValue(withValue(draft, 'student', { ...result.student, ...(weights === '' ? {} : { weights }) }), 'input.size', result.size)
	})
}

/** What the names of layers and parameters depend on. */
export function networksOf({ student, teachers, input }: Draft, classes: number): string {
	return JSON.stringify([student, teachers, input, classes])
}

/** The networks that were asked for last: a form that is drawn anew asks for the same. */
let asked = ''

/** Asks for the names of layers and parameters of the draft's networks, where they were not asked for yet. */
export async function nameNetworks(draft: Draft, classes: number): Promise<void> {
	const of = networksOf(draft, classes)
	if (asked === of) return
	asked = of
	await look('networks', of, () => client.call('training.networks', { recipe: draft, classes }))
}
