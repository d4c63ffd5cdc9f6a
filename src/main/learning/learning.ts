import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FEWEST_PATIENTS, type LearningCase, type LearningPage, type LearningQuery, type LearningSet, type MadeSet } from '../../common/contract/learning.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { labelledDataRecipeSchema } from '../../common/contract/training/data.ts'
import type { EventHub } from '../eventHub.ts'
import { prepared } from '../library/database.ts'
import { decidedCases, decidedImage, leaveOut } from '../library/decidedImages.ts'
import { exportDataSet } from '../library/exportDataSet.ts'
import type { FrameCache } from '../library/frameCache.ts'
import { temporaryName } from '../library/home.ts'
import type { Library } from '../library/library.ts'
import { moveIntoPlace } from '../models/copyPack.ts'
import type { Registry } from '../models/registry.ts'
import { freeId, slugOf } from '../names.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { DataSets } from '../training/dataSets.ts'

/** What readers accepted and corrected, on its way to a data set. */
export interface Learning {
	/** What there is, by the labels that models answer with. */
	sets(): LearningSet[]
	cases(query: LearningQuery): LearningPage
	/** @throws UserError where one is no image of the library. */
	leaveOut(cases: readonly { instanceId: number; frameIndex: number }[], leftOut: boolean): void
	/**
	 * Writes the cases of a set that are not left out into <home>/data-sets, ready for a recipe, puts it among the data sets and begins its survey, whether or not the window that
	 * asked is still there; how far it is comes as events.
	 * @throws UserError where it is too little to learn from, with what is missing, an image cannot be read, one is being written, or it was cancelled; nothing is left behind then.
	 */
	makeSet(request: { labels: readonly string[]; name: string }): Promise<MadeSet>
	/** Ends what is being written, at its next image. */
	cancelSet(): void
}

export interface LearningOptions {
	home: string
	library: Library
	frames: FrameCache
	hosts: HostCaller
	registry: Registry
	dataSets: Pick<DataSets, 'add' | 'survey'>
	events: EventHub
}

export function createLearning({ home, library, frames, hosts, registry, dataSets, events }: LearningOptions): Learning {
	let known: { stamp: string; cases: LearningCase[] } | null = null
	let making: AbortController | null = null

	/** Read again only after something was written: a person pages through them. */
	function all(): LearningCase[] {
		const changes = prepared<[], { n: number }>(library.database, 'SELECT total_changes() AS n').get()?.n
		const stamp = `${String(library.database.pragma('data_version', { simple: true }))} ${String(changes)}`
		if (known?.stamp !== stamp) known = { stamp, cases: decidedCases(library) }
		return known.cases
	}

	/** What was written stays where it is, whatever becomes of this. */
	async function register(name: string, data: MadeSet['data']): Promise<Pick<MadeSet, 'dataSet' | 'fault'>> {
		try {
			const dataSet = await dataSets.add(name, labelledDataRecipeSchema.parse(data))
			dataSets.survey(dataSet.id)
			return { dataSet, fault: '' }
		} catch (error) {
			if (error instanceof UserError) return { dataSet: null, fault: error.message }
			throw error
		}
	}

	const of = (labels: readonly string[]) => all().filter((one) => keyOf(labelsOf(one)) === keyOf(labels))

	/** One label per image or several, as the packs that answer with these labels say; where none is there, several, which loses no truth. */
	function taskOf(labels: readonly string[]): LearningSet['task'] {
		const pack = registry.list().find((entry) => entry.state === 'ready' && keyOf(entry.manifest.labels.map(({ name }) => name)) === keyOf(labels))
		return pack?.state === 'ready' ? pack.manifest.task : 'multilabel'
	}

	return {
		sets: () => [...Map.groupBy(all(), (one) => keyOf(labelsOf(one))).values()].map((cases) => setOf(cases, taskOf(labelsOf(cases[0] as LearningCase)))).toSorted((a, b) => b.images - a.images),
		cases({ labels, show, present, offset, limit }) {
			const matching = of(labels).filter((one) => isShown(one, show) && (present === null || one.labels.some(({ name, truth }) => name === present && truth === 1)))
			// The latest decision first.
			const ordered = matching.toSorted((a, b) => (a.decidedAt === b.decidedAt ? b.instanceId - a.instanceId : a.decidedAt < b.decidedAt ? 1 : -1))
			return { cases: ordered.slice(offset, offset + limit), matching: matching.length }
		},
		leaveOut: (cases, leftOut) => leaveOut(library, cases, leftOut),
		async makeSet({ labels, name }) {
			if (making) throw new UserError('A data set is just being written. Wait for its end, or cancel it.')
			const cases = of(labels)
			if (cases.length === 0) throw new UserError('No reader has decided anything of an image with these labels, so there is nothing to learn from.')
			const set = setOf(cases, taskOf(labels))
			if (set.missing.length > 0) throw new UserError(`There is too little to learn from. ${set.missing.join(' ')}`)
			const signal = (making = new AbortController()).signal
			const temporary = join(library.paths.temporary, temporaryName())
			let made: Omit<MadeSet, 'dataSet' | 'fault'>
			try {
				const written = await exportDataSet({
					library, frames, hosts, folder: temporary, images: cases.filter(({ leftOut }) => !leftOut).map(decidedImage), signal,
					onProgress: (done, total) => events.emit('learning.progress', { done, of: total }),
				})
				const sets = join(home, 'data-sets')
				await mkdir(sets, { recursive: true, mode: 0o700 })
				const id = freeId(slugOf(name, 'data-set'), (wanted) => existsSync(join(sets, wanted)))
				const folder = join(sets, id)
				await moveIntoPlace(temporary, folder)
				made = { id, folder, images: written.images, patients: written.patients, data: { layout: 'manifest', folder, labels: enoughOf(set).map((label) => label.name), task: set.task } }
			} catch (error) {
				if (signal.aborted) throw new UserError('The data set was cancelled; nothing was written.')
				throw error
			} finally {
				making = null
				await rm(temporary, { recursive: true, force: true })
			}
			return { ...made, ...(await register(name, made.data)) }
		},
		cancelSet: () => making?.abort(),
	}
}

