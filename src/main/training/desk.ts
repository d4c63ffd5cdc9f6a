import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { TrainingList, TrainingRun } from '../../common/contract/training/desk.ts'
import { recipeProblems } from '../../common/contract/training/recipeProblems.ts'
import type { RunRemoval } from '../../common/contract/training/review.ts'
import { nextRunId, type RunSummary } from '../../common/contract/training/run.ts'
import type { EventHub } from '../eventHub.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import { HostDiedError } from '../supervisor/hostDiedError.ts'
import type { DeskFile, Waiting } from './deskFile.ts'
import { createLiveRun, type LiveRun } from './live.ts'
import type { TrainingPlaces } from './places.ts'
import { rowOf } from './rows.ts'
import { withThreads } from './threads.ts'
import { endingInWords, gaveUpInWords, MOST_ATTEMPTS, timeInWords } from './words.ts'

/** The runs of the window: one works, the others wait for it. What must outlive the program is in the runs' folders and the desk's file. */
export interface TrainingDesk {
	list(): Promise<TrainingList>
	/** A new run, at the end of those that wait. @throws UserError naming a field of the recipe that is not valid. */
	start(recipe: unknown): Turn
	/** @throws UserError where it has no folder yet, or does not work. */
	pause(id: string): Promise<void>
	/** @throws UserError where it works, waits or is finished. */
	resume(id: string): Promise<Turn>
	/** A run without a folder is gone then. @throws UserError where there is nothing to cancel. */
	cancel(id: string): Promise<void>
	/** @throws UserError where it has not ended, or its pack is in use. */
	removal(id: string): Promise<RunRemoval>
	/** @throws UserError as removal. */
	remove(id: string): Promise<void>
	/** As it was started with. */
	recipe(id: string): Promise<unknown>
	/** Goes on with what worked or waited when the program ended. */
	begin(): Promise<void>
	/** Whether a run takes steps here. */
	works(): boolean
	/** The run that works waits for the reading desk, or no longer does. */
	giveWay(gives: boolean): void
	/** What keeps the program from ending with its window, in a sentence; null where nothing does. */
	unfinished(): string | null
	/** Lets the run that works save what it has learned; it goes on when the program is started again. */
	close(): Promise<void>
}

interface Turn {
	id: string
	/** The run that works; null where its own turn has come. */
	waitsFor: string | null
}

/** The run that works. */
interface Work {
	entry: Waiting
	live: LiveRun
	started: boolean
	/** How a person has stopped it. */
	stop: Waiting['stop']
	/** Resolves when nobody works on it any more. */
	ended: PromiseWithResolvers<void>
}

export interface TrainingDeskOptions {
	hosts: HostCaller
	events: EventHub
	file: DeskFile
	places(): TrainingPlaces
	/** What relative paths of a recipe are relative to. */
	base: string
	/** Models that are asked at the reading desk. */
	inUse(): readonly ReadyModel[]
}

/** Before a run whose process has ended is tried again. */
const RETRY_MILLISECONDS = 1000
/** Most time that a run gets to save what it has learned when the program is closed. */
const CLOSE_MILLISECONDS = 5000
/** A recipe is a page of text. */
const LARGEST_RECIPE = 1024 ** 2
/** Of runs that could not begin the last ones are kept. */
const MOST_REFUSED = 50

