import { Ban, Undo2 } from 'lucide-react'
import type { DataSetSurvey, RegisteredDataSet } from '../../../../common/contract/training/dataSets.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { number } from '../../../ui/words.ts'
import { SPLIT_TITLES } from '../dataSetWords.ts'
import { openTab } from '../dataSetsStore.ts'
import { SamplePicture } from '../SamplePicture.tsx'
import { correct } from '../samples/correcting.ts'
import { byHand, labelText, type ByHand } from '../samples/corrections.ts'
import { showSamples, type SampleFilters } from '../samples/samplesStore.ts'

type Split = DataSetSurvey['splits'][number]['split']

/** By what a training image may tell of a test image: patients, files and pictures that stand in several splits. */
export function Leaks({ dataSet, survey: { leaks } }: { dataSet: RegisteredDataSet; survey: DataSetSurvey }) {
	const { groups, identical, similar } = leaks
	const corrected = byHand(dataSet.recipe)
	function look(filters: Partial<SampleFilters>): void {
		showSamples(dataSet.id, filters)
		openTab('samples')
	}
	if (groups.total + identical.total + similar.total === 0) {
		return <EmptyState title="No leak was found." text="No patient or group stands in two splits, no file stands in two, and no picture in one split looks nearly the same as one in another." />
	}
	return (
		<article className="data-set-leaks" aria-label="Leaks" tabIndex={0}>
			<section aria-label="Patients or groups in several splits">
				<h2>Patients or groups in several splits<Total total={groups.total} listed={groups.first.length} /></h2>
				{groups.total === 0 ? <p className="muted">None.</p> : (
					<>
						<p className="muted">A network that has seen a patient in training is tested on what it knows. Correct the table and survey anew, leave images out, or add the folder again with the splits drawn.</p>
						<div className="data-set-long" role="region" aria-label="Patients or groups in several splits, as a table that scrolls" tabIndex={0}>
							<table className="chart-table numbers">
								<thead><tr><th scope="col">Patient or group</th><th scope="col">Splits</th><th scope="col" className="end">Images</th><th scope="col">For example</th><td /></tr></thead>
								<tbody>
									{groups.first.map(({ group, splits, images, ids }) => (
										<tr key={group}>
											<th scope="row" title={group}><span className="cut data-set-source"><bdi>{group}</bdi></span></th>
											<td>{splits.map((split) => SPLIT_TITLES[split]).join(', ')}</td>
											<td className="end">{number(images)}</td>
											<td title={ids.join('\n')}><span className="cut data-set-example"><bdi>{ids.join(', ')}</bdi></span></td>
											<td><button className="quiet" aria-label={`Show the images of ${group}`} onClick={() => look({ group })}>Show images</button></td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
					</>
				)}
			</section>
			<section aria-label="Nearly the same picture in two splits">
				<h2>Nearly the same picture in two splits<Total total={similar.total} listed={similar.first.length} /></h2>
				{similar.total === 0 ? <p className="muted">None.</p> : (
					<>
						<p className="muted">The most alike first. Look at each pair: one film twice is a leak, two films of two people are none. Leave out one of a pair that is.</p>
						<ul className="data-set-pairs">
							{similar.first.map(({ ids, splits, likeness }) => (
								<li key={ids.join('\n')} className="data-set-pair">
									<p className="numbers">Likeness {likeness.toFixed(3)}</p>
									<div className="data-set-pair-pictures">
										<Side dataSet={dataSet} image={ids[0]} split={splits[0]} corrected={corrected} onLook={look} />
										<Side dataSet={dataSet} image={ids[1]} split={splits[1]} corrected={corrected} onLook={look} />
									</div>
								</li>
							))}
						</ul>
					</>
				)}
			</section>
			<section aria-label="The same file in several splits">
				<h2>The same file in several splits<Total total={identical.total} listed={identical.first.length} /></h2>
				{identical.total === 0 ? <p className="muted">None.</p> : (
					<>
						<p className="muted">Byte for byte the same. One is kept, nearest to the test; the others are left out already.</p>
						<ul className="data-set-pairs">
							{identical.first.map(({ kept, leftOut }) => (
								<li key={kept} className="data-set-pair data-set-identical">
									<SamplePicture dataSetId={dataSet.id} image={kept} alt={kept} />
									<div className="data-set-identical-names">
										<p className="cut" title={kept}>Kept: <bdi>{kept}</bdi></p>
										{leftOut.map((id) => <p key={id} className="cut muted" title={id}>Left out: <bdi>{id}</bdi></p>)}
									</div>
								</li>
							))}
						</ul>
					</>
				)}
			</section>
		</article>
	)
}

function Total({ total, listed }: { total: number; listed: number }) {
	return <span className="muted numbers data-set-total">{number(total)}{listed < total && `, the first ${number(listed)} are listed`}</span>
}

function Side({ dataSet, image, split, corrected, onLook }: { dataSet: RegisteredDataSet; image: string; split: Split; corrected: ByHand; onLook(filters: Partial<SampleFilters>): void }) {
	const isCorrected = corrected.has(image)
	const labels = corrected.get(image) ?? null
	return (
		<div className="data-set-side">
			<button className="quiet data-set-side-picture" aria-label={`Show ${image} among the samples`} title={image} onClick={() => onLook({ text: image })}><SamplePicture dataSetId={dataSet.id} image={image} alt="" /></button>
			<p className="cut" title={image}><bdi>{image}</bdi></p>
			<p className="data-set-side-line">
				<span className="muted">{SPLIT_TITLES[split]}</span>
				{isCorrected && <span className="tag accent">{labels === null ? <><Ban size={12} aria-hidden />Left out</> : labelText(labels)}</span>}
			</p>
			{isCorrected
				? <button aria-label={`Take back what was corrected of ${image}`} onClick={() => void correct([image], { kind: 'undo' })}><Undo2 aria-hidden />Take back</button>
				: <button aria-label={`Leave out ${image}`} onClick={() => void correct([image], { kind: 'leave-out' })}><Ban aria-hidden />Leave out</button>}
		</div>
	)
}
