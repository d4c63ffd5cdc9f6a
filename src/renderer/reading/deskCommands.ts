import type { Command } from '../app/commands.ts'
import { useFilmOnly } from '../app/filmOnly.ts'
import { useNavigation } from '../app/navigation.ts'
import { useSettings } from '../app/settings.ts'
import { openNeighbour } from '../worklist/worklistStore.ts'

/** What can be done with the room around the film. */
export function deskCommands(): Command[] {
	return [
		{ id: 'reading.previousStudy', title: 'Previous study of the worklist', group: 'Study', keys: '[', run: () => void openNeighbour(-1) },
		{ id: 'reading.nextStudy', title: 'Next study of the worklist', group: 'Study', keys: ']', run: () => void openNeighbour(1) },
		{ id: 'reading.close', title: 'Close the study', group: 'Study', keys: 'Ctrl+Backspace', run: () => useNavigation.getState().closeStudy() },
		{ id: 'view.filmOnly', title: 'Film alone on the screen', group: 'View', keys: 'F11', run: () => useFilmOnly.getState().set(!useFilmOnly.getState().filmOnly) },
		{ id: 'reading.panel', title: 'Open or close the side panel', group: 'Panels', keys: 'Ctrl+b', run: () => setPanelOpen(!useSettings.getState().settings.panelOpen) },
	]
}

export function setPanelOpen(panelOpen: boolean): void {
	useSettings.getState().save({ panelOpen })
}
