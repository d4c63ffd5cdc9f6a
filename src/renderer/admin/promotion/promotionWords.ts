import type { Domain } from '../../../common/contract/model.ts'
import type { Candidate, CandidateReference, ComparedModel, ComparisonProgress, ComparisonRow, COMPARED_METRICS, Decision, DecisionContent, Outcome, PairedNumberOf, SeenAnswer } from '../../../common/contract/promotion.ts'
import { kindInWords } from '../../../common/text/kindsOfImage.ts'
import { count, isolated, number } from '../../ui/words.ts'
import { NO_VALUE } from '../charts/numbers.ts'
import { timeLeft } from '../dataSets/dataSetWords.ts'

export type ReadyCandidate = Extract<Candidate, { state: 'ready' }>

/** The verdict in a word. */
export const OUTCOME_TITLES: Record<Outcome, string> = { better: 'Better', worse: 'Worse', undecided: 'Undecided', insufficient: 'Insufficient' }

/** The verdict of a kept comparison in a word; films of the library have none. */
export function verdictTitle({ kind, verdict }: Pick<ComparisonRow, 'kind' | 'verdict'>): string {
	return kind === 'library' ? 'No verdict' : OUTCOME_TITLES[verdict.outcome]
}

export const DECISION_TITLES: Record<DecisionContent['kind'], string> = { accepted: 'Accepted', declined: 'Declined', 'rolled back': 'Rolled back' }

/** In the order in which a report shows them. less: the smaller number is the better one. */
export const METRICS: Record<(typeof COMPARED_METRICS)[number], { what: string; less?: true }> = {
	balancedAccuracy: { what: 'Mean over the labels of the share of their images that are called rightly' },
	auroc: { what: 'Mean over the labels of the area under the ROC curve' },
	auprc: { what: 'Mean over the labels of the area under the precision-recall curve' },
	accuracy: { what: 'Share of the images that are called rightly' },
	macroF1: { what: 'Mean over the labels of the harmonic mean of precision and sensitivity' },
	ece: { what: 'Mean distance between the probability that is given and the share that is so; less is better', less: true },
	brier: { what: 'Mean squared error of the probabilities; less is better', less: true },
	answered: { what: 'Share of the films on which the model does not abstain' },
}

const PHASE_TITLES: Record<ComparisonProgress['phase'], string> = {
	data: 'Reading the data set', lungs: 'Looking for the lungs', current: 'Current model', candidate: 'Candidate', films: 'Both models', latency: 'Measuring the time of one image', maps: 'Comparing maps',
}

/** How far a comparison is: "Candidate: 12 of 60 films, about 20 seconds left". */
export function progressInWords(progress: ComparisonProgress | null): string {
	if (!progress) return 'Opening the models'
	const { phase, done, of, secondsLeft } = progress
	if (phase === 'latency') return PHASE_TITLES.latency
	return `${PHASE_TITLES[phase]}: ${[`${number(done)} of ${count(of, 'film')}`, timeLeft(secondsLeft)].filter((part) => part !== '').join(', ')}`
}

/** A difference with its sign: "+0.013", "−0.020", "0.000". */
export function signed(value: number | null): string {
	if (value === null) return NO_VALUE
	const text = Math.abs(value).toFixed(3)
	return text === '0.000' ? text : `${value < 0 ? '−' : '+'}${text}`
}

/** "+0.013 (−0.004 to +0.030)". */
export function differenceText({ difference, interval }: PairedNumberOf): string {
	return interval ? `${signed(difference)} (${signed(interval[0])} to ${signed(interval[1])})` : signed(difference)
}

/** What a difference shows: a side only where the whole interval lies on it. */
export function shownBy({ interval }: PairedNumberOf, isLessBetter = false): 'better' | 'worse' | null {
	if (!interval || (interval[0] <= 0 && interval[1] >= 0)) return null
	return interval[0] > 0 !== isLessBetter ? 'better' : 'worse'
}

