import './frame.css'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { RESEARCH_USE } from '../../common/contract/primitives.ts'
import { AdminRoom } from '../admin/AdminRoom.tsx'
import { SECTIONS, sectionTitle } from '../admin/sections.ts'
import { useReading } from '../reading/readingStore.ts'
import { ReportRoom } from '../reports/ReportRoom.tsx'
import { SettingsRoom } from '../settings/SettingsRoom.tsx'
import { WorklistRoom } from '../worklist/WorklistRoom.tsx'
import { CheatSheet } from './CheatSheet.tsx'
import { client } from './client.ts'
import { useCommands } from './commands.ts'
import { CommandPalette } from './CommandPalette.tsx'
import { DropTarget } from './DropTarget.tsx'
import { FaultBoundary } from './FaultBoundary.tsx'
import { useFilmOnly } from './filmOnly.ts'
import { importChosen, watchImports } from './import/imports.ts'
import { ImportSummaryView } from './import/ImportSummaryView.tsx'
import { useNavigation } from './navigation.ts'
import { Notices } from './Notices.tsx'
import { showError, useNotices } from './notices.ts'
import { useOverlay } from './overlay.ts'
import { PatientBanner } from './PatientBanner.tsx'
import { Rail } from './Rail.tsx'
import { ROOMS, roomTitle } from './rooms.ts'
import { loadSettings } from './settings.ts'
import { StatusLine } from './StatusLine.tsx'
import { watchSystem } from './system.ts'
import { useKeyboard } from './useKeyboard.ts'
import { useRoomCommands } from './useRoomCommands.ts'
import { named } from '../ui/words.ts'

const loadReadingRoom = () => import('../reading/ReadingRoom.tsx').then((module) => ({ default: module.ReadingRoom }))
const ReadingRoom = lazy(loadReadingRoom)

async function prepareReadingRoom(): Promise<void> {
	const [{ readingCommands }] = await Promise.all([import('../reading/readingCommands.ts'), loadReadingRoom()])
	useCommands.getState().describe(readingCommands(), 'reading')
}

/** Everything around the rooms: rail, patient banner, status line, notices, import, commands. */
export function Frame() {
	const room = useNavigation((state) => state.room)
	const studyId = useNavigation((state) => state.studyId)
	const filmOnly = useFilmOnly((state) => state.filmOnly)
	const filesInput = useRef<HTMLInputElement>(null)
	const folderInput = useRef<HTMLInputElement>(null)

	useEffect(() => {
		void loadSettings()
		const ends = [watchSystem(), watchImports(), client.on('notice', (notice) => useNotices.getState().show(notice))]
		openStudyOfAddress()
		// Fetched while the worklist is looked at, so that the first film comes up at once and its keys are known.
		const prefetch = setTimeout(() => void prepareReadingRoom().catch(showError), 500)
		return () => {
			clearTimeout(prefetch)
			for (const end of ends) end()
		}
	}, [])
	useKeyboard()
	useTitle()
	useRoomCommands([
		...ROOMS.map(({ room: target, title, keys }) => ({
			id: `go.${target}`, title: `Go to ${title.toLowerCase()}`, group: 'Rooms', keys, everywhere: true, run: () => useNavigation.getState().go(target),
		})),
		...SECTIONS.map(({ section, title }) => ({
			id: `admin.${section}`, title: `Go to ${title.toLowerCase()}`, group: 'Admin', everywhere: true, run: () => useNavigation.getState().openSection(section),
		})),
		{ id: 'import.files', title: 'Import files', group: 'Import', keys: 'Ctrl+o', everywhere: true, run: () => filesInput.current?.click() },
		{ id: 'import.folder', title: 'Import a folder', group: 'Import', keys: 'Ctrl+Shift+o', everywhere: true, run: () => folderInput.current?.click() },
		{ id: 'app.palette', title: 'Show all commands', group: 'Help', keys: 'Ctrl+k', everywhere: true, run: () => useOverlay.getState().show('palette') },
		{ id: 'app.cheatSheet', title: 'Show keys', group: 'Help', keys: '?', everywhere: true, run: () => useOverlay.getState().show('cheatSheet') },
	])

	return (
		<div className="frame" data-film-only={filmOnly && room === 'reading' ? '' : undefined}>
			<PatientBanner />
			<Rail />
			<div className="frame-room">
				<FaultBoundary key={room === 'reading' ? `reading ${studyId}` : room}>
					<Suspense fallback={<p className="frame-waiting muted">Loading…</p>}>
						{room === 'worklist' && <WorklistRoom />}
						{room === 'reading' && <ReadingRoom />}
						{room === 'reports' && <ReportRoom />}
						{room === 'admin' && <AdminRoom />}
						{room === 'settings' && <SettingsRoom />}
					</Suspense>
				</FaultBoundary>
				<div className="frame-bottom">
					<Notices />
					<ImportSummaryView />
				</div>
			</div>
			<StatusLine />
			<CommandPalette />
			<CheatSheet />
			<DropTarget />
			<input ref={filesInput} type="file" multiple hidden aria-label="Files to import" data-import="files" onChange={chosen} />
			<input ref={folderInput} type="file" multiple hidden aria-label="Folder to import" data-import="folder" {...{ webkitdirectory: '' }} onChange={chosen} />
		</div>
	)
}

function chosen(event: React.ChangeEvent<HTMLInputElement>): void {
	const { files } = event.currentTarget
	if (files && files.length > 0) importChosen(files)
	// The same file can be chosen again. The list is a copy by now: emptying the field empties the original.
	event.currentTarget.value = ''
}

/** `#study=12` in the address opens that study. */
function openStudyOfAddress(): void {
	const studyId = Number(/^#study=(\d{1,15})$/.exec(location.hash)?.[1])
	if (Number.isSafeInteger(studyId) && studyId > 0) useNavigation.getState().openStudy(studyId)
}

function useTitle(): void {
	const room = useNavigation((state) => state.room)
	const section = useNavigation((state) => state.section)
	const name = useReading((state) => (state.study ? named(state.study.patient.name) : ''))
	useEffect(() => {
		const subject = room === 'reading' && name !== '' ? `${name} - ` : room === 'admin' ? `${sectionTitle(section)} - ` : ''
		document.title = `${subject}${roomTitle(room)} - Negatoscope - ${RESEARCH_USE}`
	}, [room, section, name])
}
