import { create } from 'zustand'
import { useNavigation } from '../../app/navigation.ts'

/** What the section shows; stays while other sections and rooms are looked at. */
export type Place = { at: 'list' } | { at: 'one'; id: string } | { at: 'compare'; ids: string[] }

interface RunsState {
	place: Place
}

export const useRuns = create<RunsState>(() => ({ place: { at: 'list' } }))

/** Shows a run. */
export function openRun(id: string): void {
	useRuns.setState({ place: { at: 'one', id } })
	useNavigation.getState().openSection('runs')
}

/** Shows runs side by side; the first is what the others are held against. */
export function compareRuns(ids: string[]): void {
	useRuns.setState({ place: { at: 'compare', ids } })
	useNavigation.getState().openSection('runs')
}
