import { useEffect, useRef } from 'react'
import type { LabelAnswer } from '../../../../common/contract/analysis.ts'
import type { Faithfulness } from '../../../../common/contract/explanation.ts'
import { percentAfterKey, percentWords, stepAt } from '../../map/removal.ts'
import { useRemovalFocus } from '../../map/removalFocus.ts'
import { useReading } from '../../readingStore.ts'
import { filmElement } from '../../viewer/filmElement.ts'
import { DeletionCurve } from './DeletionCurve.tsx'

/**
 * Covers the hottest pixels on the film, and shows the probability that the network gave with them removed. The film is whole again as soon as the
 * keyboard or the pointer leaves the slider, so that nobody takes a covered film for the film.
 */
export function DeletionSlider({ measurementKey: key, faithfulness, label }: { measurementKey: string; faithfulness: Faithfulness; label: LabelAnswer }) {
	const removal = useReading((state) => state.removal)
	const setRemoval = useReading((state) => state.setRemoval)
	const whole = useRef<HTMLDivElement>(null)
	const slider = useRef<HTMLInputElement>(null)
	const percent = removal?.key === key ? removal.percent : 0
	const shown = stepAt(faithfulness, percent)
	const isCalled = shown.probability >= label.operatingPoint

	const focusWanted = useRemovalFocus((state) => state.wanted)
	useEffect(() => {
		if (!focusWanted) return
		useRemovalFocus.setState({ wanted: false })
		whole.current?.scrollIntoView({ block: 'nearest' })
		slider.current?.focus({ preventScroll: true })
	}, [focusWanted])
	// Another tab, another map, another study: the film is whole again.
	useEffect(() => () => setRemoval(null), [setRemoval])

	function cover(wanted: number): void {
		// Pixels are covered on the film with the map that ranks them.
		if (useReading.getState().comparison?.view === 'difference') useReading.getState().setComparisonView('maps')
		setRemoval(wanted > 0 ? { key, percent: wanted } : null)
	}

	return (
		<div className="deletion" ref={whole}>
			<label className="deletion-slider">
				<span>Remove the hottest pixels <span className="key">F</span></span>
				<input
					ref={slider} type="range" min={0} max={100} step={1} value={percent} aria-label="Share of the hottest pixels removed"
					aria-valuetext={`${percentWords(shown.share)} removed, probability ${shown.probability.toFixed(2)}`}
					onChange={(event) => cover(event.target.valueAsNumber)}
					onBlur={() => setRemoval(null)}
					onKeyDown={(event) => {
						if (event.ctrlKey || event.altKey || event.metaKey) return
						if (event.key === 'Escape') {
							event.preventDefault()
							setRemoval(null)
							filmElement(useReading.getState().active)?.focus()
							return
						}
						const target = percentAfterKey(event.key, event.shiftKey, percent)
						if (target === null) return
						event.preventDefault()
						cover(target)
					}}
				/>
			</label>
			<p className="deletion-answer numbers">
				<span>{percentWords(shown.share)} removed</span>
				<strong>probability {shown.probability.toFixed(2)}</strong>
				<span className="muted">{isCalled ? 'above' : 'below'} the operating point</span>
			</p>
			<DeletionCurve faithfulness={faithfulness} operatingPoint={label.operatingPoint} share={shown.share} title={label.title} />
		</div>
	)
}
