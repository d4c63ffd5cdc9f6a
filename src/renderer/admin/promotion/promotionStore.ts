import { create } from 'zustand'
import type { ModelEntry } from '../../../common/contract/model.ts'
import { USUAL_MAPS, type Candidate, type CandidateReference, type ChosenFilms, type ComparisonJob, type ComparisonRow, type Decision, type Decisions } from '../../../common/contract/promotion.ts'
import { client } from '../../app/client.ts'
import { putFile } from '../../app/import/imports.ts'
import { useNavigation } from '../../app/navigation.ts'
import { showError, useNotices } from '../../app/notices.ts'
import { isolated } from '../../ui/words.ts'
import { decisionInWords, keyOf, originInWords } from './promotionWords.ts'

/** What the section shows; stays while other sections and rooms are looked at. */
export type Place =
	| { at: 'list' }
	| { at: 'candidate'; candidate: CandidateReference }
	| { at: 'comparison'; candidate: CandidateReference; id: number }
	/** rests: the comparison that one comes from; null: the candidate. */
	| { at: 'deciding'; candidate: CandidateReference; rests: number | null }
	/** decisionId: of the promotion that is undone. */
	| { at: 'rollingBack'; decisionId: number }

/** Everything that the section knows of. */
export interface Known {
	candidates: Candidate[]
	models: ModelEntry[]
	decisions: Decisions
	/** Newest first. */
	comparisons: ComparisonRow[]
}

/** The films as they were chosen last; kept while other places are looked at. */
export interface FilmForm {
	/** Null: the first that the candidate has. */
	kind: ChosenFilms['kind'] | null
	folder: string
	split: Extract<ChosenFilms, { kind: 'folder' }>['split']
	dataSetId: number | null
	most: number
	maps: number
}

interface PromotionState {
	place: Place
	/** Null until the first answer. */
	known: Known | null
	/** Why nothing is known; '' while all is well. */
	fault: string
	/** The comparison that runs, or the last one. */
	job: ComparisonJob | null
	/** The candidate that the keyboard is on in the list. */
	active: string | null
	form: FilmForm
	/** Name of the file that is being imported; null: none. */
	importing: string | null
	/** Why the last file was not imported; ''. */
	importFault: string
	/** Who signed last; it is forgotten with the window. */
	signedBy: string
}

export const usePromotion = create<PromotionState>(() => ({
	place: { at: 'list' }, known: null, fault: '', job: null, active: null, form: { kind: null, folder: '', split: null, dataSetId: null, most: 500, maps: USUAL_MAPS }, importing: null, importFault: '', signedBy: '',
}))

let asked = 0
/** States of a comparison that were told by themselves: an answer that was asked for before is older. */
let told = 0

/** Asks anew for what is shown. */
export async function reloadPromotion(): Promise<void> {
	const mine = ++asked
	const toldBefore = told
	try {
		const [candidates, models, decisions, comparisons, { job }] = await Promise.all([
			client.call('promotion.candidates', {}), client.call('models.list', {}), client.call('promotion.decisions', {}), client.call('promotion.comparisons', {}), client.call('promotion.job', {}),
		])
		if (mine === asked) usePromotion.setState({ known: { candidates, models, decisions, comparisons: comparisons.toSorted((a, b) => b.id - a.id) }, fault: '', ...(told === toldBefore ? { job } : {}) })
	} catch (error) {
		if (mine === asked) usePromotion.setState({ fault: messageOf(error) })
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error)
}

export function goTo(place: Place): void {
	usePromotion.setState({ place })
}

export function goToList(): void {
	goTo({ at: 'list' })
}

/** Shows a candidate. */
export function openCandidate(candidate: CandidateReference): void {
	usePromotion.setState({ place: { at: 'candidate', candidate }, active: keyOf(candidate) })
	useNavigation.getState().openSection('promotion')
}

export function activateCandidate(key: string): void {
	usePromotion.setState({ active: key })
}

export function changeForm(change: Partial<FilmForm>): void {
	usePromotion.setState(({ form }) => ({ form: { ...form, ...change } }))
}

/**
 * Begins a comparison. Its end is told wherever one works then.
 * @throws Error in words where it cannot begin.
 */
export async function compare(candidate: CandidateReference, films: ChosenFilms, maps: number): Promise<void> {
	const job = await client.call('promotion.compare', { candidate, films, maps })
	told += 1
	usePromotion.setState({ job })
	const end = client.on('promotion.changed', (changed) => {
		if (changed.jobId !== job.jobId || changed.phase === 'running') return
		end()
		const { room, section } = useNavigation.getState()
		if (room !== 'admin' || section !== 'promotion') tellEnd(changed)
	})
}

