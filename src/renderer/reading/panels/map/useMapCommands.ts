import type { Command } from '../../../app/commands.ts'
import { useNotices } from '../../../app/notices.ts'
import { useRoomCommands } from '../../../app/useRoomCommands.ts'
import { useReading } from '../../readingStore.ts'
import { firstMapLabel, nextMapLabel } from '../analysis/labelRows.ts'
import { activeAnswers, analyseActive, maps } from '../live.ts'
import { isUnderWay } from './transitions.ts'

function say(message: string): void {
	useNotices.getState().show({ level: 'info', message })
}

function showOrSay(label: string | null): void {
	const { student } = activeAnswers()
	if (!student) say('There is no analysis of this image yet.')
	else if (!student.prediction.gate.ok) say('This image was not analysed, so there is no map.')
	else if (!label) say('Nothing is above its operating point. "Show anyway" in the analysis shows the map of a label all the same.')
	else maps.show(student, label)
}

function toggle(): void {
	const { student } = activeAnswers()
	const { map } = useReading.getState()
	if (map.label !== null && (!student || map.analysisId === student.id)) maps.hide()
	else showOrSay(student ? firstMapLabel(student.prediction) : null)
}

function next(): void {
	const { student } = activeAnswers()
	const { map } = useReading.getState()
	const shown = student && map.analysisId === student.id ? map.label : null
	showOrSay(student ? nextMapLabel(student.prediction, shown) : null)
}

/** What can be done with the map and the analysis. */
export function mapCommands(): Command[] {
	return [
		{ id: 'map.toggle', title: 'Show or hide the map', group: 'Map', keys: 'g', run: toggle },
		{ id: 'map.next', title: 'Map of the next label', group: 'Map', keys: 'n', run: next },
		{ id: 'map.cancel', title: 'Stop the map', group: 'Map', run: () => maps.cancel(), enabled: () => isUnderWay(useReading.getState().map) },
		{ id: 'analysis.run', title: 'Analyse this image', group: 'Analysis', run: () => analyseActive(false) },
		{ id: 'analysis.again', title: 'Analyse this image again', group: 'Analysis', run: () => analyseActive(true) },
	]
}

/** Keys of the map and the analysis, for as long as the reading room is shown. */
export function useMapCommands(): void {
	useRoomCommands(mapCommands())
}
