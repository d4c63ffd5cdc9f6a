import { create } from 'zustand'
import { useFilmOnly } from '../../app/filmOnly.ts'
import { useSettings } from '../../app/settings.ts'
import { useReading, type PanelTab } from '../readingStore.ts'

/** Whether the panel shall take the keyboard as soon as it is there. */
export const usePanelFocus = create<{ wanted: boolean }>(() => ({ wanted: false }))

/** Brings the side panel up with one of its tabs (the present one where none is named). */
export function openPanel(tab: PanelTab | null): void {
	if (useFilmOnly.getState().filmOnly) useFilmOnly.getState().set(false)
	if (!useSettings.getState().settings.panelOpen) useSettings.getState().save({ panelOpen: true })
	if (tab) useReading.getState().setTab(tab)
}

/** Brings the side panel up and gives it the keyboard. */
export function goToPanel(tab: PanelTab | null): void {
	openPanel(tab)
	usePanelFocus.setState({ wanted: true })
}
