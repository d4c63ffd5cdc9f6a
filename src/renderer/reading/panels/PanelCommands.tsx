import type { Analysis } from '../../../common/contract/analysis.ts'
import type { Command } from '../../app/commands.ts'
import { useSystem } from '../../app/system.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { useMapCommands } from '../map/mapCommands.ts'
import { showModelCard } from '../modelCard.ts'
import { useReading } from '../readingStore.ts'
import { filmElement } from '../viewer/filmElement.ts'
import { ModelCardDialog } from './ModelCardDialog.tsx'
import { answersFor } from './analysis/answers.ts'
import { goToPanel } from './panelFocus.ts'
import { PANEL_TABS } from './panelTabs.ts'

function goBetween(): void {
	if (document.activeElement?.closest('.side-panel')) filmElement(useReading.getState().active)?.focus()
	else goToPanel(null)
}

/** What the student said of the image of the active light box. */
function activeAnswer(): Analysis | null {
	const { lightBoxes, active, study } = useReading.getState()
	const image = lightBoxes[active]
	return image && study ? answersFor(image, study.analyses, useSystem.getState().status).student : null
}

function showCard(): void {
	const answer = activeAnswer()
	if (answer) showModelCard({ sha256: answer.prediction.model.sha256, title: answer.modelTitle })
}

/** What can be done with the panels. */
export function panelCommands(): Command[] {
	return [
		{ id: 'panel.focus', title: 'Go to the side panel, or back to the film', group: 'Panels', keys: 'F6', run: goBetween },
		{ id: 'panel.card', title: 'Show the card of the model that answered', group: 'Panels', enabled: () => activeAnswer() !== null, run: showCard },
		...PANEL_TABS.map(({ id, title }) => ({ id: `panel.${id}`, title: `Show ${title.toLowerCase()}`, group: 'Panels', run: () => goToPanel(id) })),
	]
}

/** The keys of the panels and what runs behind them; both stay while the panel is closed or the film is alone on the screen. */
export function PanelCommands() {
	useRoomCommands(panelCommands())
	useMapCommands()
	return <ModelCardDialog />
}
