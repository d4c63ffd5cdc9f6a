import type { Analysis } from '../../../../common/contract/analysis.ts'
import { useReading } from '../../readingStore.ts'
import { maps } from '../live.ts'
import { isUnderWay, progressText, secondsLeft } from '../map/transitions.ts'

function secondsText(seconds: number | null): string {
	if (seconds === null) return ''
	return seconds < 90 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`
}

/** How far the map of this analysis is, with what can be done about it. */
export function MapState({ student }: { student: Analysis }) {
	const map = useReading((state) => state.map)
	const stopping = maps.store((state) => state.stopping)
	const underWay = isUnderWay(map)
	if (map.analysisId !== student.id || map.phase === 'idle' || (map.label === null && !underWay)) return null

	const label = student.prediction.labels.find((known) => known.name === map.label)
	const fraction = map.state ? map.state.channelsDone / map.state.channels : 0
	const restart = map.label ?? student.prediction.labels[0]?.name
	return (
		<section className="panel-section map-state" aria-label="Map">
			<div className="section-line">
				<h3 className="cut" dir="auto" title={label?.title}>{label ? `Map of ${label.title}` : 'Map, hidden'}</h3>
				{label && <button type="button" className="quiet small" onClick={() => maps.hide()}>Hide map <span className="key">G</span></button>}
			</div>
			{underWay && (
				<>
					<div
						className="progress" role="progressbar" aria-label="Map" aria-valuemin={0} aria-valuemax={100}
						aria-valuenow={Math.floor(100 * fraction)} aria-valuetext={map.phase === 'queued' ? 'waiting' : progressText(map.state)}
					>
						<div className="progress-fill" style={{ inlineSize: `${100 * fraction}%` }} />
					</div>
					<div className="section-line">
						<span className="muted numbers">
							{map.phase === 'queued' && !map.state ? 'Waiting for the analysis program' : progressText(map.state)}
							{map.phase === 'running' && map.state && <> · {secondsText(secondsLeft(map.state))}</>}
						</span>
						<button type="button" className="small" disabled={map.jobId === null || stopping === map.jobId} onClick={() => maps.cancel()}>
							{stopping !== null && stopping === map.jobId ? 'Stopping' : 'Cancel map'}
						</button>
					</div>
				</>
			)}
			{map.phase === 'finished' && map.state && (
				<p className="muted numbers">
					<span className="tag network">{progressText(map.state)}</span> {map.state.passes} passes, {map.state.seconds.toFixed(1)} s, layer {map.state.layer}
				</p>
			)}
			{map.phase === 'finished' && label && map.state?.peaks[label.name] === 0 && <p>The map is empty: no part of the image speaks for {label.title}.</p>}
			{map.phase === 'cancelled' && (
				<div className="section-line">
					<span className="muted numbers">{map.state ? `Stopped at ${progressText(map.state)}` : 'Stopped before it began'}</span>
					{restart !== undefined && <button type="button" className="small" onClick={() => maps.show(student, restart)}>Continue map</button>}
				</div>
			)}
			{map.phase === 'failed' && (
				<div className="fault" role="alert">
					<p>The map could not be made. {map.reason} The analysis is kept.</p>
					{restart !== undefined && <button type="button" className="small" onClick={() => maps.show(student, restart)}>Try the map again</button>}
				</div>
			)}
		</section>
	)
}
