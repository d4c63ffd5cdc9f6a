import './models.css'
import { CircleAlert, CircleCheck, Download } from 'lucide-react'
import { useState } from 'react'
import { routes } from '../../../common/contract/procedures.ts'
import { domainSchema, type ModelEntry, type ModelManifest, type ReadyModel } from '../../../common/contract/model.ts'
import { KIND_TITLES, kindInWords } from '../../../common/text/kindsOfImage.ts'
import { client } from '../../app/client.ts'
import { showError } from '../../app/notices.ts'
import { useAnswer } from '../../app/useAnswer.ts'
import { useSystem } from '../../app/system.ts'
import { Card } from '../../ui/Card.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { count, folderName, number } from '../../ui/words.ts'
import { Fact, Facts } from '../Facts.tsx'
import { LungItem, LungView } from './LungView.tsx'

type RefusedModel = Extract<ModelEntry, { state: 'refused' }>

const askModels = () => client.call('models.list', {})
const askSettings = () => client.call('settings.get', {})
const askLungs = () => client.call('models.lungs', {})

/** Every model pack, usable or refused with its reason; which ones read, and which give the second opinion. */
export function Section() {
	const { value: entries, fault, reload } = useAnswer(askModels, 'system.changed')
	const { value: lungs } = useAnswer(askLungs, 'system.changed')
	const { value: settings } = useAnswer(askSettings, 'system.changed')
	const [chosen, setChosen] = useState<string | null>(null)
	const home = useSystem((state) => state.status?.home)
	const studentFault = useSystem((state) => state.status?.studentFault ?? '')

	if (fault !== '') {
		return (
			<div className="models">
				<EmptyState title="The models could not be listed." text={fault}><button className="primary" onClick={reload}>Try again</button></EmptyState>
			</div>
		)
	}
	if (!entries) return <div className="models"><p className="models-waiting muted">Looking at the model packs…</p></div>

	const ready = entries.filter((entry) => entry.state === 'ready')
	const refused = entries.filter((entry) => entry.state === 'refused')
	const lungsShown = lungs && 'manifest' in lungs && lungs.directory === chosen ? lungs : null
	const shown = lungsShown ? undefined : entries.find((entry) => entry.directory === chosen) ?? ready.find((entry) => entry.selected) ?? ready[0] ?? refused[0]
	const teacher = ready.find((entry) => entry.manifest.role === 'teacher' && entry.selected)

	return (
		<div className="models">
			<nav className="models-list" aria-label="Model packs">
				<p className="models-count muted numbers" role="status">
					{count(ready.length, 'model')}{refused.length > 0 && `, ${number(refused.length)} refused`}
				</p>
				<PackList title="Students" entries={ready.filter((entry) => entry.manifest.role === 'student')} shown={shown} onChoose={setChosen} none="No usable student: films cannot be analysed until a pack is there." />
				{studentFault !== '' && <p className="models-fault selectable" role="alert">{studentFault}</p>}
				{domainSchema.options.filter((domain) => settings?.students[domain] !== undefined).map((domain) => (
					<button key={domain} className="quiet models-change" onClick={() => void change(() => client.call('models.giveBack', { domain }), reload)}>Let the program choose the student for {kindInWords(domain)}</button>
				))}
				<PackList title="Teachers" entries={ready.filter((entry) => entry.manifest.role === 'teacher')} shown={shown} onChoose={setChosen} none="No teacher installed: the student answers alone." />
				{teacher && <button className="quiet models-change" onClick={() => void change(() => client.call('models.select', { role: 'teacher', id: NONE }), reload)}>Work without a teacher</button>}
				{lungs && <LungItem lungs={lungs} shown={lungsShown !== null} onChoose={setChosen} />}
				{refused.length > 0 && <PackList title="Refused" entries={refused} shown={shown} onChoose={setChosen} none="" />}
				<p className="models-folder muted selectable">Packs are looked for in the program and in the folder models of {home ?? 'the data folder'}.</p>
			</nav>
			{shown?.state === 'ready' && <ReadyView key={shown.directory} entry={shown} onSelect={(id) => void change(() => client.call('models.select', { role: shown.manifest.role, id }), reload)} />}
			{shown?.state === 'refused' && <RefusedView entry={shown} />}
			{lungsShown && <LungView manifest={lungsShown.manifest} directory={lungsShown.directory} card={lungsShown.card ?? ''} />}
			{!shown && !lungsShown && <EmptyState title="No model packs." text="Put a pack (model.onnx, model.json and CARD.md in a folder) into the folder models of the data folder and start the workstation again." />}
		</div>
	)
}

