import { create } from 'zustand'
import type { LearningSet, MadeSet } from '../../../common/contract/learning.ts'
import { client } from '../../app/client.ts'
import { useNavigation } from '../../app/navigation.ts'
import { showError, useNotices } from '../../app/notices.ts'
import { isolated } from '../../ui/words.ts'
import { openDataSet } from '../dataSets/dataSetsStore.ts'
import { keyOfSet, sizeOfSet, type Progress } from './learningWords.ts'

export type SetTab = 'overview' | 'review'

/** What the section shows; stays while other sections and rooms are looked at. key: of a set (keyOfSet). */
export type Place = { at: 'list' } | { at: 'one'; key: string; tab: SetTab }

export interface Made {
	/** Of the set that it was made of. */
	key: string
	title: string
	set: MadeSet
}

interface LearningState {
	place: Place
	/** Null until the first answer. */
	sets: LearningSet[] | null
	/** Why there are none; '' while all is well. */
	fault: string
	/** The set that the keyboard is on in the list. */
	active: string | null
	/** A data set that is being written; key and title are '' where another window began it. */
	making: (Progress & { key: string; title: string }) | null
	/** The one that was made last. */
	made: Made | null
}

export const useLearning = create<LearningState>(() => ({ place: { at: 'list' }, sets: null, fault: '', active: null, making: null, made: null }))

let loading = false
let again = false

/** Asks for the sets anew; of many changes in a row, the last is looked at. */
export async function loadSets(): Promise<void> {
	if (loading) {
		again = true
		return
	}
	loading = true
	try {
		do {
			again = false
			useLearning.setState({ sets: await client.call('learning.sets', {}), fault: '' })
		} while (again)
	} catch (error) {
		useLearning.setState({ fault: messageOf(error) })
	} finally {
		loading = false
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error)
}

export function goToSets(): void {
	useLearning.setState({ place: { at: 'list' } })
}

export function openSet(key: string, tab: SetTab = 'overview'): void {
	useLearning.setState({ place: { at: 'one', key, tab }, active: key })
}

export function activateSet(key: string): void {
	useLearning.setState({ active: key })
}

let cancelled = false

/** Makes a data set of what readers decided, and puts it among the data sets, with its survey. */
export async function makeSet(set: LearningSet, name: string): Promise<void> {
	const title = name.trim()
	const key = keyOfSet(set)
	cancelled = false
	useLearning.setState({ making: { key, title, done: 0, of: set.images }, made: null })
	try {
		const made = { key, title, set: await client.call('learning.makeSet', { labels: set.labels, name: title }) }
		useLearning.setState({ making: null, made })
		if (made.set.dataSet) tellMade(made)
	} catch (error) {
		useLearning.setState({ making: null })
		if (cancelled) useNotices.getState().show({ level: 'info', message: messageOf(error) })
		else showError(error)
	}
}

function tellMade({ title, set }: Made): void {
	useNotices.getState().show({ level: 'info', message: `${isolated(title)} is among the data sets: ${sizeOfSet(set)}.`, action: { title: 'Open', run: openMade } })
}

/** Puts what was made among the data sets where that failed before. */
export async function registerMade(): Promise<void> {
	const { made } = useLearning.getState()
	if (!made) return
	try {
		const dataSet = await client.call('dataSets.add', { title: made.title, recipe: made.set.data })
		const registered = { ...made, set: { ...made.set, dataSet, fault: '' } }
		useLearning.setState({ made: registered })
		tellMade(registered)
		await client.call('dataSets.survey', { dataSetId: dataSet.id })
	} catch (error) {
		if (useLearning.getState().made?.set.dataSet) showError(error)
		else useLearning.setState({ made: { ...made, set: { ...made.set, fault: messageOf(error) } } })
	}
}

/** Shows what was made among the data sets. */
export function openMade(): void {
	const dataSet = useLearning.getState().made?.set.dataSet
	if (!dataSet) return
	openDataSet(dataSet.id)
	useNavigation.getState().openSection('dataSets')
}

export async function cancelMaking(): Promise<void> {
	cancelled = true
	// Nothing tells how another window's has ended.
	useLearning.setState(({ making }) => (making?.key === '' ? { making: null } : {}))
	await client.call('learning.cancelSet', {}).catch(showError)
}

function takeProgress({ done, of }: Progress): void {
	useLearning.setState(({ making }) => {
		// Another window's ends with its last image.
		if (making === null || making.key === '') return { making: done < of ? { key: '', title: '', done, of } : null }
		return { making: { ...making, done, of } }
	})
}

/** Keeps the sets as the library has them for as long as the section is shown; returns what ends it. */
export function watchLearning(): () => void {
	void loadSets()
	const ends = [
		client.on('library.changed', () => void loadSets()),
		client.on('learning.progress', takeProgress),
		client.onConnection((connection) => {
			if (connection === 'open') void loadSets()
		}),
	]
	return () => {
		for (const end of ends) end()
	}
}
