import { X } from 'lucide-react'
import { divergingCss } from '../../../common/imaging/divergingColours.ts'
import { useHint } from '../../app/useHint.ts'
import { MapScale, MapSlider } from '../../ui/MapScale.tsx'
import { mapWords } from '../map/mapWords.ts'
import { overlayOn } from '../map/overlay.ts'
import { useReading } from '../readingStore.ts'

const STOPS = Array.from({ length: 17 }, (_, index) => index / 16)
const DIVERGING = `linear-gradient(to right, ${STOPS.map((value) => divergingCss(value * 2 - 1)).join(', ')})`

/** What the colours over the film mean and how they lie over it; below the films, never over them. Gone where no map lies over a film. */
export function MapLegend() {
	const map = useReading((state) => state.map)
	const teacherMap = useReading((state) => state.teacherMap)
	const comparison = useReading((state) => state.comparison)
	const isShown = useReading((state) => state.lightBoxes.some((_, box) => overlayOn(box, state) !== null))
	const study = useReading((state) => state.study)
	const { opacity, threshold, style } = useReading((state) => state.mapLook)
	const setMapLook = useReading((state) => state.setMapLook)
	const styleHint = useHint('Colours or contour', 'map.style')
	const differenceHint = useHint('Both maps, or where they disagree', 'map.difference')
	if (!isShown) return null
	const answers = study?.analyses.find((analysis) => analysis.id === map.analysisId)?.prediction.labels
	const title = answers?.find((answer) => answer.name === map.label)?.title ?? map.label ?? ''
	const showsDifference = comparison?.view === 'difference'
	return (
		<section className="map-legend" aria-label="Map legend" data-comparing={comparison !== null}>
			<div className="map-legend-name">
				<strong className="cut" dir="auto" title={title}>{title}</strong>
				{/* Each film says it of its own map; here it is for those who do not see them. */}
				<span className="visually-hidden" role="status">
					{comparison ? `student ${mapWords(map)}, teacher ${teacherMap.label === null ? 'without this label' : mapWords(teacherMap)}` : mapWords(map)}
				</span>
			</div>
			{showsDifference ? <DifferenceScale threshold={threshold} /> : <MapScale threshold={threshold} />}
			<MapSlider label="Map opacity" short="Opacity" value={opacity} disabled={style === 'contour'} change={(value) => setMapLook({ opacity: value })} />
			<MapSlider label="Map threshold" short="Threshold" value={threshold} change={(value) => setMapLook({ threshold: value })} />
			<div className="map-legend-style" role="group" aria-label="Map style" title={styleHint}>
				<button type="button" aria-pressed={style === 'colour'} onClick={() => setMapLook({ style: 'colour' })}>Colour</button>
				<button type="button" aria-pressed={style === 'contour'} onClick={() => setMapLook({ style: 'contour' })}>Contour</button>
			</div>
			{comparison && (
				<div className="map-legend-style" role="group" aria-label="What is compared" title={differenceHint}>
					<button type="button" aria-pressed={!showsDifference} onClick={() => useReading.getState().setComparisonView('maps')}>Both maps</button>
					<button type="button" aria-pressed={showsDifference} onClick={() => useReading.getState().setComparisonView('difference')}>Disagreement</button>
				</div>
			)}
			<button type="button" className="icon quiet" aria-label="Hide map" title="Hide map" onClick={hideMap}><X aria-hidden /></button>
		</section>
	)
}

function hideMap(): void {
	useReading.setState(({ map }) => ({ map: { ...map, label: null } }))
}

function DifferenceScale({ threshold }: { threshold: number }) {
	return (
		<div className="map-legend-scale">
			<div className="map-legend-bar" style={{ backgroundImage: DIVERGING }} role="img" aria-label="Colours of the difference: light blue where only the teacher's map is hot, dark where both are alike, light orange where only the student's is">
				<span className="map-legend-threshold" style={{ left: `${50 - threshold * 50}%` }} />
				<span className="map-legend-threshold" style={{ left: `${50 + threshold * 50}%` }} />
			</div>
			<div className="map-legend-ticks numbers"><span>teacher only</span><span>alike</span><span>student only</span></div>
		</div>
	)
}