/** Null would mean the first teacher that is there; this is the name of none. */
const NONE = ''

async function change(ask: () => Promise<unknown>, whenDone: () => void): Promise<void> {
	try {
		await ask()
		whenDone()
	} catch (error) {
		showError(error)
	}
}

function PackList({ title, entries, shown, onChoose, none }: { title: string; entries: ModelEntry[]; shown: ModelEntry | undefined; onChoose(directory: string): void; none: string }) {
	return (
		<section aria-label={title}>
			<h2 className="panel-heading">{title}</h2>
			{entries.length === 0 && <p className="models-none muted">{none}</p>}
			<ul>
				{entries.map((entry) => (
					<li key={entry.directory}>
						<button className="quiet models-pack" aria-current={entry === shown ? 'true' : undefined} onClick={() => onChoose(entry.directory)}>
							<span className="cut models-pack-title"><bdi>{entry.state === 'ready' ? entry.manifest.title : folderName(entry.directory)}</bdi></span>
							<span className="models-pack-line muted">
								<span className="cut">{entry.state === 'ready' ? `${entry.manifest.version}, ${entry.origin}` : entry.reason}</span>
								{entry.state === 'ready' && entry.selected && <span className="tag accent"><CircleCheck size={12} aria-hidden />In use</span>}
								{entry.state === 'refused' && <span className="tag danger"><CircleAlert size={12} aria-hidden />Refused</span>}
							</span>
						</button>
					</li>
				))}
			</ul>
		</section>
	)
}

function RefusedView({ entry }: { entry: RefusedModel }) {
	return (
		<article className="models-view" aria-label="Model" tabIndex={0}>
			<header>
				<h1><bdi>{folderName(entry.directory)}</bdi></h1>
				<span className="tag danger"><CircleAlert size={12} aria-hidden />Refused</span>
			</header>
			<p className="models-reason selectable">{entry.reason}</p>
			<p className="muted selectable">Folder: {entry.directory}</p>
			<p className="muted">The pack is not used for anything. Correct or replace it and start the workstation again.</p>
			<p><CopyButton title="Copy reason" text={() => `${entry.directory}\n${entry.reason}`} /></p>
		</article>
	)
}

