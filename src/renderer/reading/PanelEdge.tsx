import { ChevronRight } from 'lucide-react'
import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { useSettings } from '../app/settings.ts'
import { useHint } from '../app/useHint.ts'

const NARROWEST = 280
const WIDEST = 720
const STEP = 20

/** The side panel with the edge that sets its width, by pointer or by arrow keys; the width is remembered. */
export function PanelEdge({ onClose, children }: { onClose(): void; children: ReactNode }) {
	const stored = useSettings((state) => state.settings.panelWidth)
	const [dragged, setDragged] = useState<number | null>(null)
	const closeHint = useHint('Close the side panel', 'reading.panel')
	const width = dragged ?? stored

	function press(event: KeyboardEvent): void {
		const target = { ArrowLeft: width + STEP, ArrowRight: width - STEP, Home: NARROWEST, End: WIDEST }[event.key]
		if (event.key === 'Enter') onClose()
		else if (target !== undefined) useSettings.getState().save({ panelWidth: within(target) })
		else return
		event.preventDefault()
	}

	return (
		<>
			<div className="panel-edge-frame">
				<button className="panel-grip" aria-label="Close the side panel" title={closeHint} onClick={onClose}><ChevronRight aria-hidden /></button>
				<div
					className="panel-edge"
					role="separator"
					aria-label="Width of the side panel"
					aria-orientation="vertical"
					aria-valuenow={width}
					aria-valuemin={NARROWEST}
					aria-valuemax={WIDEST}
					tabIndex={0}
					title="Drag to set the width; double-click for the usual one"
					onKeyDown={press}
					onDoubleClick={() => useSettings.getState().save({ panelWidth: 340 })}
					onPointerDown={(event) => {
						event.currentTarget.setPointerCapture(event.pointerId)
						setDragged(stored)
					}}
					onPointerMove={(event) => {
						if (dragged !== null) setDragged(widthAt(event))
					}}
					onPointerUp={() => {
						if (dragged !== null && dragged !== stored) useSettings.getState().save({ panelWidth: dragged })
						setDragged(null)
					}}
					onPointerCancel={() => setDragged(null)}
				/>
			</div>
			<div className="reading-panel" style={{ width: `${width / 16}rem` }}>
				{children}
			</div>
		</>
	)
}

/** The stored width is in pixels of the normal size; the whole frame grows on wall displays. */
function widthAt(event: PointerEvent): number {
	const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
	return within((window.innerWidth - event.clientX) / scale)
}

function within(width: number): number {
	return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))
}
