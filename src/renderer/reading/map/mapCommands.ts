import type { Command } from '../../app/commands.ts'
import { useNotices } from '../../app/notices.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { firstMapLabel, nextMapLabel } from '../panels/analysis/labelRows.ts'
import { activeAnswers, analyseActive, maps, teacherMaps } from '../panels/live.ts'
import { openPanel } from '../panels/panelFocus.ts'
import { useReading } from '../readingStore.ts'
import { endComparison, startComparison } from './comparing.ts'
import { measurable, measurementKey, useFaithfulness } from './faithfulness.ts'
import { overlayOn } from './overlay.ts'
import { wantRemoval } from './removalFocus.ts'
import { isUnderWay } from './transitions.ts'

const OPACITY_STEP = 0.1

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
	showOrSay(nextLabel())
}

function nextLabel(): string | null {
	const { student } = activeAnswers()
	return student && nextMapLabel(student.prediction, shownLabel())
}

/** The label whose map is shown of the image of the active light box. */
function shownLabel(): string | null {
	const { student } = activeAnswers()
	const { map } = useReading.getState()
	return student && map.analysisId === student.id ? map.label : null
}

/** Compares the maps of student and teacher, or ends that. */
export function toggleComparison(): void {
	if (useReading.getState().comparison) return endComparison()
	const { student, teacher } = activeAnswers()
	const label = shownLabel() ?? (student && firstMapLabel(student.prediction))
	if (!student?.prediction.gate.ok) say('This image was not analysed, so there is no map to compare.')
	else if (!teacher) say('There is no answer of a teacher on this image to compare with.')
	else if (!teacher.prediction.gate.ok) say('The teacher did not analyse this image, so it has no map.')
	else if (!label) say('Nothing is above its operating point. Show the map of a label first, then compare.')
	else if (!teacher.prediction.labels.some(({ name }) => name === label)) say(`The teacher has no answer for ${student.prediction.labels.find(({ name }) => name === label)?.title ?? label}.`)
	else startComparison(student, teacher, label)
}

function stop(): void {
	const { map, teacherMap } = useReading.getState()
	if (isUnderWay(map)) maps.cancel()
	if (isUnderWay(teacherMap)) teacherMaps.cancel()
}

function toggleDifference(): void {
	const { comparison, setComparisonView } = useReading.getState()
	setComparisonView(comparison?.view === 'difference' ? 'maps' : 'difference')
}

function toggleStyle(): void {
	const { mapLook, setMapLook } = useReading.getState()
	setMapLook({ style: mapLook.style === 'colour' ? 'contour' : 'colour' })
}

function changeOpacity(step: number): void {
	const { mapLook, setMapLook } = useReading.getState()
	setMapLook({ opacity: Math.round(Math.min(1, Math.max(0, mapLook.opacity + step)) * 100) / 100 })
}

/** Gives the keyboard to the slider that removes the hottest pixels. */
function removePixels(): void {
	const measured = measurable(useReading.getState().map)
	const measurement = measured && useFaithfulness.getState().measurements[measurementKey(measured)]
	if (shownLabel() === null) say('Show a map first; then its hottest pixels can be removed.')
	else if (!measured) say('The map is not finished; its hottest pixels can be removed once it is exact.')
	else if (measurement?.phase === 'failed') say(`The faithfulness of this map could not be measured, so there is nothing to follow. ${measurement.reason}`)
	else if (measurement?.phase !== 'done') say('The faithfulness of this map is being measured. Then its hottest pixels can be removed.')
	else if (measurement.faithfulness.verdict === 'empty') say('The map is empty: there are no hottest pixels to remove.')
	else {
		openPanel('analysis')
		wantRemoval()
	}
}

function isMapShown(): boolean {
	const state = useReading.getState()
	return state.lightBoxes.some((_, box) => overlayOn(box, state) !== null)
}

/** What can be done with the map and the analysis. */
export function mapCommands(): Command[] {
	return [
		{ id: 'map.toggle', title: 'Show or hide the map', group: 'Map', keys: 'g', run: toggle },
		{ id: 'map.next', title: 'Map of the next label', group: 'Map', keys: 'n', run: next },
		{ id: 'map.cancel', title: 'Stop the map', group: 'Map', keys: 's', run: stop, enabled: () => isUnderWay(useReading.getState().map) || isUnderWay(useReading.getState().teacherMap) },
		{ id: 'map.style', title: 'Map as colours or as a contour', group: 'Map', keys: 'c', run: toggleStyle, enabled: isMapShown },
		{ id: 'map.fainter', title: 'Map fainter', group: 'Map', keys: ',', run: () => changeOpacity(-OPACITY_STEP), enabled: isMapShown },
		{ id: 'map.stronger', title: 'Map stronger', group: 'Map', keys: '.', run: () => changeOpacity(OPACITY_STEP), enabled: isMapShown },
		{ id: 'map.remove', title: 'Watch the probability fall as the hottest pixels are removed', group: 'Map', keys: 'f', run: removePixels },
		{ id: 'map.compare', title: 'Compare with the teacher\'s map, or end that', group: 'Map', keys: 't', run: toggleComparison },
		{ id: 'map.difference', title: 'Both maps, or where they disagree', group: 'Map', keys: 'm', run: toggleDifference, enabled: () => useReading.getState().comparison !== null },
		{ id: 'analysis.run', title: 'Analyse this image', group: 'Analysis', run: () => analyseActive(false) },
		{ id: 'analysis.again', title: 'Analyse this image again', group: 'Analysis', run: () => analyseActive(true) },
	]
}

/** Keys of the map and the analysis, for as long as the reading room is shown. */
export function useMapCommands(): void {
	useRoomCommands(mapCommands())
}