function ReadyView({ entry, onSelect }: { entry: ReadyModel; onSelect(id: string): void }) {
	const { manifest, selfTestDifference } = entry
	return (
		<article className="models-view" aria-label="Model" tabIndex={0}>
			<header>
				<h1><bdi>{manifest.title}</bdi></h1>
				{entry.selected
					? <span className="tag accent"><CircleCheck size={12} aria-hidden />In use as {manifest.role}</span>
					: <button className="primary" onClick={() => onSelect(manifest.id)} title={manifest.role === 'student' ? `Reads ${kindInWords(manifest.domain)} in place of the one that does now` : undefined}>Use as {manifest.role}</button>}
				<a className="button" href={routes.pack('installed', manifest.id)} download title="The pack as one file"><Download aria-hidden />Export</a>
			</header>
			<Facts>
				<Fact term="Identifier">{manifest.id} {manifest.version}</Fact>
				<Fact term="SHA-256" title={manifest.sha256}>{manifest.sha256.slice(0, 12)}</Fact>
				<Fact term="Self-test"><SelfTest difference={selfTestDifference} tolerance={manifest.golden.tolerance} /></Fact>
				<Fact term="Architecture">{manifest.architecture}</Fact>
				<Fact term="Parameters">{number(manifest.parameters)}</Fact>
				<Fact term="Reads">{KIND_TITLES[manifest.domain]}, {manifest.input.width} × {manifest.input.height}</Fact>
				<Fact term="Modalities">{manifest.input.modalities.join(', ') || 'any'}</Fact>
				<Fact term="Calibration" wide>{calibrationInWords(manifest)}</Fact>
				<Fact term="Abstains" wide>Below {manifest.abstention.threshold.toFixed(2)}. {manifest.abstention.rule}</Fact>
				<Fact term="Licence" wide>{manifest.licence}</Fact>
				<Fact term="Folder" wide>{entry.directory}</Fact>
			</Facts>
			<section aria-label="Limitations" className="models-limits">
				<h2>Limitations</h2>
				<ul>{manifest.limitations.map((limitation) => <li key={limitation}>{limitation}</li>)}</ul>
			</section>
			<section aria-label="Labels">
				<h2>Labels</h2>
				<table>
					<thead><tr><th scope="col">Label</th><th scope="col" className="end">Operating point</th><th scope="col">Chosen by</th><th scope="col">Limitation</th></tr></thead>
					<tbody>
						{manifest.labels.map((label) => (
							<tr key={label.name}>
								<th scope="row">{label.title}</th>
								<td className="end numbers">{label.operatingPoint.value.toFixed(2)}</td>
								<td>{label.operatingPoint.rule}</td>
								<td>{label.limitation || <span className="muted">None stated</span>}</td>
							</tr>
						))}
					</tbody>
				</table>
			</section>
			<section aria-label="Metrics">
				<h2>Metrics</h2>
				{manifest.metrics.length === 0 ? <p className="muted">The pack states no metrics.</p> : (
					<table>
						<thead><tr><th scope="col">Metric</th><th scope="col">Data</th><th scope="col" className="end">Images</th><th scope="col" className="end">Value</th><th scope="col">95 % interval</th><th scope="col">Note</th></tr></thead>
						<tbody>
							{manifest.metrics.map((metric) => (
								<tr key={`${metric.name} ${metric.split} ${metric.note}`}>
									<th scope="row">{metric.name}</th>
									<td>{metric.split}</td>
									<td className="end numbers">{number(metric.n)}</td>
									<td className="end numbers">{metric.value.toFixed(3)}</td>
									<td className="numbers">{metric.interval ? `${metric.interval[0].toFixed(3)} to ${metric.interval[1].toFixed(3)}` : <span className="muted">Not stated</span>}</td>
									<td>{metric.note}</td>
								</tr>
							))}
						</tbody>
					</table>
				)}
			</section>
			<section aria-label="Training">
				<h2>Training</h2>
				<p className="selectable">{manifest.training}</p>
			</section>
			{entry.card.trim() !== '' && <section aria-label="Model card" className="models-card"><h2>Model card</h2><Card text={entry.card} /></section>}
		</article>
	)
}

function SelfTest({ difference, tolerance }: { difference: number | null; tolerance: number }) {
	if (difference === null) return <span className="muted">Not run yet</span>
	const passed = difference <= tolerance
	return (
		<span className={passed ? 'models-passed' : 'models-failed'}>
			{passed ? <CircleCheck size={14} aria-hidden /> : <CircleAlert size={14} aria-hidden />}
			{passed ? 'Passed' : 'Failed'}, largest difference {difference.toExponential(1)} (tolerance {tolerance})
		</span>
	)
}

function calibrationInWords({ calibration }: ModelManifest): string {
	const { n, eceBefore, eceAfter } = calibration
	const error = eceBefore !== null && eceAfter !== null ? `, calibration error ${eceBefore.toFixed(3)} before and ${eceAfter.toFixed(3)} after` : ''
	const how = calibration.method === 'temperature' ? `Temperature ${calibration.temperature.toFixed(3)}` : 'A slope and an offset for each label (Platt)'
	return `${how}, fitted on ${count(n, 'image')}${error}`
}
