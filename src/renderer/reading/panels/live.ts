import type { Analysis } from '../../../common/contract/analysis.ts'
import type { SignedReport } from '../../../common/contract/report.ts'
import { create } from 'zustand'
import { client } from '../../app/client.ts'
import { showError, useNotices } from '../../app/notices.ts'
import { useSettings } from '../../app/settings.ts'
import { useSystem } from '../../app/system.ts'
import { createFaithfulnessService, measurable } from '../map/faithfulness.ts'
import { createMapService, type MapPlace } from '../map/mapService.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { withAnalysis } from '../studyOnTheLightBox.ts'
import { forgetRuns, runAnalysis, useRuns } from './analysis/analysisRuns.ts'
import { answersFor, isUnanswered, runKey, type Answers } from './analysis/answers.ts'
import { createFindingsKeeper } from './findings/findingsKeeper.ts'
import { createDraftKeeper, type DraftKeeper } from './report/draftKeeper.ts'

/*
 * What the panels share, bound to the one client. It lives as long as the window, not as long as a panel is shown:
 * a run goes on, and a draft is saved, while the reader looks at another room.
 */

function activeImage(): LightBox | null {
	const { lightBoxes, active } = useReading.getState()
	return lightBoxes[active] ?? null
}

/** What has been said of the image of the active light box. */
export function activeAnswers(): Answers {
	const image = activeImage()
	const { study } = useReading.getState()
	return image && study ? answersFor(image, study.analyses, useSystem.getState().status) : { student: null, teacher: null }
}

function placeAnalysis(analysis: Analysis): void {
	const { study, setStudy } = useReading.getState()
	if (study) setStudy(withAnalysis(study, analysis))
}

/** Analyses the image of the active light box; `again` computes anew where a cached answer is there. */
export function analyseActive(again: boolean): void {
	const image = activeImage()
	const { status } = useSystem.getState()
	if (image && status?.student) void runAnalysis(client, image, status, again, placeAnalysis)
}

/** Passing through the frames of a file analyses only where the reader stays. */
const STAY_MILLISECONDS = 400
let staying: ReturnType<typeof setTimeout> | undefined
let considered: LightBox | null = null

function analyseWhatIsOpen(): void {
	const { study } = useReading.getState()
	const { status } = useSystem.getState()
	const { settings, loaded } = useSettings.getState()
	const image = activeImage()
	if (!study || !image || !status?.student || !loaded || !settings.analyseOnOpen) return
	if (useRuns.getState().runs[runKey(image, status)] || !isUnanswered(answersFor(image, study.analyses, status), status)) return
	const passing = considered?.instanceId === image.instanceId && considered.frameIndex !== image.frameIndex
	considered = image
	clearTimeout(staying)
	if (!passing) return analyseActive(false)
	staying = setTimeout(() => {
		const now = activeImage()
		if (now?.instanceId === image.instanceId && now.frameIndex === image.frameIndex) analyseActive(false)
	}, STAY_MILLISECONDS)
}

function placeOf(which: 'map' | 'teacherMap'): MapPlace {
	return {
		get: () => useReading.getState()[which],
		set: (map) => useReading.setState({ [which]: map }),
		subscribe: (listener) => void useReading.subscribe((state, before) => {
			if (state[which] !== before[which]) listener(state[which], before[which])
		}),
	}
}

export const maps = createMapService(client, placeOf('map'), showError)
export const teacherMaps = createMapService(client, placeOf('teacherMap'), showError)
export const faithfulness = createFaithfulnessService(client)

/** A map explains the answer that stands beside it: where another answer has taken its place, it goes. */
function hideOutdated(): void {
	const { map, study } = useReading.getState()
	if (map.label === null || map.instanceId === null || !study) return
	const { student } = answersFor({ instanceId: map.instanceId, frameIndex: map.frameIndex }, study.analyses, useSystem.getState().status)
	if (student && student.id !== map.analysisId) maps.hide()
}

export const findings = createFindingsKeeper(client)

