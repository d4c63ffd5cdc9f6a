import { create } from 'zustand'
import type { LabelledDataRecipe } from '../../../common/contract/training/data.ts'
import type { DataSetSummary, RegisteredDataSet, SurveyJob } from '../../../common/contract/training/dataSets.ts'
import { client } from '../../app/client.ts'
import { showError, useNotices } from '../../app/notices.ts'
import { isolated } from '../../ui/words.ts'

export type DataSetTab = 'overview' | 'samples' | 'leaks' | 'unused'

/** What the section shows; stays while other sections and rooms are looked at. */
export type Place = { at: 'list' } | { at: 'adding'; folder: string | null } | { at: 'one'; id: number; tab: DataSetTab }

interface DataSetsState {
	place: Place
	/** Null until the first answer. */
	list: DataSetSummary[] | null
	/** Why there is no list; '' while all is well. */
	listFault: string
	/** The data set that the keyboard is on in the list. */
	active: number | null
	/** The data set of the place; null until it is here. */
	shown: RegisteredDataSet | null
	shownFault: string
}

export const useDataSets = create<DataSetsState>(() => ({ place: { at: 'list' }, list: null, listFault: '', active: null, shown: null, shownFault: '' }))

let listAsked = 0
let shownAsked = 0

async function loadList(): Promise<void> {
	const asked = ++listAsked
	try {
		const list = await client.call('dataSets.list', {})
		if (asked === listAsked) useDataSets.setState({ list, listFault: '' })
	} catch (error) {
		if (asked === listAsked) useDataSets.setState({ listFault: messageOf(error) })
	}
}

async function loadShown(): Promise<void> {
	const { place } = useDataSets.getState()
	if (place.at !== 'one') return
	const asked = ++shownAsked
	try {
		const shown = await client.call('dataSets.get', { dataSetId: place.id })
		if (asked === shownAsked) useDataSets.setState({ shown, shownFault: '' })
	} catch (error) {
		if (asked === shownAsked) useDataSets.setState({ shown: null, shownFault: messageOf(error) })
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error)
}

/** Asks anew for what is shown. */
export function reloadDataSets(): void {
	void loadList()
	void loadShown()
}

/** Takes a data set as the main program has just told it. */
export function takeDataSet(dataSet: RegisteredDataSet): void {
	const { place } = useDataSets.getState()
	if (place.at !== 'one' || place.id !== dataSet.id) return
	// An answer to an older question must not replace it.
	shownAsked += 1
	useDataSets.setState({ shown: dataSet, shownFault: '' })
}

export function goToList(): void {
	useDataSets.setState({ place: { at: 'list' } })
}

/** @param folder to begin with; null: the home folder. */
export function goToAdding(folder: string | null = null): void {
	useDataSets.setState({ place: { at: 'adding', folder } })
}

export function openDataSet(id: number, tab: DataSetTab = 'overview'): void {
	useDataSets.setState((state) => ({ place: { at: 'one', id, tab }, active: id, shown: state.shown?.id === id ? state.shown : null, shownFault: '' }))
	void loadShown()
}

export function openTab(tab: DataSetTab): void {
	useDataSets.setState(({ place }) => (place.at === 'one' ? { place: { ...place, tab } } : {}))
}

export function activateDataSet(id: number): void {
	useDataSets.setState({ active: id })
}

export async function survey(dataSetId: number): Promise<void> {
	try {
		takeJob(await client.call('dataSets.survey', { dataSetId }))
	} catch (error) {
		showError(error)
	}
}

export async function cancelSurvey(dataSetId: number): Promise<void> {
	await client.call('dataSets.cancelSurvey', { dataSetId }).catch(showError)
}

/** Registers a data set, shows it and begins its survey. */
export async function addDataSet(title: string, recipe: LabelledDataRecipe): Promise<void> {
	const { id } = await client.call('dataSets.add', { title, recipe })
	openDataSet(id)
	await survey(id)
}

export async function renameDataSet({ id, title: before }: Pick<DataSetSummary, 'id' | 'title'>, title: string): Promise<void> {
	if (title.trim() === before || title.trim() === '') return
	try {
		takeDataSet(await client.call('dataSets.rename', { dataSetId: id, title }))
		useNotices.getState().show({
			level: 'info', message: `${isolated(before)} is called ${isolated(title.trim())} now.`,
			action: { title: 'Undo', run: () => void client.call('dataSets.rename', { dataSetId: id, title: before }).catch(showError) },
		})
	} catch (error) {
		showError(error)
	}
}

/** Takes a data set from the list, at once, and offers to bring it back. */
export async function removeDataSet({ id, title }: Pick<DataSetSummary, 'id' | 'title'>): Promise<void> {
	const { list } = useDataSets.getState()
	const place = list?.findIndex((own) => own.id === id) ?? -1
	const neighbour = list?.[place + 1] ?? list?.[place - 1]
	try {
		await client.call('dataSets.remove', { dataSetId: id })
	} catch (error) {
		showError(error)
		return
	}
	useDataSets.setState((state) => ({
		list: state.list?.filter((own) => own.id !== id) ?? null, active: neighbour?.id ?? null, place: state.place.at === 'one' && state.place.id === id ? { at: 'list' } : state.place,
	}))
	useNotices.getState().show({
		level: 'info', message: `Removed from the list: ${isolated(title)}. Its folder is as it was; its survey and corrections are kept for thirty days.`,
		action: { title: 'Undo', run: () => void restoreDataSet(id) },
	})
}

async function restoreDataSet(id: number): Promise<void> {
	try {
		await client.call('dataSets.restore', { dataSetId: id })
		useDataSets.setState({ active: id })
	} catch (error) {
		showError(error)
	}
}

function takeJob(job: SurveyJob): void {
	useDataSets.setState(({ list, shown }) => ({
		list: list?.map((own) => (own.id === job.dataSetId ? { ...own, job } : own)) ?? null,
		shown: shown?.id === job.dataSetId ? { ...shown, job } : shown,
	}))
}

/** Keeps list and shown data set as the library has them for as long as the section is shown; returns what ends it. */
export function watchDataSets(): () => void {
	const ends = [
		client.on('dataSets.changed', ({ dataSetId }) => {
			void loadList()
			const { place } = useDataSets.getState()
			if (dataSetId === null || (place.at === 'one' && place.id === dataSetId)) void loadShown()
		}),
		client.on('dataSets.survey', takeJob),
		client.onConnection((connection) => {
			if (connection === 'open') reloadDataSets()
		}),
	]
	return () => {
		for (const end of ends) end()
	}
}
