import './reading.css'
import { lazy, Suspense, useEffect } from 'react'
import { useNavigation } from '../app/navigation.ts'
import { useStudyLoad, watchStudy } from './watchStudy.ts'

const LightBoxes = lazy(() => import('./viewer/LightBoxes.tsx').then((module) => ({ default: module.LightBoxes })))
const SidePanel = lazy(() => import('./panels/SidePanel.tsx').then((module) => ({ default: module.SidePanel })))

/** The film in the middle, what is said about it on the right. */
export function ReadingRoom() {
	const studyId = useNavigation((state) => state.studyId)
	const phase = useStudyLoad((state) => state.phase)
	useEffect(() => watchStudy(studyId), [studyId])
	return (
		<main className="reading" aria-label="Reading room">
			<Suspense fallback={null}>
				{phase === 'ready' && <LightBoxes />}
				{phase === 'ready' && <SidePanel />}
			</Suspense>
		</main>
	)
}
