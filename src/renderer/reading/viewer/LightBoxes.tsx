import { useEffect, useMemo } from 'react'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { focusIfNothingHasIt } from '../../ui/focus.ts'
import { useReading } from '../readingStore.ts'
import { viewerCommands } from './commands.ts'
import { filmElement } from './filmElement.ts'
import { LightBox } from './LightBox.tsx'
import { MapLegend } from './MapLegend.tsx'
import { keepFilmViews, keepHeldPan, keepMeasurementsCaptured, keepTool } from './services.ts'
import { ViewerToolbar } from './ViewerToolbar.tsx'
import './viewer.css'

/** The light boxes: toolbar, one or two films side by side, and the legend of a map. */
export function LightBoxes() {
	const boxes = useReading((state) => state.lightBoxes)
	useRoomCommands(useMemo(() => viewerCommands(), []))
	useEffect(keepTool, [])
	useEffect(keepHeldPan, [])
	useEffect(keepMeasurementsCaptured, [])
	useEffect(keepFilmViews, [])
	// The keyboard comes in with the film: what had it was in the room that was left.
	const hasFilm = boxes.length > 0
	useEffect(() => {
		if (hasFilm) focusIfNothingHasIt(filmElement(useReading.getState().active))
	}, [hasFilm])
	return (
		<div className="light-boxes">
			<ViewerToolbar />
			<div className="light-boxes-films" data-count={boxes.length}>
				{boxes.length === 0 && <p className="light-box-state">This study has no image that can be shown.</p>}
				{boxes.map((image, box) => <LightBox key={box} box={box} image={image} />)}
			</div>
			<MapLegend />
		</div>
	)
}