function tellEnd({ candidate, phase, comparisonId, reason }: ComparisonJob): void {
	const what = originInWords(candidate)
	const open = { title: 'Open', run: () => (comparisonId === null ? openCandidate(candidate) : openComparison(candidate, comparisonId)) }
	if (phase === 'finished') useNotices.getState().show({ level: 'info', message: `${what} has been compared with the current model.`, action: open })
	if (phase === 'failed') useNotices.getState().show({ level: 'error', message: `The comparison of ${what} failed. ${reason}`, action: open })
}

export function openComparison(candidate: CandidateReference, id: number): void {
	usePromotion.setState({ place: { at: 'comparison', candidate, id } })
	useNavigation.getState().openSection('promotion')
}

export async function cancelComparison(jobId: string): Promise<void> {
	await client.call('promotion.cancel', { jobId }).catch(showError)
}

/** Signs a decision; the list of candidates and decisions is shown then. @throws Error in words where it cannot be carried out; nothing has changed then. */
export async function decide(decision: { candidate: CandidateReference; kind: 'accepted' | 'declined'; comparisonIds: number[]; decidedBy: string; reason: string }): Promise<void> {
	await tellDecision(await client.call('promotion.decide', decision), decision.decidedBy)
}

/** Signs that the model of before reads again. @throws Error in words where it cannot; nothing has changed then. */
export async function rollBack(signed: { decisionId: number; decidedBy: string; reason: string }): Promise<void> {
	await tellDecision(await client.call('promotion.rollBack', signed), signed.decidedBy)
}

async function tellDecision({ id, content }: Decision, signedBy: string): Promise<void> {
	// Before the list is shown: it must not say for a moment that the model of before reads.
	await reloadPromotion()
	usePromotion.setState({ place: { at: 'list' }, signedBy })
	useNotices.getState().show({
		level: 'info', message: decisionInWords(content),
		action: content.kind === 'accepted' ? { title: 'Roll back…', run: () => startRollBack(id) } : null,
	})
}

export function startRollBack(decisionId: number): void {
	goTo({ at: 'rollingBack', decisionId })
	useNavigation.getState().openSection('promotion')
}

/** Hands a pack file over and shows it as a candidate; a refusal stays until it is put away. */
export async function importPackFile(file: File): Promise<void> {
	if (usePromotion.getState().importing !== null) return
	usePromotion.setState({ importing: file.name, importFault: '' })
	const uploadId = crypto.randomUUID()
	try {
		await putFile(uploadId, 0, file.name, file, new AbortController().signal)
		const candidate = await client.call('promotion.import', { uploadId })
		await reloadPromotion()
		openCandidate(candidate)
		useNotices.getState().show({ level: 'info', message: `Imported as a candidate: ${isolated(file.name)}. It reads nothing before it is accepted.` })
	} catch (error) {
		// The refusal begins with the file's name, which may be written from right to left.
		const message = messageOf(error)
		usePromotion.setState({ importFault: message.startsWith(file.name) ? `${isolated(file.name)}${message.slice(file.name.length)}` : message, place: { at: 'list' } })
	} finally {
		usePromotion.setState({ importing: null })
	}
}

export function dismissImportFault(): void {
	usePromotion.setState({ importFault: '' })
}

/** Deletes an imported pack. */
export async function removeImported(candidate: CandidateReference): Promise<void> {
	try {
		await client.call('promotion.removeImported', { candidate })
		usePromotion.setState({ place: { at: 'list' } })
		useNotices.getState().show({ level: 'info', message: `${originInWords(candidate)} is no longer among the candidates. Comparisons and decisions about it stay.` })
	} catch (error) {
		showError(error)
	}
	await reloadPromotion()
}

/** Keeps what is known as the library has it for as long as the section is shown; returns what ends it. */
export function watchPromotion(): () => void {
	let reading = ''
	const ends = [
		client.on('promotion.changed', (job) => {
			told += 1
			usePromotion.setState({ job })
			if (job.phase !== 'running') void reloadPromotion()
		}),
		client.on('training.changed', () => void reloadPromotion()),
		client.on('system.changed', ({ student, teacher, others, studentFault }) => {
			const now = JSON.stringify([student, teacher, others, studentFault])
			if (now !== reading) void reloadPromotion()
			reading = now
		}),
		client.onConnection((connection) => {
			if (connection === 'open') void reloadPromotion()
		}),
	]
	return () => {
		for (const end of ends) end()
	}
}
