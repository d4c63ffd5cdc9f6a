import type { Analysis } from '../../../common/contract/analysis.ts'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { maps, teacherMaps } from '../panels/live.ts'
import { useReading } from '../readingStore.ts'
import { filmElement } from '../viewer/filmElement.ts'
import { useViewer } from '../viewer/viewerStore.ts'
import { isUnderWay } from './transitions.ts'

/** Puts the film up twice, with the student's map of a label on the left and the teacher's on the right, both seen alike. */
export function startComparison(student: Analysis, teacher: Analysis, label: string): void {
	const { active, lightBoxes, compare } = useReading.getState()
	const image = lightBoxes[active]
	const view = useViewer.getState().boxes[active]
	if (!image || !view) return
	maps.show(student, label)
	// Both begin with the view of the film that was looked at.
	useViewer.setState({ boxes: [view, { ...view, status: 'loading', painted: false }] })
	compare(image, student.id, teacher.id)
	followLabel()
}

/** Back to the light boxes as they were. */
export function endComparison(): void {
	useReading.getState().endComparison()
	// The light box that had the keyboard may be gone.
	requestAnimationFrame(() => focusIfNothingHasIt(filmElement(useReading.getState().active)))
}

/** The teacher's map is always of the same label as the student's. */
function followLabel(): void {
	const { comparison, study, map } = useReading.getState()
	const teacher = study?.analyses.find(({ id }) => id === comparison?.teacherId)
	const { label } = map
	if (teacher && label !== null && teacher.prediction.labels.some(({ name }) => name === label)) teacherMaps.show(teacher, label)
	else teacherMaps.hide()
}

useReading.subscribe((state, before) => {
	if (!state.comparison) {
		if (!before.comparison) return
		// Nobody waits for the teacher's map any more.
		if (isUnderWay(state.teacherMap)) teacherMaps.cancel()
		teacherMaps.hide()
	} else if (state.map.label === null || state.map.analysisId !== state.comparison.studentId) endComparison()
	else if (state.map.label !== before.map.label) followLabel()
})
