import './mapScale.css'
import { cssColour } from '../../common/imaging/colourMap.ts'

const STOPS = Array.from({ length: 17 }, (_, index) => index / 16)
const GRADIENT = `linear-gradient(to right, ${STOPS.map((value) => cssColour('inferno', value)).join(', ')})`

/** What the colours of a map mean, with its threshold. */
export function MapScale({ threshold }: { threshold: number }) {
	return (
		<div className="map-legend-scale">
			<div className="map-legend-bar" style={{ backgroundImage: GRADIENT }} role="img" aria-label="Colours from 0, black, to 1, pale yellow: relative evidence">
				<span className="map-legend-threshold" style={{ left: `${threshold * 100}%` }} />
			</div>
			<div className="map-legend-ticks numbers"><span>0</span><span>relative evidence</span><span>1</span></div>
		</div>
	)
}

/** Opacity or threshold of a map, 0 to 1. */
export function MapSlider({ label, short, value, disabled, change }: { label: string; short: string; value: number; disabled?: boolean; change(value: number): void }) {
	return (
		<label className="map-legend-slider">
			<span>{short} <span className="numbers">{value.toFixed(2)}</span></span>
			<input type="range" aria-label={label} min={0} max={1} step={0.01} value={value} disabled={disabled} onChange={(event) => change(event.target.valueAsNumber)} />
		</label>
	)
}
