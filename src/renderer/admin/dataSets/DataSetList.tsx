import { Plus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { DataSetSummary } from '../../../common/contract/training/dataSets.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { goThroughRows } from '../../ui/listKeys.ts'
import { count, localTime } from '../../ui/words.ts'
import { correctionsInWords, sizeInWords, stateOf } from './dataSetWords.ts'
import { activateDataSet, cancelSurvey, goToAdding, openDataSet, reloadDataSets, removeDataSet, survey, useDataSets } from './dataSetsStore.ts'
import { StateTag, SurveyProgress } from './SurveyState.tsx'

/** Every data set with what was found in it; Enter opens one. */
export function DataSetList() {
	const { list, listFault, active } = useDataSets()
	const root = useRef<HTMLDivElement>(null)
	const chosen = list?.find(({ id }) => id === active)
	const isSurveying = chosen?.job?.state === 'waiting' || chosen?.job?.state === 'running'

	useRoomCommands([
		{ id: 'dataSets.add', title: 'Add a data set', group: 'Data sets', keys: 'Insert', run: () => goToAdding() },
		{ id: 'dataSets.survey', title: 'Survey the data set', group: 'Data sets', keys: 's', enabled: () => chosen !== undefined && !isSurveying, run: () => chosen && void survey(chosen.id) },
		{ id: 'dataSets.cancelSurvey', title: 'Cancel the survey', group: 'Data sets', enabled: () => isSurveying, run: () => chosen && void cancelSurvey(chosen.id) },
		{ id: 'dataSets.remove', title: 'Remove the data set from the list', group: 'Data sets', keys: 'Delete', enabled: () => chosen !== undefined, run: () => chosen && void removeDataSet(chosen) },
	])
	// What had the keyboard went with the place before this, or with a data set that was removed.
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector(`[data-id="${active}"]`) ?? root.current?.querySelector('[data-id], .empty-state button')))

	return <div className="data-sets" ref={root}><Content list={list} fault={listFault} /></div>
}

function Content({ list, fault }: { list: DataSetSummary[] | null; fault: string }) {
	const heading = <h1 className="visually-hidden">Data sets</h1>
	if (fault !== '') return <>{heading}<EmptyState title="The data sets could not be listed." text={fault}><button className="primary" onClick={reloadDataSets}>Try again</button></EmptyState></>
	if (!list) return <>{heading}<p className="frame-waiting muted">Looking at the data sets…</p></>
	if (list.length === 0) {
		return (
			<>
				{heading}
				<EmptyState title="No data sets yet." text="Add a folder of labelled images on this machine: with a table that lists them, with folders named after their labels, or one of the published sets. Nothing in the folder is ever changed.">
					<button className="primary" onClick={() => goToAdding()}><Plus aria-hidden />Add a data set</button>
				</EmptyState>
			</>
		)
	}
	return (
		<>
			<header className="data-sets-head">
				<h1>Data sets</h1>
				<p className="muted numbers" role="status">{count(list.length, 'data set')}</p>
				<button className="primary" onClick={() => goToAdding()}><Plus aria-hidden />Add a data set</button>
			</header>
			<ul className="data-sets-list" aria-label="Data sets" onKeyDown={(event) => goThroughRows(event, '[data-id]')}>
				{list.map((dataSet) => <Row key={dataSet.id} dataSet={dataSet} />)}
			</ul>
		</>
	)
}

function Row({ dataSet }: { dataSet: DataSetSummary }) {
	const { id, title, folder, found, surveyedAt, corrections } = dataSet
	const { reason } = stateOf(dataSet)
	const corrected = correctionsInWords(corrections)
	return (
		<li className="data-sets-row">
			<button className="quiet data-sets-open" data-id={id} onClick={() => openDataSet(id)} onFocus={() => activateDataSet(id)}>
				<span className="data-sets-name">
					<span className="cut data-sets-title" title={title}><bdi>{title}</bdi></span>
					<span className="cut muted" title={folder}><bdi>{folder}</bdi></span>
				</span>
				<span className="data-sets-found numbers">
					<span className="cut">{sizeInWords(found) || 'Nothing is known of its images yet'}</span>
					<span className="cut muted">{[surveyedAt === null ? '' : `Surveyed ${localTime(surveyedAt)}`, corrected].filter((part) => part !== '').join('; ')}</span>
				</span>
				<span className="data-sets-state"><StateTag dataSet={dataSet} /></span>
				{reason !== '' && <span className="data-sets-why">{reason}</span>}
			</button>
			<SurveyProgress dataSet={dataSet} />
		</li>
	)
}
