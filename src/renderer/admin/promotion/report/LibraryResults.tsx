import type { LibraryComparison } from '../../../../common/contract/promotion.ts'
import { useNavigation } from '../../../app/navigation.ts'
import { count, number } from '../../../ui/words.ts'
import { percentText, shareText } from '../../charts/numbers.ts'
import { seenInWords, signed } from '../promotionWords.ts'

type Mean = LibraryComparison['differs']

/** "12 % (8 % to 17 %)". */
function shareOf({ value, interval }: Mean): string {
	return interval ? `${percentText(value)} (${percentText(interval[0])} to ${percentText(interval[1])})` : percentText(value)
}

/** Both models on films of which nobody says what is true: how often a reader would see another answer, and of which studies. */
export function LibraryResults({ library, n }: { library: LibraryComparison; n: number }) {
	const { passed, abstained, differs, labels, changed, changes } = library
	const titleOf = (name: string) => labels.find((label) => label.name === name)?.title ?? name
	return (
		<>
			<section aria-label="Another answer">
				<h2>Another answer</h2>
				<p className="numbers">A reader would see another answer of {number(changed)} of {count(n, 'film')}: {shareOf(differs)}.</p>
				<div className="promotion-wide-table" role="region" aria-label="Calls by label, as a table that scrolls" tabIndex={0}>
					<table className="chart-table numbers">
						<thead>
							<tr><th scope="col" rowSpan={2}>Label</th><th scope="colgroup" colSpan={4} className="promotion-group">Films that it is called on by</th><th scope="col" rowSpan={2} className="end">Call changes (95 % interval)</th><th scope="colgroup" colSpan={3} className="promotion-group">Mean probability</th></tr>
							<tr><th scope="col" className="end promotion-group">Both</th><th scope="col" className="end">Current alone</th><th scope="col" className="end">Candidate alone</th><th scope="col" className="end">Neither</th><th scope="col" className="end promotion-group">Current</th><th scope="col" className="end">Candidate</th><th scope="col" className="end">Difference</th></tr>
						</thead>
						<tbody>
							{labels.map(({ name, title, calls, changed: own, current, candidate, difference }) => (
								<tr key={name}>
									<th scope="row" title={title} className="promotion-name"><span className="cut" dir="auto">{title}</span></th>
									<td className="end promotion-group">{number(calls.both)}</td><td className="end">{number(calls.onlyCurrent)}</td><td className="end">{number(calls.onlyCandidate)}</td><td className="end">{number(calls.neither)}</td>
									<td className="end">{shareOf(own)}</td>
									<td className="end promotion-group">{shareText(current.value)}</td><td className="end">{shareText(candidate.value)}</td><td className="end">{signed(difference.value)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
				<table className="chart-table numbers promotion-gates">
					<thead><tr><th scope="col">Films</th><th scope="col" className="end">Both</th><th scope="col" className="end">Current alone</th><th scope="col" className="end">Candidate alone</th><th scope="col" className="end">Neither</th></tr></thead>
					<tbody>
						{([['Pass the input checks', passed], ['Abstained on', abstained]] as const).map(([title, of]) => (
							<tr key={title}><th scope="row">{title}</th><td className="end">{number(of.both)}</td><td className="end">{number(of.onlyCurrent)}</td><td className="end">{number(of.onlyCandidate)}</td><td className="end">{number(of.neither)}</td></tr>
						))}
					</tbody>
				</table>
			</section>
			<section aria-label="Studies that would be read differently">
				<h2>Studies that would be read differently<span className="muted numbers promotion-total">{number(changed)}</span></h2>
				{changes.length === 0 ? <p className="muted">None: on every film a reader would see the same.</p> : (
					<>
						{changed > changes.length && <p className="muted">The first {number(changes.length)} are listed.</p>}
						<div className="promotion-long" role="region" aria-label="Studies that would be read differently, as a table that scrolls" tabIndex={0}>
							<table className="chart-table numbers">
								<thead><tr><th scope="col">Study</th><th scope="col">Current</th><th scope="col">Candidate</th><td /></tr></thead>
								<tbody>
									{changes.map(({ studyId, instanceId, frameIndex, current, candidate }) => (
										<tr key={`${instanceId}/${frameIndex}`}>
											<th scope="row">{studyId}{frameIndex > 0 && `, frame ${frameIndex + 1}`}</th>
											<td title={current.reason || undefined}>{seenInWords(current, titleOf)}</td>
											<td title={candidate.reason || undefined}>{seenInWords(candidate, titleOf)}</td>
											<td><button className="quiet promotion-link" aria-label={`Open study ${studyId}`} onClick={() => useNavigation.getState().openStudy(studyId)}>Open</button></td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
					</>
				)}
			</section>
		</>
	)
}
