import { Ban, Copy, Undo2, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { routes } from '../../../../common/contract/procedures.ts'
import type { DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { count, number } from '../../../ui/words.ts'
import { NarrowFact, NarrowFacts } from '../../Facts.tsx'
import { LEAK_WORDS, SPLIT_TITLES, stated } from '../dataSetWords.ts'
import { SamplePicture } from '../SamplePicture.tsx'
import { correctionOf, labelsByData, labelsNow, labelText, unknownLabels, type SampleRow } from './corrections.ts'
import { correct, targets } from './correcting.ts'
import { setFilters } from './samplesStore.ts'

/** One sample, larger, with all that is known of it, and what can be corrected of it or of those selected. */
export function SampleLook({ dataSet, survey, sample, selected, onClear }: { dataSet: RegisteredDataSet; survey: DataSetSurvey; sample: SampleRow | undefined; selected: number; onClear(): void }) {
	if (!sample) return <aside className="sample-look" aria-label="Image"><p className="muted sample-look-none">Choose an image to see what is known of it.</p></aside>
	const correction = correctionOf(sample, survey)
	const unknown = unknownLabels(sample, survey)
	const { split, group, source, attributes, width, height, sha256, leaks } = sample
	return (
		<aside className="sample-look" aria-label="Image">
			<LargePicture key={`${sample.id} ${dataSet.surveyedAt}`} dataSetId={dataSet.id} image={sample.id} isLeftOut={sample.correction?.labels === null} />
			<h2 className="selectable sample-look-id"><bdi>{sample.id}</bdi></h2>
			{selected > 0 && (
				<p className="sample-look-selection numbers">
					<strong>{count(selected, 'image')} selected</strong>
					<button className="quiet" onClick={onClear}><X aria-hidden />Clear selection</button>
				</p>
			)}
			<Corrections survey={survey} sample={sample} selected={selected} />
			<NarrowFacts>
				<NarrowFact term={correction ? 'By the data' : 'Labels'}>{labelText(labelsByData(sample, survey), sample.truth)}</NarrowFact>
				{correction && <NarrowFact term="By hand"><span className="tag accent">{sample.correction?.labels === null && <Ban size={12} aria-hidden />}{correction.after}</span></NarrowFact>}
				{unknown.length > 0 && unknown.length < survey.labels.length && <NarrowFact term="Not certain">{unknown.join(', ')}</NarrowFact>}
				<NarrowFact term="Split">{SPLIT_TITLES[split]}</NarrowFact>
				<NarrowFact term="Patient or group">{group} <button className="quiet sample-look-all" aria-label={`Show all images of ${group}`} onClick={() => setFilters({ group })}>Show all</button></NarrowFact>
				<NarrowFact term="Source">{stated(source)}</NarrowFact>
				{Object.entries(attributes).map(([name, value]) => <NarrowFact key={name} term={name}>{stated(value)}</NarrowFact>)}
				<NarrowFact term="Size">{number(width)} × {number(height)}</NarrowFact>
				<NarrowFact term="SHA-256">{sha256}</NarrowFact>
			</NarrowFacts>
			{leaks.length > 0 && <ul className="sample-look-leaks">{leaks.map((leak) => <li key={leak}><Copy size={12} aria-hidden />{LEAK_WORDS[leak]}</li>)}</ul>}
		</aside>
	)
}

/** The picture, or why there is none. */
function LargePicture({ dataSetId, image, isLeftOut }: { dataSetId: number; image: string; isLeftOut: boolean }) {
	const [broken, setBroken] = useState(false)
	const [reason, setReason] = useState('')
	useEffect(() => {
		if (!broken) return
		const controller = new AbortController()
		// A picture element does not tell why.
		fetch(routes.samplePicture(dataSetId, image), { signal: controller.signal })
			.then(async (response) => setReason(response.ok ? '' : await response.text()))
			.catch(() => {})
		return () => controller.abort()
	}, [broken, dataSetId, image])
	return (
		<div className={isLeftOut ? 'sample-look-picture left-out' : 'sample-look-picture'}>
			<SamplePicture dataSetId={dataSetId} image={image} alt={`Picture of ${image}`} onBroken={() => setBroken(true)} />
			{reason !== '' && <p className="sample-look-reason selectable" role="status">{reason}</p>}
		</div>
	)
}

/** Leaving out, relabelling and taking back, of the images that are selected, or of this one. */
function Corrections({ survey, sample, selected }: { survey: DataSetSurvey; sample: SampleRow; selected: number }) {
	const which = selected === 0 ? 'this image' : count(selected, 'image')
	const isLeftOut = selected === 0 && sample.correction?.labels === null
	return (
		<section className="sample-corrections" aria-label={selected === 0 ? 'Correct this image' : `Correct ${count(selected, 'image')}`}>
			{survey.task === 'multiclass' ? <SingleLabel survey={survey} now={selected === 0 ? labelsNow(sample, survey) : []} which={which} /> : <SeveralLabels key={JSON.stringify([sample.id, sample.correction, selected > 0])} survey={survey} now={labelsNow(sample, survey) ?? []} which={which} />}
			<div className="sample-corrections-row">
				<button disabled={isLeftOut} title="Leave out (X)" onClick={() => void correct(targets(), { kind: 'leave-out' })}><Ban aria-hidden />Leave out {which}</button>
				<button disabled={selected === 0 && !sample.correction} title="Take back what was corrected (U)" onClick={() => void correct(targets(), { kind: 'undo' })}><Undo2 aria-hidden />Take back</button>
			</div>
		</section>
	)
}

function SingleLabel({ survey, now, which }: { survey: DataSetSurvey; now: readonly string[] | null; which: string }) {
	return (
		<>
			<h3>Label of {which}</h3>
			<div className="sample-labels" role="group" aria-label={`Label of ${which}`}>
				{survey.labels.map((label, index) => (
					<button key={label} className="sample-label-button" aria-pressed={now?.includes(label) ?? false} title={label} onClick={() => void correct(targets(), { kind: 'relabel', labels: [label] })}>
						{index < 9 && <kbd className="key" aria-hidden>{index + 1}</kbd>}<span className="cut"><bdi>{label}</bdi></span>
					</button>
				))}
			</div>
		</>
	)
}

function SeveralLabels({ survey, now, which }: { survey: DataSetSurvey; now: readonly string[]; which: string }) {
	const [labels, setLabels] = useState<readonly string[]>(now)
	return (
		<>
			<h3>Labels of {which}</h3>
			<div className="sample-labels checks" role="group" aria-label={`Labels of ${which}`}>
				{survey.labels.map((label) => (
					<label key={label} title={label}>
						<input type="checkbox" checked={labels.includes(label)} onChange={(event) => setLabels(survey.labels.filter((own) => (own === label ? event.target.checked : labels.includes(own))))} />
						<span className="cut"><bdi>{label}</bdi></span>
					</label>
				))}
			</div>
			<button onClick={() => void correct(targets(), { kind: 'relabel', labels: [...labels] })}>Give {which} these labels</button>
		</>
	)
}
