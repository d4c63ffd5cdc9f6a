import './newRun.css'
import { RotateCcw } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { recipeProblems } from '../../../common/contract/training/recipeProblems.ts'
import { useHint } from '../../app/useHint.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { goThroughRows } from '../../ui/listKeys.ts'
import { BeforeItStarts } from './BeforeItStarts.tsx'
import { Begin } from './Begin.tsx'
import { ExpertView } from './ExpertView.tsx'
import { AugmentationFields } from './form/AugmentationFields.tsx'
import { FreezingFields } from './form/FreezingFields.tsx'
import { Group } from './form/Group.tsx'
import { LossesFields } from './form/LossesFields.tsx'
import { ImagesFields, NameFields } from './form/NameAndImages.tsx'
import { PackFields } from './form/PackFields.tsx'
import { Problems } from './form/problems.ts'
import { ScheduleFields } from './form/ScheduleFields.tsx'
import { StudentFields } from './form/StudentFields.tsx'
import { TeachersFields } from './form/TeachersFields.tsx'
import { cancelLook, lookBefore, mayStart, start, useLooks } from './jobs.ts'
import { isUnreadable, showView, startAnew, takeWanted, useNewRun, watchMaterials } from './newRunStore.ts'
import { textAt, type Draft } from './recipe/fields.ts'
import { labelsOf, taskOf } from './recipe/images.ts'
import { problemsOfLosses } from './recipe/losses.ts'
import { augmentationInWords, freezingInWords, imagesInWords, lossesInWords, packInWords, scheduleInWords, studentInWords, teachersInWords } from './recipe/words.ts'

/** A run put together: from images or a template, as a form or as JSON, looked at before it starts. */
export function Section() {
	const { draft, wanted, materials } = useNewRun()
	useEffect(watchMaterials, [])
	useEffect(takeWanted, [wanted, materials])
	return <div className="new-run">{draft ? <Composition draft={draft} /> : <Begin />}</div>
}

const NOTHING = { packs: [], dataSets: [], zoo: [] }

function Composition({ draft }: { draft: Draft }) {
	const { view, text, materials } = useNewRun()
	const known = materials ?? NOTHING
	const root = useRef<HTMLDivElement>(null)
	const labels = labelsOf(draft, known.dataSets)
	const classes = labels?.length ?? null
	const problems = useMemo(() => {
		const ofSchema = recipeProblems(draft)
		return ofSchema.some(({ field }) => field.startsWith('losses')) ? ofSchema : [...ofSchema, ...problemsOfLosses(draft, taskOf(draft), classes)]
	}, [draft, classes])
	const formHint = useHint('Form', 'newRun.view')
	const unreadable = isUnreadable(text)
	const canLook = () => !unreadable && problems.length === 0

	useRoomCommands([
		{ id: 'newRun.preflight', title: 'Look before the run starts', group: 'New run', keys: 'Ctrl+Enter', enabled: canLook, run: () => void lookBefore() },
		{ id: 'newRun.cancelPreflight', title: 'Cancel the look before the run', group: 'New run', enabled: () => useLooks.getState().preflight.jobId !== null, run: () => cancelLook('preflight') },
		{ id: 'newRun.start', title: 'Start the run', group: 'New run', keys: 'Ctrl+Shift+Enter', enabled: () => canLook() && mayStart(draft, useLooks.getState().preflight), run: () => void start() },
		{ id: 'newRun.view', title: 'Change between form and JSON', group: 'New run', keys: 'Alt+j', run: () => showView(view === 'form' ? 'json' : 'form') },
		{ id: 'newRun.anew', title: 'Start a new run anew', group: 'New run', keys: 'Alt+n', run: startAnew },
	])
	// Not later: who reads on the page does not want to be taken elsewhere by what comes in.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector(view === 'form' ? '[data-group="images"]' : 'textarea')), [view])

	return (
		<Problems.Provider value={problems}>
			<div className="new-run-composition" ref={root}>
				<header className="new-run-head">
					<h1 className="cut" title={textAt(draft, 'name')}><bdi>{textAt(draft, 'name') || 'New run'}</bdi></h1>
					<div className="new-run-views" role="group" aria-label="View">
						<button aria-pressed={view === 'form'} title={formHint} onClick={() => showView('form')}>Form</button>
						<button aria-pressed={view === 'json'} title={formHint} onClick={() => showView('json')}>JSON</button>
					</div>
					<button onClick={startAnew}><RotateCcw aria-hidden />Start anew</button>
				</header>
				<div className="new-run-body">
					{view === 'json' ? <ExpertView /> : (
						<div className="new-run-form" onKeyDown={(event) => goThroughRows(event, '[data-group]')}>
							{unreadable && (
								<div className="new-run-missing">
									<p>What is written in the expert view is no JSON, so the form shows the recipe as it was before. A change here takes its place.</p>
									<button onClick={() => showView('json')}>Go to the JSON</button>
								</div>
							)}
							<Group group="name" summary={textAt(draft, 'name')}><NameFields /></Group>
							<Group group="images" summary={imagesInWords(draft, known)}><ImagesFields draft={draft} known={known} /></Group>
							<Group group="student" summary={studentInWords(draft, known)}><StudentFields draft={draft} known={known} labels={labels} /></Group>
							<Group group="teachers" summary={teachersInWords(draft, known)}><TeachersFields draft={draft} known={known} labels={labels} /></Group>
							<Group group="losses" summary={lossesInWords(draft)}><LossesFields draft={draft} known={known} classes={classes ?? 2} /></Group>
							<Group group="schedule" summary={scheduleInWords(draft)}><ScheduleFields draft={draft} /></Group>
							<Group group="freezing" summary={freezingInWords(draft)}><FreezingFields draft={draft} classes={classes ?? 2} /></Group>
							<Group group="augmentation" summary={augmentationInWords(draft)}><AugmentationFields draft={draft} /></Group>
							<Group group="pack" summary={packInWords(draft)}><PackFields draft={draft} labels={labels} /></Group>
						</div>
					)}
					<BeforeItStarts />
				</div>
			</div>
		</Problems.Provider>
	)
}
