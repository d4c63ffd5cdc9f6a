import '../dataSets/dataSets.css'
import './drift.css'
import { CircleCheck, Info, TriangleAlert } from 'lucide-react'
import { useCallback } from 'react'
import type { Drift, DriftModel } from '../../../common/contract/drift.ts'
import { client } from '../../app/client.ts'
import { useNavigation } from '../../app/navigation.ts'
import { useAnswer } from '../../app/useAnswer.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { useDrift, WEEKS } from './driftStore.ts'
import { ImagesChart } from './ImagesChart.tsx'
import { ShareChart } from './ShareChart.tsx'
import { isJudged, unlikeShare, verdict, weeksOf, type WeekOfModel } from './weeks.ts'
import { LabelTable, WeekTable } from './WeekTables.tsx'

/** What each model said week by week, and which weeks differ from its own validation. */
export function Section() {
	const { weeks, modelSha256 } = useDrift()
	const question = useCallback(async () => ({ weeks, now: Date.now(), drift: await client.call('drift.weeks', { weeks }) }), [weeks])
	const { value, fault, reload } = useAnswer(question, 'library.changed')
	const heading = <h1 className="visually-hidden">Drift</h1>
	if (fault !== '') return <>{heading}<EmptyState title="The weeks could not be counted." text={fault}><button className="primary" onClick={reload}>Try again</button></EmptyState></>
	if (!value) return <>{heading}<p className="frame-waiting muted">Counting the weeks…</p></>
	const { models } = value.drift
	const model = models.find((own) => own.model.sha256 === modelSha256) ?? models[0]
	return (
		<div className="data-set">
			<header className="data-sets-head">
				<h1>Drift</h1>
				{model && (
					<select aria-label="Model" className="drift-model" value={model.model.sha256} onChange={(event) => useDrift.setState({ modelSha256: event.target.value })}>
						{models.map((own) => <option key={own.model.sha256} value={own.model.sha256}>{modelTitle(own)}</option>)}
					</select>
				)}
				<select aria-label="Number of weeks" value={weeks} onChange={(event) => useDrift.setState({ weeks: Number(event.target.value) })}>
					{WEEKS.map((many) => <option key={many} value={many}>The last {many} weeks</option>)}
				</select>
			</header>
			{model ? <Weeks drift={value.drift} model={model} weeks={weeksOf(value.drift, model.model.sha256, value.weeks, value.now)} /> : (
				<EmptyState title={`No model has answered in the last ${value.weeks} weeks.`} text="Import films and open them at the reading desk: every answer of a network is counted in its week, and so is what readers make of it.">
					<button className="primary" onClick={() => useNavigation.getState().go('worklist')}>Go to the worklist</button>
				</EmptyState>
			)}
		</div>
	)
}

function modelTitle({ model: { title, version, sha256 }, role }: DriftModel): string {
	return `${title}, ${version}, ${sha256.slice(0, 8)} (${role})`
}

function Weeks({ drift, model, weeks }: { drift: Drift; model: DriftModel; weeks: readonly WeekOfModel[] }) {
	const mondays = weeks.map(({ monday }) => monday)
	const differing = (share: 'abstained' | 'unlike') => weeks.map(({ week }) => week?.differs.some((one) => one.share === share) ?? false)
	return (
		<article className="drift" aria-label="What the model said" tabIndex={0}>
			<Verdict weeks={weeks} model={model} rule={drift.rule} />
			<section aria-label="Images">
				<h2>Images</h2>
				<div className="drift-charts">
					<ImagesChart weeks={weeks} />
					<ShareChart title="Refused" mondays={mondays} marked={[]} lines={[{ title: 'Refused', values: weeks.map(({ week }) => week?.refused ?? NONE) }]} note="Of all images, with 95 % intervals." />
					<ShareChart title="Abstained" mondays={mondays} marked={differing('abstained')} lines={[{ title: 'Abstained', values: weeks.map(({ week }) => week?.abstained ?? NONE) }]} reference={model.validation.abstained} note="Of the images that were not refused." />
					<ShareChart title="Not like the training images" mondays={mondays} marked={differing('unlike')} lines={[{ title: 'Not like the training images', values: weeks.map(({ week }) => (week ? unlikeShare(week) : NONE)) }]} reference={model.validation.unlike} note="Of the images that came as far as this check." />
				</div>
				<WeekTable weeks={weeks} />
			</section>
			<Labels weeks={weeks} mondays={mondays} />
		</article>
	)
}

const NONE = { value: null, interval: null }

/** Which weeks differ, in sentences, and by which rule. */
function Verdict({ weeks, model, rule }: { weeks: readonly WeekOfModel[]; model: DriftModel; rule: string }) {
	const differing = weeks.flatMap(({ week }) => (week && week.differs.length > 0 ? [week] : [])).toReversed()
	const isHeld = weeks.some(({ week }) => week && isJudged(week, model))
	const Icon = differing.length > 0 ? TriangleAlert : isHeld ? CircleCheck : Info
	return (
		<section aria-label="Validation" className={differing.length > 0 ? 'data-set-reason' : 'drift-verdict'}>
			<Icon aria-hidden />
			<div className="selectable">
				<p><strong>{verdict(weeks, model)}</strong></p>
				{differing.length > 0 && (
					<ul className="drift-differs">
						{differing.flatMap(({ monday, differs }) => differs.map(({ share, sentence }) => <li key={`${monday} ${share}`}>Week of {monday}: {sentence}</li>))}
					</ul>
				)}
				<p className="muted drift-rule">{rule}</p>
			</div>
		</section>
	)
}

function Labels({ weeks, mondays }: { weeks: readonly WeekOfModel[]; mondays: readonly string[] }) {
	const chosen = useDrift((state) => state.label)
	// Weeks in which everything was refused have no labels.
	const labels = weeks.findLast(({ week }) => (week?.labels.length ?? 0) > 0)?.week?.labels ?? []
	const label = labels.find(({ name }) => name === chosen) ?? labels[0]
	if (!label) return <section aria-label="Labels"><h2>Labels</h2><p className="muted">No image was let through in these weeks, so there is no answer.</p></section>
	const own = weeks.map(({ week }) => week?.labels.find(({ name }) => name === label.name))
	return (
		<section aria-label="Labels">
			<div className="drift-label">
				<h2>Label</h2>
				<select aria-label="Label" value={label.name} onChange={(event) => useDrift.setState({ label: event.target.value })}>
					{labels.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
				</select>
			</div>
			<div className="drift-charts">
				<ShareChart title="Calls and mean probability" mondays={mondays} marked={[]} lines={[{ title: 'Calls', values: own.map((one) => one?.calls ?? NONE) }, { title: 'Mean probability', values: own.map((one) => ({ value: one?.probability ?? null, interval: null })) }]} note="Shown and not judged: other patients have other diseases." />
				{label.finding && <ShareChart title="Suggestions that readers rejected" mondays={mondays} marked={[]} lines={[{ title: 'Rejected', values: own.map((one) => one?.rejected ?? NONE) }]} note="Of the suggestions that they decided." />}
			</div>
			<LabelTable weeks={weeks} label={label.name} title={label.title} />
			<AddedOthers weeks={weeks} />
		</section>
	)
}

function AddedOthers({ weeks }: { weeks: readonly WeekOfModel[] }) {
	const others = weeks.reduce((sum, { week }) => sum + (week?.addedOthers ?? 0), 0)
	return <p className="muted data-set-note numbers">A finding that a reader wrote counts for the label whose words it begins with. {others === 0 ? 'No others were written.' : others === 1 ? 'One other was written in these weeks.' : `${others} others were written in these weeks.`}</p>
}
