import { create } from 'zustand'
import { client } from '../app/client.ts'
import { firstImage, instancesOf, withAnalysis } from './studyOnTheLightBox.ts'
import { NO_MAP, useReading } from './readingStore.ts'

interface StudyLoad {
	phase: 'none' | 'loading' | 'ready' | 'failed'
	/** Why it could not be loaded. */
	message: string
}

/** How far the study that was asked for is on its way to the light box. */
export const useStudyLoad = create<StudyLoad>(() => ({ phase: 'none', message: '' }))

let fetchAgain = (): void => {}

/** Asks for the study once more after it could not be loaded. */
export function reloadStudy(): void {
	useStudyLoad.setState({ phase: 'loading', message: '' })
	fetchAgain()
}

/** Puts a study on the light box and keeps it as the library has it, until the returned function is called. */
export function watchStudy(studyId: number | null): () => void {
	const { setStudy, setLightBoxes } = useReading.getState()
	if (useReading.getState().study?.id !== studyId) {
		setStudy(null)
		setLightBoxes([])
		useReading.setState({ map: NO_MAP, teacherMap: NO_MAP, removal: null })
	}
	if (studyId === null) {
		useStudyLoad.setState({ phase: 'none', message: '' })
		return () => {}
	}
	const wanted = studyId
	let over = false
	let fetching = false
	let stale = false
	useStudyLoad.setState({ phase: useReading.getState().study ? 'ready' : 'loading', message: '' })

	async function fetchStudy(): Promise<void> {
		// Several changes while an answer is on its way make one more call, not many.
		if (fetching) {
			stale = true
			return
		}
		fetching = true
		try {
			const study = await client.call('studies.get', { studyId: wanted })
			if (!over) putUp(study)
		} catch (error) {
			if (!over) useStudyLoad.setState({ phase: 'failed', message: error instanceof Error ? error.message : String(error) })
		}
		fetching = false
		if (stale && !over) {
			stale = false
			void fetchStudy()
		}
	}

	function putUp(study: Awaited<ReturnType<typeof client.call<'studies.get'>>>): void {
		setStudy(study)
		const [shown] = useReading.getState().lightBoxes
		const isOfStudy = shown !== undefined && instancesOf(study).some((instance) => instance.id === shown.instanceId)
		if (!isOfStudy) {
			const first = firstImage(study)
			setLightBoxes(first ? [first] : [])
		}
		useStudyLoad.setState({ phase: 'ready', message: '' })
	}

	fetchAgain = () => void fetchStudy()
	const ends = [
		client.on('library.changed', (change) => {
			if (change.studyId === null || change.studyId === wanted) void fetchStudy()
		}),
		client.on('analysis.changed', (analysis) => {
			const { study } = useReading.getState()
			if (study) setStudy(withAnalysis(study, analysis))
		}),
		// Called at once with the present state: this is also the first load.
		client.onConnection((connection) => {
			if (connection === 'open') void fetchStudy()
		}),
	]
	return () => {
		over = true
		for (const end of ends) end()
	}
}