interface ReportsState {
	studyId: number | null
	keeper: DraftKeeper | null
	/** Signed versions, oldest first; null until they have been read. */
	signed: SignedReport[] | null
	fault: string
}

export const useReports = create<ReportsState>(() => ({ studyId: null, keeper: null, signed: null, fault: '' }))

/** Drafts that were left before they could be saved; opened again, they are as they were left. */
const unsaved = new Map<number, DraftKeeper>()

async function leaveDraft(keeper: DraftKeeper): Promise<void> {
	if (keeper.isSafe()) return
	unsaved.set(keeper.studyId, keeper)
	if (await keeper.flush()) {
		unsaved.delete(keeper.studyId)
		return
	}
	useNotices.getState().show({
		level: 'error',
		message: 'The draft of the study that you left could not be saved. It is kept in this window and tried again; open the study to see it.',
		detail: keeper.store.getState().fault,
	})
}

/** Reads which versions of the study are signed. */
export async function loadSigned(): Promise<void> {
	const { studyId } = useReports.getState()
	if (studyId === null) return
	try {
		const signed = await client.call('reports.ofStudy', { studyId })
		if (useReports.getState().studyId === studyId) useReports.setState({ signed: signed.toSorted((a, b) => a.version - b.version), fault: '' })
	} catch (error) {
		if (useReports.getState().studyId === studyId) useReports.setState({ fault: error instanceof Error ? error.message : String(error) })
	}
}

function openReports(studyId: number | null): void {
	const { keeper, studyId: before } = useReports.getState()
	if (before === studyId) return
	if (keeper) void leaveDraft(keeper)
	const kept = studyId === null ? null : (unsaved.get(studyId) ?? createDraftKeeper(client, studyId))
	if (studyId !== null) unsaved.delete(studyId)
	useReports.setState({ studyId, keeper: kept, signed: null, fault: '' })
	void kept?.load()
	void loadSigned()
}

function openStudy(studyId: number | null): void {
	forgetRuns()
	considered = null
	findings.open(studyId)
	openReports(studyId)
}

function reloadAll(): void {
	void findings.load()
	void loadSigned()
	void useReports.getState().keeper?.load()
}

openStudy(useReading.getState().study?.id ?? null)
analyseWhatIsOpen()
useReading.subscribe((state, before) => {
	if (state.study?.id !== before.study?.id) openStudy(state.study?.id ?? null)
	analyseWhatIsOpen()
	if (state.map !== before.map || state.teacherMap !== before.teacherMap) faithfulness.follow([state.map, state.teacherMap].map(measurable).filter((map) => map !== null))
	if (state.study !== before.study) hideOutdated()
})
useSystem.subscribe(analyseWhatIsOpen)
useSystem.subscribe(hideOutdated)
useSettings.subscribe(analyseWhatIsOpen)

client.on('library.changed', ({ studyId }) => {
	if (studyId === null || studyId === useReports.getState().studyId) reloadAll()
})
client.on('analysis.changed', ({ studyId }) => {
	if (studyId === useReports.getState().studyId) void findings.load()
})
let connectionWasLost = false
client.onConnection((state) => {
	if (state === 'lost') connectionWasLost = true
	if (state !== 'open' || !connectionWasLost) return
	connectionWasLost = false
	reloadAll()
	for (const keeper of [useReports.getState().keeper, ...unsaved.values()]) void keeper?.flush()
})

function saveNow(): void {
	for (const keeper of [useReports.getState().keeper, ...unsaved.values()]) void keeper?.flush()
}
document.addEventListener('visibilitychange', () => {
	if (document.visibilityState === 'hidden') saveNow()
})
window.addEventListener('pagehide', saveNow)
window.addEventListener('beforeunload', (event) => {
	const keepers = [useReports.getState().keeper, ...unsaved.values()].filter((keeper) => keeper !== null)
	// Asked only where something would be lost: what can be sent is sent before the window is gone.
	if (keepers.some((keeper) => keeper.store.getState().fault !== '' && !keeper.isSafe())) event.preventDefault()
	saveNow()
})