function labelsOf({ labels }: LearningCase): string[] {
	return labels.map(({ name }) => name)
}

function keyOf(labels: readonly string[]): string {
	return JSON.stringify(labels.toSorted())
}

function isShown({ leftOut, outcome }: LearningCase, show: LearningQuery['show']): boolean {
	return show === 'left out' ? leftOut : show === 'all' || outcome === show
}

function patientsOf(cases: readonly LearningCase[]): number {
	return new Set(cases.map(({ group }) => group)).size
}

/** @param cases of one set of labels, at least one. */
function setOf(cases: readonly LearningCase[], task: LearningSet['task']): LearningSet {
	const kept = cases.filter(({ leftOut }) => !leftOut)
	// A class is learned from an image that has exactly one.
	const usable = task === 'multiclass' ? kept.filter(({ labels }) => labels.filter(({ truth }) => truth === 1).length === 1) : kept
	const counts = (cases[0]?.labels ?? []).map(({ name, title, finding }) => {
		const withTruth = (wanted: 0 | 1) => usable.filter(({ labels }) => labels.some((label) => label.name === name && label.truth === wanted))
		const [positives, negatives] = [withTruth(1), withTruth(0)]
		return { name, title, finding, positives: positives.length, negatives: negatives.length, unknown: usable.length - positives.length - negatives.length, positivePatients: patientsOf(positives), negativePatients: patientsOf(negatives) }
	})
	return {
		labels: counts.map(({ name }) => name), task, images: usable.length, patients: patientsOf(usable), corrected: usable.filter(({ outcome }) => outcome === 'corrected').length, leftOut: cases.length - kept.length,
		counts, ...judge(counts, task, kept.length - usable.length),
	}
}

/** The labels that can be learned. */
function enoughOf({ counts, task }: Pick<LearningSet, 'counts' | 'task'>): LearningSet['counts'] {
	return counts.filter(({ positivePatients, negativePatients }) => positivePatients >= FEWEST_PATIENTS && (task === 'multiclass' || negativePatients >= FEWEST_PATIENTS))
}

/** Fail closed: a run on too few patients would only seem to learn. */
function judge(counts: LearningSet['counts'], task: LearningSet['task'], unusable: number): Pick<LearningSet, 'missing' | 'notes'> {
	const enough = enoughOf({ counts, task })
	const few = counts.filter((count) => !enough.includes(count))
	const wanting = few.map(({ title, positivePatients, negativePatients }) => `${title}: ${positivePatients} with it${task === 'multilabel' ? `, ${negativePatients} without` : ''}`).join('; ')
	const needed = task === 'multiclass'
		? `At least two labels need ${FEWEST_PATIENTS} patients each; ${enough.length} ${enough.length === 1 ? 'has' : 'have'} them.`
		: `At least one label needs ${FEWEST_PATIENTS} patients with it and ${FEWEST_PATIENTS} without.`
	const isEnough = enough.length >= (task === 'multiclass' ? 2 : 1)
	return {
		missing: isEnough ? [] : [needed, `Too few patients for ${wanting}.`],
		notes: [
			...(isEnough && few.length > 0 ? [`Too few patients for ${wanting}. The recipe of a data set leaves ${few.length === 1 ? 'this label' : 'these labels'} out.`] : []),
			...(unusable > 0 ? [`${unusable} ${unusable === 1 ? 'image has' : 'images have'} no single label that readers found and cannot be learned from as one of several classes.`] : []),
		],
	}
}
