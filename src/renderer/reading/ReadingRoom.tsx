import './reading.css'
import { ChevronLeft } from 'lucide-react'
import { lazy, Suspense, useEffect } from 'react'
import { useFilmOnly, watchFullScreen } from '../app/filmOnly.ts'
import { useNavigation } from '../app/navigation.ts'
import { useSettings } from '../app/settings.ts'
import { useHint } from '../app/useHint.ts'
import { useRoomCommands } from '../app/useRoomCommands.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { deskCommands, setPanelOpen } from './deskCommands.ts'
import { ImageStrip } from './ImageStrip.tsx'
import { PanelEdge } from './PanelEdge.tsx'
import { useReading } from './readingStore.ts'
import { reloadStudy, useStudyLoad, watchStudy } from './watchStudy.ts'

const LightBoxes = lazy(() => import('./viewer/LightBoxes.tsx').then((module) => ({ default: module.LightBoxes })))
const PanelCommands = lazy(() => import('./panels/PanelCommands.tsx').then((module) => ({ default: module.PanelCommands })))
const SidePanel = lazy(() => import('./panels/SidePanel.tsx').then((module) => ({ default: module.SidePanel })))

/** The film in the middle, what is said about it on the right, the patient's other images on the left. */
export function ReadingRoom() {
	const studyId = useNavigation((state) => state.studyId)
	const { phase, message } = useStudyLoad()
	useEffect(() => watchStudy(studyId), [studyId])
	useEffect(watchFullScreen, [])

	if (studyId === null) {
		return (
			<Aside title="No film on the light box." text="Choose a study in the worklist and press Enter to put it up.">
				<button className="primary" onClick={() => useNavigation.getState().go('worklist')}>Go to the worklist</button>
			</Aside>
		)
	}
	if (phase === 'failed') {
		return (
			<Aside title="The study could not be opened." text={message}>
				<button className="primary" onClick={reloadStudy}>Try again</button>
				<button onClick={() => useNavigation.getState().closeStudy()}>Back to the worklist</button>
			</Aside>
		)
	}
	if (phase !== 'ready') return <main className="reading" aria-label="Reading room" aria-busy><p className="reading-waiting muted">Opening the study…</p></main>
	return <Desk />
}

function Aside({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
	return <main className="reading reading-aside" aria-label="Reading room"><h1 className="visually-hidden">Reading</h1><EmptyState title={title} text={text}>{children}</EmptyState></main>
}

function Desk() {
	const filmOnly = useFilmOnly((state) => state.filmOnly)
	const panelOpen = useSettings((state) => state.settings.panelOpen)
	const study = useReading((state) => state.study)
	const openHint = useHint('Open the side panel', 'reading.panel')
	useRoomCommands(deskCommands())
	return (
		<main className="reading" aria-label="Reading room">
			<h1 className="visually-hidden">Reading</h1>
			{study && !filmOnly && <ImageStrip study={study} />}
			<section className="reading-film" aria-label="Film">
				<Suspense fallback={<p className="reading-waiting muted">Preparing the light box…</p>}><LightBoxes /></Suspense>
			</section>
			<Suspense fallback={null}><PanelCommands /></Suspense>
			{!filmOnly && panelOpen && (
				<PanelEdge onClose={() => setPanelOpen(false)}>
					<Suspense fallback={null}><SidePanel /></Suspense>
				</PanelEdge>
			)}
			{!filmOnly && !panelOpen && (
				<div className="reading-closed">
					<button className="panel-grip" aria-label="Open the side panel" title={openHint} onClick={() => setPanelOpen(true)}><ChevronLeft aria-hidden /></button>
				</div>
			)}
		</main>
	)
}
