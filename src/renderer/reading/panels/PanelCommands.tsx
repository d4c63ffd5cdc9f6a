import type { Command } from '../../app/commands.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { useMapCommands } from '../map/mapCommands.ts'
import { useReading } from '../readingStore.ts'
import { filmElement } from '../viewer/filmElement.ts'
import { goToPanel } from './panelFocus.ts'
import { PANEL_TABS } from './panelTabs.ts'

function goBetween(): void {
	if (document.activeElement?.closest('.side-panel')) filmElement(useReading.getState().active)?.focus()
	else goToPanel(null)
}

/** What can be done with the panels. */
export function panelCommands(): Command[] {
	return [
		{ id: 'panel.focus', title: 'Go to the side panel, or back to the film', group: 'Panels', keys: 'F6', run: goBetween },
		...PANEL_TABS.map(({ id, title }) => ({ id: `panel.${id}`, title: `Show ${title.toLowerCase()}`, group: 'Panels', run: () => goToPanel(id) })),
	]
}

/** The keys of the panels and what runs behind them; both stay while the panel is closed or the film is alone on the screen. */
export function PanelCommands() {
	useRoomCommands(panelCommands())
	useMapCommands()
	return null
}
