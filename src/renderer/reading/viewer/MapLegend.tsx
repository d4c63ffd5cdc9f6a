import { X } from 'lucide-react'
import { cssColour } from '../../../common/imaging/colourMap.ts'
import { useReading, type MapView } from '../readingStore.ts'
import { badgeText } from './mapBadge.ts'

const GRADIENT = `linear-gradient(to right, ${Array.from({ length: 17 }, (_, index) => cssColour('inferno', index / 16)).join(', ')})`

/** What the colours over the film mean and how they lie over it; below the films, never over them. */
export function MapLegend() {
	const map = useReading((state) => state.map)
	const study = useReading((state) => state.study)
	const setMap = useReading((state) => state.setMap)
	if (map.label === null) return null
	const answers = study?.analyses.find((analysis) => analysis.id === map.analysisId)?.prediction.labels
	const title = answers?.find((answer) => answer.name === map.label)?.title ?? map.label
	return (
		<section className="map-legend" aria-label="Map legend">
			<div className="map-legend-name">
				<strong className="cut" title={title}>{title}</strong>
				<span className={badgeClass(map)} role="status">{badgeText(map)}</span>
			</div>
			<div className="map-legend-scale">
				<div className="map-legend-bar" style={{ backgroundImage: GRADIENT }} role="img" aria-label="Colours from 0, black, to 1, pale yellow: relative evidence">
					<span className="map-legend-threshold" style={{ left: `${map.threshold * 100}%` }} />
				</div>
				<div className="map-legend-ticks numbers"><span>0</span><span>relative evidence</span><span>1</span></div>
			</div>
			<Slider label="Map opacity" short="Opacity" value={map.opacity} disabled={map.style === 'contour'} change={(opacity) => setMap({ opacity })} />
			<Slider label="Map threshold" short="Threshold" value={map.threshold} change={(threshold) => setMap({ threshold })} />
			<div className="map-legend-style" role="group" aria-label="Map style">
				<button type="button" aria-pressed={map.style === 'colour'} onClick={() => setMap({ style: 'colour' })}>Colour</button>
				<button type="button" aria-pressed={map.style === 'contour'} onClick={() => setMap({ style: 'contour' })}>Contour</button>
			</div>
			<button type="button" className="icon quiet" aria-label="Hide map" title="Hide map" onClick={() => setMap({ label: null })}><X aria-hidden /></button>
		</section>
	)
}

function Slider({ label, short, value, disabled, change }: { label: string; short: string; value: number; disabled?: boolean; change(value: number): void }) {
	return (
		<label className="map-legend-slider">
			<span>{short} <span className="numbers">{value.toFixed(2)}</span></span>
			<input type="range" aria-label={label} min={0} max={1} step={0.01} value={value} disabled={disabled} onChange={(event) => change(event.target.valueAsNumber)} />
		</label>
	)
}

function badgeClass({ state, phase }: MapView): string {
	if (phase === 'failed') return 'tag warning'
	return state?.exact ? 'tag' : 'tag network'
}
