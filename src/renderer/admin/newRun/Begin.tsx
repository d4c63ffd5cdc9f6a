import { useEffect, useRef } from 'react'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { useNavigation } from '../../app/navigation.ts'
import { sizeInWords, stateOf } from '../dataSets/dataSetWords.ts'
import { beginFromTemplate, beginWithDataSet, loadMaterials, useNewRun } from './newRunStore.ts'

/** What a run can begin with: images of one's own, or a recipe that is there. */
export function Begin() {
	const { materials, fault } = useNewRun()
	const root = useRef<HTMLDivElement>(null)
	useEffect(() => focusIfNothingHasIt(root.current?.querySelector('button.new-run-choice, .new-run-first-button')))
	if (fault !== '') return <EmptyState title="It could not be asked what there is to train." text={fault}><button className="primary" onClick={() => void loadMaterials()}>Try again</button></EmptyState>
	if (!materials) return <p className="frame-waiting muted">Looking at data sets and models…</p>
	const { dataSets, templates } = materials
	return (
		<div className="new-run-begin" ref={root}>
			<h1>New run</h1>
			<p className="muted">A run teaches a network on images of this machine. Everything can be changed before it starts.</p>
			<div className="new-run-ways">
				<section aria-label="With images of your own">
					<h2>With images of your own</h2>
					{dataSets.length === 0 ? (
						<>
							<p className="muted">No data set is registered yet. Add a folder of labelled images first; nothing in it is changed.</p>
							<button className="primary new-run-first-button" onClick={() => useNavigation.getState().openSection('dataSets')}>Go to data sets</button>
						</>
					) : (
						<ul aria-label="Data sets">
							{dataSets.map((dataSet) => (
								<li key={dataSet.id}>
									<button className="quiet new-run-choice" onClick={() => void beginWithDataSet(dataSet)}>
										<span className="cut new-run-choice-title" title={dataSet.title}><bdi>{dataSet.title}</bdi></span>
										<span className="cut muted">{sizeInWords(dataSet.found) || 'Not surveyed yet'}</span>
										{stateOf(dataSet).reason !== '' && <span className="new-run-choice-why">{stateOf(dataSet).reason}</span>}
									</button>
								</li>
							))}
						</ul>
					)}
				</section>
				<section aria-label="With a recipe that is there">
					<h2>With a recipe that is there</h2>
					<ul aria-label="Templates">
						{templates.map((template) => (
							<li key={template.id}>
								<button className="quiet new-run-choice" onClick={() => beginFromTemplate(template)}>
									<span className="cut new-run-choice-title">{template.title}</span>
									<span className="new-run-choice-what muted">{template.sentence}</span>
									{template.missing.length > 0 && <span className="new-run-choice-why">Not here: {template.missing.map(({ value }) => value).join(', ')}</span>}
								</button>
							</li>
						))}
					</ul>
				</section>
			</div>
		</div>
	)
}
