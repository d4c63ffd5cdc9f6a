import { TriangleAlert } from 'lucide-react'
import type { DataSetSurvey } from '../../../../common/contract/training/dataSets.ts'
import { count, number } from '../../../ui/words.ts'
import { stated } from '../dataSetWords.ts'
import { namesSources, shortcutsOf, sourcesOf } from './shortcuts.ts'

/** How the classes fall on the sources: where a class comes from one source, a network can learn the source in its place. */
export function ClassesBySource({ survey }: { survey: DataSetSurvey }) {
	const sources = sourcesOf(survey)
	const shortcuts = shortcutsOf(survey)
	const isShortcut = (label: string, source: string): boolean => shortcuts.some((own) => own.label === label && own.source === source)
	return (
		<section aria-label="Classes by source">
			<h2>Classes by source</h2>
			{!namesSources(survey) || !sources ? <p className="muted">The data names no sources, so nothing tells whether a class comes from one hospital or scanner only.</p> : (
				<>
					{shortcuts.length > 0 && (
						<div className="data-set-reason warning data-set-shortcuts">
							<TriangleAlert aria-hidden />
							<div className="selectable">
								<p>Shortcut risk: a network can learn to tell the source (its scanner, its burnt-in marks) in place of the disease. Look at results by source before you believe pooled ones.</p>
								<ul>
									{shortcuts.map(({ label, source, images, of }) => (
										<li key={label}>{images === of ? (of === 1 ? 'The only image' : `All ${number(of)} images`) : `${number(images)} of ${count(of, 'image')}`} of <strong><bdi>{label}</bdi></strong> {of === 1 ? 'comes' : 'come'} from <strong><bdi>{stated(source)}</bdi></strong>.</li>
									))}
								</ul>
							</div>
						</div>
					)}
					<div className="data-set-long" role="region" aria-label="Classes by source, as a table that scrolls" tabIndex={0}>
						<table className="chart-table numbers" aria-label="Images that show a class, by source">
							<thead>
								<tr><th scope="col">Source</th>{survey.labels.map((label) => <th key={label} scope="col" className="end" title={label}><span className="cut data-set-class"><bdi>{label}</bdi></span></th>)}<th scope="col" className="end">Images</th><th scope="col" className="end">Patients or groups</th></tr>
							</thead>
							<tbody>
								{sources.values.map(({ value, positive, images, groups }) => (
									<tr key={value}>
										<th scope="row" title={value}><span className="cut data-set-source"><bdi>{stated(value)}</bdi></span></th>
										{survey.labels.map((label, index) => (
											<td key={label} className={isShortcut(label, value) ? 'end data-set-shortcut' : 'end'}>
												{isShortcut(label, value) && <TriangleAlert size={12} role="img" aria-label="Shortcut risk" />}{number(positive[index] ?? 0)}
											</td>
										))}
										<td className="end">{number(images)}</td>
										<td className="end">{number(groups)}</td>
									</tr>
								))}
							</tbody>
						</table>
					</div>
					{sources.others.values > 0 && <p className="muted data-set-note numbers">{count(sources.others.values, 'further source')} with {count(sources.others.images, 'image')} are not listed.</p>}
				</>
			)}
		</section>
	)
}
