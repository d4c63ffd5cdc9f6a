import type { Analysis, CamState } from '../../../../common/contract/analysis.ts'
import { lungEnergyWords, lungFinderWords } from '../../../../common/text/lungWords.ts'
import { mapWords } from '../../map/mapWords.ts'
import { isUnderWay, secondsLeft } from '../../map/transitions.ts'
import { useReading } from '../../readingStore.ts'
import { maps, teacherMaps } from '../live.ts'

function secondsText(seconds: number | null): string {
	if (seconds === null) return ''
	return seconds < 90 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`
}

const ROLES = {
	student: { which: 'map', service: maps, region: 'Map', of: 'Map of', hidden: 'Map, hidden', cancel: 'Cancel map', resume: 'Continue map', retry: 'Try the map again' },
	teacher: {
		which: 'teacherMap', service: teacherMaps, region: 'Teacher\'s map', of: 'Teacher\'s map of', hidden: 'Teacher\'s map, hidden',
		cancel: 'Cancel teacher\'s map', resume: 'Continue teacher\'s map', retry: 'Try the teacher\'s map again',
	},
} as const

/** How far the map of this analysis is, with what can be done about it. */
export function MapState({ analysis }: { analysis: Analysis }) {
	const words = ROLES[analysis.role]
	const map = useReading((state) => state[words.which])
	const stopping = words.service.store((state) => state.stopping)
	const underWay = isUnderWay(map)
	if (map.analysisId !== analysis.id || map.phase === 'idle' || (map.label === null && !underWay)) return null

	const label = analysis.prediction.labels.find((known) => known.name === map.label)
	const fraction = map.state ? map.state.channelsDone / map.state.channels : 0
	const restart = map.label ?? analysis.prediction.labels[0]?.name
	return (
		<section className="panel-section map-state" aria-label={words.region}>
			<div className="section-line">
				<h3 className="map-title" title={label?.title}>{label ? <>{words.of} <bdi className="cut" dir="auto">{label.title}</bdi></> : words.hidden}</h3>
				{label && analysis.role === 'student' && <button type="button" className="quiet small" onClick={() => maps.hide()}>Hide map <span className="key">G</span></button>}
			</div>
			{underWay && (
				<>
					<div
						className="progress" role="progressbar" aria-label={words.region} aria-valuemin={0} aria-valuemax={100}
						aria-valuenow={Math.floor(100 * fraction)} aria-valuetext={mapWords(map)}
					>
						<div className="progress-fill" style={{ inlineSize: `${100 * fraction}%` }} />
					</div>
					<div className="section-line">
						<span className="muted numbers">
							{map.phase === 'queued' && !map.state ? 'Waiting for the analysis program' : mapWords(map)}
							{map.phase === 'running' && map.state && !map.state.preview && <> · {secondsText(secondsLeft(map.state))}</>}
						</span>
						<button type="button" className="small" disabled={map.jobId === null || stopping === map.jobId} onClick={() => words.service.cancel()}>
							{stopping !== null && stopping === map.jobId ? 'Stopping' : words.cancel}
						</button>
					</div>
				</>
			)}
			{map.phase === 'finished' && map.state && (
				<p className="muted numbers">
					<span className="tag network">{mapWords(map)}</span> {map.state.passes} passes, {map.state.seconds.toFixed(1)} s, layer {map.state.layer}
				</p>
			)}
			{map.phase === 'finished' && map.state && map.label !== null && <MapPlace state={map.state} label={map.label} />}
			{map.phase === 'cancelled' && (
				<div className="section-line">
					<span className="muted numbers">{sentence(mapWords(map))}</span>
					{restart !== undefined && <button type="button" className="small" onClick={() => words.service.show(analysis, restart)}>{words.resume}</button>}
				</div>
			)}
			{map.phase === 'failed' && (
				<div className="fault" role="alert">
					<p>The map could not be made. {map.reason} The analysis is kept.</p>
					{restart !== undefined && <button type="button" className="small" onClick={() => words.service.show(analysis, restart)}>{words.retry}</button>}
				</div>
			)}
		</section>
	)
}

/** Which part of the film the map is of, and how much of it lies inside the lungs. */
function MapPlace({ state, label }: { state: CamState; label: string }) {
	const { region, lungs } = state
	const inside = lungs?.inside[label]
	return (
		<>
			{region && <p className="muted">The network saw only the framed part of the film: the lungs with a margin. Outside of it the map has no values.</p>}
			{lungs && inside && <p className="numbers map-place">{lungEnergyWords(inside, region !== undefined)} <span className="muted">{lungFinderWords(lungs)}</span></p>}
		</>
	)
}

function sentence(words: string): string {
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
