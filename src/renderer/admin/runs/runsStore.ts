import { create } from 'zustand'
import type { TrainingList, TrainingRun } from '../../../common/contract/training/desk.ts'
import { MOST_COMPARED, type RunRemoval } from '../../../common/contract/training/review.ts'
import { client } from '../../app/client.ts'
import { useNavigation } from '../../app/navigation.ts'
import { showError, useNotices } from '../../app/notices.ts'
import { useOverlay } from '../../app/overlay.ts'
import { isolated } from '../../ui/words.ts'

export type RunTab = 'live' | 'log' | 'results' | 'errors' | 'recipe'

/** What the section shows; stays while other sections and rooms are looked at. */
export type Place = { at: 'list' } | { at: 'one'; id: string; tab: RunTab } | { at: 'compare'; ids: string[] }

interface RunsState {
	place: Place
	/** Null until the first answer. */
	list: TrainingList | null
	/** Why there is no list; '' while all is well. */
	listFault: string
	/** The run that the keyboard is on in the list. */
	active: string | null
	/** Runs to be compared; the first is what the others are held against. */
	selected: readonly string[]
	/** The run that a person is asked about before it is removed. */
	removing: { run: Pick<TrainingRun, 'id' | 'name'>; removal: RunRemoval } | null
}

export const useRuns = create<RunsState>(() => ({ place: { at: 'list' }, list: null, listFault: '', active: null, selected: [], removing: null }))

/** Shows a run. @param tab its results where it is finished, and how it goes on where it is not, if none is named. */
export function openRun(id: string, tab?: RunTab): void {
	const run = runOf(id)
	useRuns.setState({ place: { at: 'one', id, tab: tab ?? (run?.state === 'finished' ? 'results' : 'live') }, active: id })
	useNavigation.getState().openSection('runs')
}

/** Shows runs side by side; the first is what the others are held against. */
export function compareRuns(ids: string[]): void {
	useRuns.setState({ place: { at: 'compare', ids } })
	useNavigation.getState().openSection('runs')
}

export function goToList(): void {
	useRuns.setState({ place: { at: 'list' } })
}

export function openTab(tab: RunTab): void {
	useRuns.setState(({ place }) => (place.at === 'one' ? { place: { ...place, tab } } : {}))
}

export function activateRun(id: string): void {
	useRuns.setState({ active: id })
}

/** Takes a run among those that are compared, or out of them. */
export function toggleRun(id: string): void {
	const { selected } = useRuns.getState()
	if (selected.includes(id)) return useRuns.setState({ selected: selected.filter((own) => own !== id) })
	if (selected.length >= MOST_COMPARED) return useNotices.getState().show({ level: 'warning', message: `At most ${MOST_COMPARED} runs are compared at once. Take one out of the selection first.` })
	useRuns.setState({ selected: [...selected, id] })
}

export function clearSelection(): void {
	useRuns.setState({ selected: [] })
}

/** Goes to the list to choose what a run is compared with; it is what the others are held against. */
export function compareWithOthers(id: string): void {
	useRuns.setState({ selected: [id], active: id, place: { at: 'list' } })
}

function runOf(id: string): TrainingRun | undefined {
	return useRuns.getState().list?.runs.find((run) => run.id === id)
}

let asking = false
let askAgain = false

/** Asks for the list; what happens while the answer is on its way is asked for after it. */
async function loadList(): Promise<void> {
	if (asking) {
		askAgain = true
		return
	}
	asking = true
	do {
		askAgain = false
		try {
			const list = await client.call('training.list', {})
			const ids = new Set(list.runs.map(({ id }) => id))
			useRuns.setState(({ selected }) => ({ list, listFault: '', selected: selected.every((id) => ids.has(id)) ? selected : selected.filter((id) => ids.has(id)) }))
		} catch (error) {
			useRuns.setState({ listFault: error instanceof Error ? error.message : String(error) })
		}
	} while (askAgain)
	asking = false
}

/** Asks anew for what is shown. */
export function reloadRuns(): void {
	void loadList()
}

export async function pauseRun({ id }: Pick<TrainingRun, 'id'>): Promise<void> {
	await client.call('training.pause', { id }).catch(showError)
}

export async function resumeRun({ id, name }: Pick<TrainingRun, 'id' | 'name'>): Promise<void> {
	try {
		const { waitsFor } = await client.call('training.resume', { id })
		if (waitsFor !== null) useNotices.getState().show({ level: 'info', message: `${isolated(name)} waits for its turn: ${isolated(runOf(waitsFor)?.name ?? waitsFor)} works now.` })
	} catch (error) {
		showError(error)
	}
}

/** Cancels a run and offers to take it back; of one that has not begun nothing is left but its recipe. */
export async function cancelRun({ id, name, record }: Pick<TrainingRun, 'id' | 'name' | 'record'>): Promise<void> {
	const hasBegun = record !== null
	try {
		const recipe = hasBegun ? null : (await client.call('training.recipe', { id })).recipe
		await client.call('training.cancel', { id })
		useNotices.getState().show({
			level: 'info',
			message: hasBegun ? `Cancelled: ${isolated(name)}. What it has learned is kept.` : `Cancelled: ${isolated(name)}. It had not begun, so nothing is left of it.`,
			action: { title: 'Undo', run: () => (hasBegun ? void resumeRun({ id, name }) : void client.call('training.start', { recipe }).catch(showError)) },
		})
	} catch (error) {
		showError(error)
	}
}

/** Asks a person whether a run is removed, with what would be lost. */
export async function askRemoval({ id, name }: Pick<TrainingRun, 'id' | 'name'>): Promise<void> {
	try {
		const removal = await client.call('training.removal', { id })
		useRuns.setState({ removing: { run: { id, name }, removal } })
		useOverlay.getState().show('removeRun')
	} catch (error) {
		showError(error)
	}
}

export function keepRun(): void {
	useRuns.setState({ removing: null })
	useOverlay.getState().hide()
}

/** Removes the run that was asked about. */
export async function removeRun(): Promise<void> {
	const { removing, list } = useRuns.getState()
	if (!removing) return
	const { id, name } = removing.run
	keepRun()
	const index = list?.runs.findIndex((run) => run.id === id) ?? -1
	const neighbour = list?.runs[index + 1] ?? list?.runs[index - 1]
	try {
		await client.call('training.remove', { id })
	} catch (error) {
		showError(error)
		return
	}
	useRuns.setState((state) => ({
		list: state.list && { ...state.list, runs: state.list.runs.filter((run) => run.id !== id) },
		selected: state.selected.filter((own) => own !== id),
		active: neighbour?.id ?? null,
		place: state.place.at === 'one' && state.place.id === id ? { at: 'list' } : state.place,
	}))
	useNotices.getState().show({ level: 'info', message: `Removed: ${isolated(name)} (${id}).` })
}

/** Keeps the list as the main program has it for as long as the section is shown; returns what ends it. */
export function watchRuns(): () => void {
	const ends = [
		client.on('training.changed', reloadRuns),
		client.on('training.progress', ({ id, live, validations }) => {
			useRuns.setState(({ list }) => (list?.runs.some((run) => run.id === id && run.live) ? { list: { ...list, runs: list.runs.map((run) => (run.id === id ? { ...run, live } : run)) } } : {}))
			// The best one stands in the run's folder.
			if (validations.length > 0) reloadRuns()
		}),
		client.onConnection((connection) => {
			if (connection === 'open') reloadRuns()
		}),
	]
	return () => {
		for (const end of ends) end()
	}
}