export function createTrainingDesk({ hosts, events, file, places, base, inUse }: TrainingDeskOptions): TrainingDesk {
	let current: Work | null = null
	let turning = false
	const closing = new AbortController()
	const { signal: closed } = closing

	const tell = (id: string | null) => events.emit('training.changed', { id })
	const folderOf = (id: string) => join(places().runs, id)
	const hasFolder = (id: string) => existsSync(join(folderOf(id), 'state.json'))
	const waitingOf = (id: string) => file.get().waiting.find((entry) => entry.id === id) ?? null
	const refusedOf = (id: string) => file.get().refused.find((entry) => entry.id === id) ?? null
	const review = () => hosts.call('review', 'runs', { places: places() })

	async function summaryOf(id: string): Promise<RunSummary | null> {
		return hasFolder(id) ? ((await review()).runs.find((run) => run.id === id) ?? null) : null
	}

	/** The run as the window shows it. */
	function row(id: string, summary: RunSummary | null): TrainingRun {
		const atWork = current?.entry.id === id ? { id, started: current.started, stop: current.stop, live: current.live.live() } : null
		const place = file.get().waiting.filter((entry) => entry.id !== current?.entry.id).findIndex((entry) => entry.id === id) + 1
		return rowOf(id, { summary, waiting: waitingOf(id), place, refused: refusedOf(id), atWork })
	}

	function leaveQueue(id: string): void {
		file.settle({ waiting: file.get().waiting.filter((entry) => entry.id !== id) })
	}

	function forgetAttempts(id: string): void {
		const { [id]: _own, ...attempts } = file.get().attempts
		file.settle({ attempts })
	}

	/** Counts one more attempt. @returns false where there were too many without a later checkpoint. */
	function attempt(id: string): boolean {
		const { attempts } = file.get()
		const { step, count } = attempts[id] ?? { step: -1, count: 0 }
		if (count >= MOST_ATTEMPTS) return false
		file.settle({ attempts: { ...attempts, [id]: { step, count: count + 1 } } })
		return true
	}

	function reached(id: string, step: number): void {
		const { attempts } = file.get()
		if (step > (attempts[id]?.step ?? -1)) file.settle({ attempts: { ...attempts, [id]: { step, count: 1 } } })
	}

	async function mark(id: string, state: 'paused' | 'cancelled' | 'failed', reason = ''): Promise<void> {
		await hosts.call('review', 'mark', { id, places: places(), state, reason })
	}

	async function call(work: Work, why: string): Promise<RunSummary> {
		const { entry: { id, name, recipe }, live } = work
		const options = {
			subject: `the run ${id}`,
			onProgress(progress: Parameters<LiveRun['take']>[0]) {
				live.take(progress)
				if (progress.kind !== 'started') return
				work.started = true
				reached(id, progress.step)
				tell(id)
			},
		}
		if (hasFolder(id)) return hosts.call('training', 'resume', { id, places: places(), why }, options)
		if (recipe === null) throw new UserError(`The run ${name} is no longer there.`)
		return hosts.call('training', 'train', { id, recipe, title: 'The recipe', base, places: places() }, options)
	}

	/** Works on a run until it has come to an end, or is stopped; its process may end several times. @returns whether it goes on with the next start of the program. */
	async function workOn(work: Work): Promise<boolean> {
		const { id } = work.entry
		let { why } = work.entry
		let ending = ''
		while (!closed.aborted) {
			if (work.stop !== null) {
				await stopped(id, work.stop)
				return false
			}
			if (!attempt(id)) {
				await giveUp(work.entry, gaveUpInWords(ending))
				return false
			}
			try {
				const { record } = await call(work, why)
				forgetAttempts(id)
				return record.state === 'interrupted'
			} catch (error) {
				if (closed.aborted) return true
				if (!(error instanceof HostDiedError)) {
					ended(work, error)
					return false
				}
				ending = error.reason
				why = `The training process ended: ${endingInWords(ending)}. The run goes on from its last checkpoint.`
				work.started = false
				tell(id)
				await delay(RETRY_MILLISECONDS)
			}
		}
		return true
	}

	/** Between two processes a run is stopped without one. */
	async function stopped(id: string, as: 'paused' | 'cancelled'): Promise<void> {
		forgetAttempts(id)
		if (hasFolder(id)) await mark(id, as)
	}

	/** A call that was refused, has failed or was cancelled. Of a run with a folder the training host has written down what became of it. */
	function ended({ entry }: Work, error: unknown): void {
		forgetAttempts(entry.id)
		if (error instanceof Error && error.name === 'AbortError') return
		const reason = error instanceof Error ? error.message : String(error)
		if (!hasFolder(entry.id) && entry.recipe !== null) refuse(entry, reason)
		events.emit('notice', { level: 'error', message: `The run ${entry.name} has ended. ${reason}`, detail: error instanceof UserError ? error.detail : '' })
	}

	async function giveUp(entry: Waiting, reason: string): Promise<void> {
		forgetAttempts(entry.id)
		if (hasFolder(entry.id)) await mark(entry.id, 'failed', reason)
		else refuse(entry, reason)
		events.emit('notice', { level: 'error', message: `The run ${entry.name} has failed. ${reason}`, detail: '' })
	}

	function refuse({ id, name, askedAt, recipe }: Waiting, reason: string): void {
		file.settle({ refused: [...file.get().refused, { id, name, askedAt, recipe, reason }].slice(-MOST_REFUSED) })
	}

	/** Works on one run after the other. */
	async function takeTurns(): Promise<void> {
		if (turning) return
		turning = true
		try {
			for (let [entry] = file.get().waiting; entry && !closed.aborted; [entry] = file.get().waiting) {
				const work: Work = { entry, live: createLiveRun(entry.id, (progress) => events.emit('training.progress', progress)), started: false, stop: entry.stop, ended: Promise.withResolvers() }
				current = work
				tell(null)
				const goesOn = await workOn(work).catch((error: unknown) => {
					events.emit('notice', { level: 'error', message: `The run ${work.entry.name} has ended. ${error instanceof Error ? error.message : String(error)}`, detail: '' })
					return false
				})
				current = null
				if (!goesOn) leaveQueue(entry.id)
				work.live.end()
				if (!closed.aborted) tell(null)
				work.ended.resolve()
			}
		} finally {
			turning = false
		}
	}

	/** @returns whose turn it is before that of the new one. */
	function queue(entry: Waiting): Turn {
		const { waiting, refused } = file.get()
		file.change({ waiting: [...waiting, entry], refused: refused.filter(({ id }) => id !== entry.id) })
		const waitsFor = waiting[0]?.id ?? null
		// After the answer to this call, so that the window knows the run before anything is told of it.
		setImmediate(() => void takeTurns())
		return { id: entry.id, waitsFor }
	}

	function stopCurrent(work: Work, as: 'paused' | 'cancelled'): void {
		const { id, name } = work.entry
		if (as === 'paused' && !hasFolder(id)) throw new UserError(`The run ${name} has not begun yet, so there is nothing to go on with later. Cancel it, or wait for its first step.`)
		work.stop = as
		file.settle({ waiting: file.get().waiting.map((entry) => (entry.id === id ? { ...entry, stop: as } : entry)) })
		// Where its process has just ended there is nobody to be told; the next attempt is not made then.
		hosts.call('training', 'stop', { id, as }).catch(() => {})
		tell(id)
	}

	async function removal(id: string): Promise<RunRemoval> {
		if (refusedOf(id)) return { bytes: 0, lost: ['The recipe of a run that never began.'], graph: null }
		if (waitingOf(id)) throw new UserError(`The run ${id} waits for its turn or works. Cancel it first.`)
		const found = await hosts.call('review', 'removal', { id, places: places() })
		const used = inUse().find(({ manifest }) => manifest.sha256 === found.graph)
		if (used) throw new UserError(`The model pack of the run ${id} is in use at the reading desk (${used.manifest.title}). Choose another model first; nothing was removed.`)
		const needed = file.get().waiting.find(({ recipe }) => JSON.stringify(recipe ?? null).includes(JSON.stringify(folderOf(id)).slice(1, -1)))
		if (needed) throw new UserError(`The run ${needed.name}, which waits for its turn, needs the model pack of ${id}. Nothing was removed.`)
		return found
	}

	return {
		async list() {
			const { runs, refused } = existsSync(places().runs) ? await review() : { runs: [], refused: [] }
			const desk = file.get()
			const ids = new Set([...runs.map(({ id }) => id), ...desk.waiting.map(({ id }) => id), ...desk.refused.map(({ id }) => id)])
			const rows = [...ids].map((id) => row(id, runs.find((run) => run.id === id) ?? null))
			return { runs: rows.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0)), refused }
		},

		start(recipe) {
			const [problem] = recipeProblems(recipe)
			if (problem) throw new UserError(`The recipe: ${problem.message}.`)
			const given = recipe as { name: string }
			if (JSON.stringify(given).length > LARGEST_RECIPE) throw new UserError('The recipe is larger than 1 MiB.')
			const { waiting, refused } = file.get()
			const taken = [...(existsSync(places().runs) ? readdirSync(places().runs) : []), ...waiting.map(({ id }) => id), ...refused.map(({ id }) => id)]
			return queue({ id: nextRunId(given.name, taken), name: given.name, askedAt: new Date().toISOString(), recipe: withThreads(given), why: '', stop: null })
		},

		async pause(id) {
			if (current?.entry.id === id) return stopCurrent(current, 'paused')
			const summary = await summaryOf(id)
			if (!waitingOf(id) || !summary) throw new UserError(`The run ${id} does not work, so it cannot be paused.`)
			leaveQueue(id)
			if (summary.record.state === 'interrupted') await mark(id, 'paused')
			tell(null)
		},

		async resume(id) {
			if (waitingOf(id)) throw new UserError(`The run ${id} works already, or waits for its turn.`)
			const refused = refusedOf(id)
			if (refused) return queue({ id, name: refused.name, askedAt: refused.askedAt, recipe: refused.recipe, why: '', stop: null })
			const summary = await summaryOf(id)
			if (!summary) throw new UserError(`There is no run ${id}.`)
			if (summary.record.state === 'finished') throw new UserError(`The run ${id} is finished.`)
			if (summary.record.state === 'running') throw new UserError(`The run ${id} is being worked on by another process.`)
			return queue({ id, name: summary.name, askedAt: summary.createdAt, recipe: null, why: '', stop: null })
		},

		async cancel(id) {
			if (current?.entry.id === id) return stopCurrent(current, 'cancelled')
			const waiting = waitingOf(id)
			const summary = await summaryOf(id)
			if (!waiting && (!summary || !['interrupted', 'paused'].includes(summary.record.state))) throw new UserError(`The run ${id} neither works nor waits, so there is nothing to cancel.`)
			leaveQueue(id)
			if (summary) await mark(id, 'cancelled')
			tell(null)
		},

		removal,

		async remove(id) {
			await removal(id)
			if (refusedOf(id)) file.change({ refused: file.get().refused.filter((entry) => entry.id !== id) })
			else await hosts.call('review', 'remove', { id, places: places() })
			tell(null)
		},

		async recipe(id) {
			const asked = waitingOf(id)?.recipe ?? refusedOf(id)?.recipe ?? null
			return hasFolder(id) || asked === null ? (await hosts.call('review', 'detail', { id, places: places() })).recipe : asked
		},

		async begin() {
			const { runs } = existsSync(places().runs) ? await review() : { runs: [] }
			const interrupted = runs.filter(({ record }) => record.state === 'interrupted').toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
			const again = 'The program was started again.'
			const { waiting } = file.get()
			const known = waiting.map((entry) => (interrupted.some(({ id }) => id === entry.id) ? { ...entry, why: again } : entry))
			const others = interrupted.filter(({ id }) => !waitingOf(id)).map(({ id, name, createdAt }) => ({ id, name, askedAt: createdAt, recipe: null, why: again, stop: null }))
			if (closed.aborted) return
			file.settle({ waiting: [...known, ...others] })
			void takeTurns()
		},

		works: () => current?.started === true,
		giveWay: (gives) => current?.live.giveWay(gives),

		unfinished() {
			// Between two runs nobody works, but it goes on.
			if (!current) return turning && file.get().waiting[0] ? `The run ${file.get().waiting[0]?.name ?? ''} is next.` : null
			const { step, steps, secondsLeft } = current.live.live()
			const others = file.get().waiting.length - 1
			return `The run ${current.entry.name} goes on${current.started ? `: step ${step} of ${steps}` : ''}${secondsLeft === null ? '' : `, ${timeInWords(secondsLeft)} left`}.${others > 0 ? ` ${others} more ${others === 1 ? 'waits' : 'wait'}.` : ''}`
		},

		async close() {
			closing.abort()
			const work = current
			if (!work) return
			// Who closes the program does not mean that the run has failed.
			forgetAttempts(work.entry.id)
			hosts.call('training', 'stop', { id: work.entry.id, as: 'interrupted' }).catch(() => {})
			await Promise.race([work.ended.promise, delay(CLOSE_MILLISECONDS, undefined, { ref: false })])
		},
	}
}
