import type { ComparisonReport } from '../../../../common/contract/promotion.ts'
import { count } from '../../../ui/words.ts'
import { intervalText } from '../../charts/numbers.ts'
import { milliseconds, ratioInWords } from '../promotionWords.ts'

/** How long an image takes, and whether the maps of both agree. */
export function Cost({ report: { latency, maps } }: { report: ComparisonReport }) {
	return (
		<div className="promotion-pair">
			<section aria-label="Time">
				<h2>Time</h2>
				<table className="chart-table numbers">
					<thead><tr><th scope="col">One image</th><th scope="col" className="end">Current</th><th scope="col" className="end">Candidate</th></tr></thead>
					<tbody>
						<tr><th scope="row">Through the network</th><td className="end">{milliseconds(latency.current)}</td><td className="end">{milliseconds(latency.candidate)}</td></tr>
						{maps && <tr><th scope="row">One map</th><td className="end">{duration(maps.seconds.current)}</td><td className="end">{duration(maps.seconds.candidate)}</td></tr>}
					</tbody>
				</table>
				<p className="promotion-note numbers">The candidate takes <strong>{ratioInWords(latency.ratio)}</strong>.</p>
				<p className="muted promotion-note numbers">Medians of {count(latency.runs, 'run')} of each in turn, {count(latency.threads, 'thread')}{latency.processor !== '' && `, ${latency.processor}`}.</p>
			</section>
			<section aria-label="Maps">
				<h2>Maps</h2>
				{maps ? (
					<>
						<table className="chart-table numbers">
							<thead><tr><th scope="col">Agreement</th><th scope="col" className="end">Mean (95 % interval)</th></tr></thead>
							<tbody>
								<tr><th scope="row">Correlation</th><td className="end">{intervalText(maps.correlation.value, maps.correlation.interval)}</td></tr>
								<tr><th scope="row">Rank correlation</th><td className="end">{intervalText(maps.rankCorrelation.value, maps.rankCorrelation.interval)}</td></tr>
								<tr><th scope="row">Hottest fifth shared</th><td className="end">{intervalText(maps.topFifthOverlap.value, maps.topFifthOverlap.interval)}</td></tr>
							</tbody>
						</table>
						<p className="muted promotion-note numbers">Score-CAM of the label that the current model finds most probable, at {count(maps.films, 'film')} of {count(maps.groups, 'patient or group', 'patients or groups')}. Two random fifths share 0.111. Layers: <bdi>{maps.layers.current}</bdi> and <bdi>{maps.layers.candidate}</bdi>.</p>
					</>
				) : <p className="muted">No maps were compared.</p>}
			</section>
		</div>
	)
}

function duration(seconds: number): string {
	return seconds < 1 ? milliseconds(1000 * seconds) : `${seconds.toFixed(1)} s`
}