/** McNemar's p: "0.043", "< 0.001". */
export function pText(p: number): string {
	return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

/** "1.8 times as long". */
export function ratioInWords(ratio: number): string {
	return `${ratio.toFixed(ratio < 0.1 ? 2 : 1)} times as long`
}

export function milliseconds(value: number): string {
	return `${value < 1 ? value.toPrecision(2) : value < 10 ? value.toFixed(1) : number(Math.round(value))} ms`
}

/** "Student of the clinic 1.0.0", kept apart from the sentence around it. */
export function modelName({ title, version }: Pick<ComparedModel, 'title' | 'version'>): string {
	return `${isolated(title)} ${version}`
}

/** Where a candidate is from: "Run small-1". */
export function originInWords({ origin, id }: CandidateReference): string {
	return origin === 'run' ? `Run ${isolated(id)}` : `Imported pack ${isolated(id)}`
}

export function keyOf({ origin, id }: CandidateReference): string {
	return `${origin}/${id}`
}

export function isSameModel(one: ComparedModel, other: ComparedModel): boolean {
	return one.sha256 === other.sha256 && one.manifestSha256 === other.manifestSha256
}

/** Why a decision cannot rest on a comparison any more, in a sentence; '' where it can. */
export function whyOutdated({ models }: Pick<ComparisonRow, 'models'>, { about, current }: Pick<ReadyCandidate, 'about' | 'current'>): string {
	if (!isSameModel(models.candidate, about)) return 'The candidate has changed since.'
	if (!current || !isSameModel(models.current, current)) return `It was held against ${modelName(models.current)}, which is not the model that reads now.`
	return ''
}

export type CandidateState = 'refused' | 'reads' | 'unfit' | 'comparing' | 'compared' | 'declined' | 'new'

export const STATE_TITLES: Record<Exclude<CandidateState, 'compared'>, string> = {
	refused: 'Refused', reads: 'Reads now', unfit: 'Cannot be compared', comparing: 'Being compared', declined: 'Declined', new: 'Not compared yet',
}

interface Known {
	/** Newest first. */
	comparisons: readonly ComparisonRow[]
	/** Newest first. */
	decisions: readonly Decision[]
	/** The candidate that is being compared. */
	running: CandidateReference | null
}

/** How it stands with a candidate. last: where it is compared, the newest comparison that a decision can rest on, one with a verdict if there is one. */
export function stateOf(entry: Candidate, { comparisons, decisions, running }: Known): { state: Exclude<CandidateState, 'compared'> } | { state: 'compared'; last: ComparisonRow } {
	if (entry.state === 'refused') return { state: 'refused' }
	const key = keyOf(entry.candidate)
	if (running && keyOf(running) === key) return { state: 'comparing' }
	if (entry.reason !== '') return { state: entry.current?.sha256 === entry.about.sha256 ? 'reads' : 'unfit' }
	const standing = comparisons.filter((row) => keyOf(row.candidate) === key && whyOutdated(row, entry) === '')
	const [newest] = standing
	const decision = decisions.find(({ content: { candidate } }) => candidate && keyOf(candidate.reference) === key && isSameModel(candidate, entry.about))
	// What was compared after it was declined is to be decided about anew.
	if (decision?.content.kind === 'declined' && decision.content.comparisons.every(({ id }) => !newest || newest.id <= id)) return { state: 'declined' }
	const last = standing.find(({ kind }) => kind === 'labelled') ?? newest
	return last ? { state: 'compared', last } : { state: 'new' }
}

/** What was decided, in a sentence. */
export function decisionInWords({ kind, role, candidate, before, after }: Pick<DecisionContent, 'kind' | 'role' | 'candidate' | 'before' | 'after'>): string {
	const verb = `${role === 'student' ? 'reads' : 'gives the second opinion'}${kind === 'rolled back' ? ' again' : ''}`
	if (kind === 'declined') return `${candidate ? modelName(candidate) : 'The candidate'} was declined${before ? `; ${modelName(before)} goes on` : ''}.`
	if (!after) return role === 'student' ? 'No student reads any more.' : `${before ? modelName(before) : 'The teacher'} gives no second opinion any more.`
	return `${modelName(after)} ${verb}${before ? ` in place of ${modelName(before)}` : ''}.`
}

export interface Change {
	candidate: Pick<ComparedModel, 'title' | 'version' | 'role'>
	current: Pick<ComparedModel, 'title' | 'version' | 'role'>
	/** Id of the installed pack with the same network; null where it is not installed. */
	installed: string | null
	/** Other students that read now, each its kind of image. */
	others: readonly { title: string; domain: Domain }[]
}

/** What it means to accept, in sentences. */
export function changesOf({ candidate, current, installed, others }: Change): string[] {
	const isTeacher = candidate.role === 'teacher'
	const becomes = isTeacher
		? `${modelName(candidate)} gives the second opinion ${current.role === 'teacher' ? `in place of ${modelName(current)}` : `beside ${modelName(current)}, which has none so far`}.`
		: `${modelName(candidate)} reads in place of ${modelName(current)}, with its own operating points, calibration and abstention.`
	return [
		becomes,
		...(isTeacher || others.length === 0 ? [] : [`Other kinds of images are read as before: ${others.map(({ title, domain }) => `${kindInWords(domain)} by ${isolated(title)}`).join(', ')}.`]),
		installed === null ? 'Its pack is copied to the installed models, tested and selected; where one of these fails, nothing changes.' : `Its network is installed already, as ${isolated(installed)}; it is tested and selected.`,
		'Analyses that were made so far keep the model that made them, and are explained by it.',
		'The inference process starts anew: an analysis or a map that is being made at that moment has to be asked for again.',
	]
}

/** What has to be acknowledged, in words, before a candidate is accepted on these comparisons; '' where nothing has. Films of the library have no verdict of their own. */
export function toAcknowledge(rows: readonly Pick<ComparisonRow, 'kind' | 'verdict'>[]): string {
	const outcomes = rows.flatMap(({ kind, verdict }) => (kind === 'labelled' ? [verdict.outcome] : []))
	if (outcomes.includes('worse')) return 'I have read that the candidate was found worse, and accept it all the same.'
	if (outcomes.includes('insufficient')) return 'I have read that there are too few patients to say which model is better, and accept the candidate all the same.'
	if (rows.length > 0 && outcomes.length === 0) return 'I have read that nothing was compared on films whose truth is known, and accept the candidate all the same.'
	return ''
}

/** What a rollback brings, in a sentence. */
export function rollbackInWords(role: DecisionContent['role'], to: ComparedModel | null, before: ComparedModel | null): string {
	return decisionInWords({ kind: 'rolled back', role, candidate: null, before, after: to })
}

/** What a reader sees of a film: "COVID-19, Pneumonia", "No label called", "Abstains", "Refused". */
export function seenInWords({ state, calls }: SeenAnswer, titleOf: (name: string) => string): string {
	if (state === 'refused') return 'Refused'
	if (state === 'abstained') return 'Abstains'
	return calls.length === 0 ? 'No label called' : calls.map(titleOf).join(', ')
}
