import { TriangleAlert } from 'lucide-react'
import type { Analysis } from '../../../common/contract/analysis.ts'
import { useFaithfulness, verdictOn, verdictWords, type Verdict } from '../map/faithfulness.ts'
import { isFinished, mapWords } from '../map/mapWords.ts'
import { useOverlayOn, type Overlay } from '../map/overlay.ts'
import { percentWords, removalOf } from '../map/removal.ts'
import { useReading, type MapView } from '../readingStore.ts'

/** What lies over this film, how far it is and how far to trust it: on the film itself, so that no map is seen without it. */
export function MapBadge({ box }: { box: number }) {
	const overlay = useOverlayOn(box)
	return overlay && <BadgeOf box={box} overlay={overlay} />
}

function BadgeOf({ box, overlay }: { box: number; overlay: Overlay }) {
	const comparing = useReading((state) => state.comparison !== null)
	const analyses = useReading((state) => state.study?.analyses)
	const student = useReading((state) => state.map)
	const analysisOf = (map: MapView) => analyses?.find(({ id }) => id === map.analysisId)
	const title = titleOf(analysisOf(student), student.label)
	return (
		<div className="map-badge" role="note" aria-label={`Map on light box ${box + 1}`}>
			{overlay.kind === 'map' && <MapLines map={overlay.map} analysis={analysisOf(overlay.map)} who={comparing ? (overlay.role === 'student' ? 'Student' : 'Teacher') : ''} />}
			{overlay.kind === 'no label' && <p>The teacher has no answer for {title}.</p>}
			{overlay.kind === 'difference' && (
				<>
					<Title text={title} />
					<p>{isFinished(overlay.student) && isFinished(overlay.teacher) ? 'where the two disagree' : 'waiting for both maps to be exact'}</p>
					<Doubt whose="student" map={overlay.student} />
					<Doubt whose="teacher" map={overlay.teacher} />
				</>
			)}
		</div>
	)
}

/** A long name is cut at its own end, whichever way it is written. */
function Title({ who = '', text }: { who?: string; text: string }) {
	return <p className="map-badge-title" title={text}>{who !== '' && <span>{who} · </span>}<bdi className="cut" dir="auto">{text}</bdi></p>
}

function MapLines({ map, analysis, who }: { map: MapView; analysis: Analysis | undefined; who: string }) {
	const measurements = useFaithfulness((state) => state.measurements)
	const removal = useReading((state) => state.removal)
	const verdict = verdictOn(map, measurements)
	const removed = removalOf(map, removal, measurements)
	const title = titleOf(analysis, map.label)
	const answer = analysis?.prediction.labels.find(({ name }) => name === map.label)
	return (
		<>
			<Title who={who} text={title} />
			{answer && !answer.positive && <p className="map-badge-aside">not called, shown because you asked</p>}
			{removed ? (
				<>
					<p className="map-badge-warning"><TriangleAlert aria-hidden /> {percentWords(removed.share)} of the pixels removed</p>
					<p>probability {removed.probability.toFixed(2)}, was {removed.before.toFixed(2)}</p>
				</>
			) : (
				<>
					<p className={map.phase === 'failed' ? 'map-badge-warning' : ''}>{mapWords(map)}</p>
					{verdict && <VerdictLine verdict={verdict} />}
				</>
			)}
		</>
	)
}

/** A difference is worth no more than either of its maps. */
function Doubt({ whose, map }: { whose: string; map: MapView }) {
	const verdict = useFaithfulness((state) => verdictOn(map, state.measurements))
	if (verdict !== 'no better than chance' && verdict !== 'empty') return null
	return <p className="map-badge-warning"><TriangleAlert aria-hidden /> {whose}&apos;s map {verdict}</p>
}

function VerdictLine({ verdict }: { verdict: Verdict }) {
	const isWarning = verdict === 'no better than chance'
	return <p className={isWarning ? 'map-badge-warning' : 'map-badge-aside'}>{isWarning && <TriangleAlert aria-hidden />} {verdictWords(verdict)}</p>
}

function titleOf(analysis: Analysis | undefined, label: string | null): string {
	return analysis?.prediction.labels.find(({ name }) => name === label)?.title ?? label ?? ''
}
