import {
	Circle, Contrast, CaretsToAxisDashedHorizontal, CaretsToAxisDashedVertical, Hand, Info, Link2, Maximize, Redo2, RefreshCcw, RotateCcw, RotateCw, Ruler, Square, SunMoon,
	Trash2, Triangle, Undo2, Wand2, ZoomIn, type LucideIcon,
} from 'lucide-react'
import { useState } from 'react'
import { useSettings } from '../../app/settings.ts'
import { useReading } from '../readingStore.ts'
import { fit, flip, fullSize, invert, redo, removeSelected, reset, setWindow, turn, undo, applyPreset, windowFromPixels } from './commands.ts'
import { presetsOf } from './display.ts'
import { imageIdOf } from './frames.ts'
import { useMeasurements } from './measurements.ts'
import { useViewer, type ViewerTool } from './viewerStore.ts'

const TOOLS: [ViewerTool, string, string, LucideIcon][] = [
	['window', 'Window', 'W', Contrast],
	['zoom', 'Zoom', 'Z', ZoomIn],
	['pan', 'Pan', 'P', Hand],
	['length', 'Length', 'D', Ruler],
	['angle', 'Angle', 'A', Triangle],
	['ellipse', 'Ellipse', 'E', Circle],
	['rectangle', 'Rectangle', 'B', Square],
]

const ACTIONS: [string, string, LucideIcon, () => void][] = [
	['Rotate right', 'R', RotateCw, () => turn(1)],
	['Rotate left', 'L', RotateCcw, () => turn(-1)],
	['Flip left to right', 'H', CaretsToAxisDashedVertical, () => flip('horizontal')],
	['Flip top to bottom', 'V', CaretsToAxisDashedHorizontal, () => flip('vertical')],
	['Fit', '=', Maximize, fit],
]

/** What can be done with the film of the active light box. */
export function ViewerToolbar() {
	const tool = useViewer((viewer) => viewer.tool)
	const info = useViewer((viewer) => viewer.info)
	const boxes = useReading((state) => state.lightBoxes)
	const active = useReading((state) => state.active)
	const linked = useReading((state) => state.linked)
	const inverted = useViewer((viewer) => viewer.boxes[active]?.display.invert ?? false)
	const image = boxes[active]
	const history = useMeasurements((state) => (image ? state.images[imageIdOf(image)] : undefined))
	const selected = useMeasurements((state) => state.selected)
	return (
		<div className="viewer-tools" role="toolbar" aria-label="Viewer tools">
			<div className="viewer-tools-group">
				{TOOLS.map(([name, title, key, Icon]) => (
					<ToolButton key={name} title={title} shortcut={key} icon={Icon} pressed={tool === name} run={() => useViewer.getState().setTool(name)} />
				))}
			</div>
			<div className="viewer-tools-group">
				<ToolButton title="Invert" shortcut="I" icon={SunMoon} pressed={inverted} run={invert} />
				{ACTIONS.map(([title, key, Icon, run]) => <ToolButton key={title} title={title} shortcut={key} icon={Icon} run={run} />)}
				<button type="button" className="quiet viewer-tools-word" aria-label="Full size" title="One film pixel on one screen pixel (!)" onClick={fullSize}>1:1</button>
				<ToolButton title="Reset view" shortcut="`" icon={RefreshCcw} run={reset} />
			</div>
			<WindowFields />
			<div className="viewer-tools-group">
				<ToolButton title="Undo" shortcut="Ctrl+Z" icon={Undo2} disabled={!history?.past.length} run={undo} />
				<ToolButton title="Redo" shortcut="Ctrl+Y" icon={Redo2} disabled={!history?.future.length} run={redo} />
				<ToolButton title="Remove measurement" shortcut="Del" icon={Trash2} disabled={selected === null} run={removeSelected} />
			</div>
			<div className="viewer-tools-group">
				{boxes.length > 1 && <ToolButton title="Link light boxes" shortcut="K" icon={Link2} pressed={linked} run={() => useReading.getState().setLinked(!linked)} />}
				<ToolButton title="Corner text" shortcut="O" icon={Info} pressed={info} run={() => useViewer.getState().toggleInfo()} />
			</div>
		</div>
	)
}

interface ToolButtonProperties {
	title: string
	shortcut: string
	icon: LucideIcon
	pressed?: boolean
	disabled?: boolean
	run(): void
}

function ToolButton({ title, shortcut, icon: Icon, pressed, disabled, run }: ToolButtonProperties) {
	return (
		<button type="button" className="icon quiet" aria-label={title} title={`${title} (${shortcut})`} aria-pressed={pressed} disabled={disabled} onClick={run}>
			<Icon aria-hidden />
		</button>
	)
}

/** Centre, width and presets of the active film. */
function WindowFields() {
	const active = useReading((state) => state.active)
	const header = useViewer((viewer) => viewer.boxes[active]?.header ?? null)
	const display = useViewer((viewer) => viewer.boxes[active]?.display)
	const own = useSettings((state) => state.settings.windowPresets)
	const presets = presetsOf(header, own)
	if (!header || !display) return null
	const current = presets.findIndex((preset) => preset.lut === display.lut && (preset.lut || (preset.center === display.center && preset.width === display.width)))
	return (
		<div className="viewer-tools-group viewer-window">
			<NumberField label="Window centre" short="C" value={display.center} commit={(center) => setWindow(center, display.width)} />
			<NumberField label="Window width" short="W" value={display.width} least={1e-6} commit={(width) => setWindow(display.center, width)} />
			<select
				aria-label="Window preset"
				value={current < 0 ? '' : String(current)}
				onChange={(event) => {
					if (event.target.value !== '') applyPreset(Number(event.target.value))
					event.target.blur()
				}}
			>
				{current < 0 && <option value="">Own window</option>}
				{presets.map((preset, index) => <option key={`${index} ${preset.name}`} value={index}>{`${index + 1}. ${preset.name}`}</option>)}
			</select>
			<ToolButton title="Window from the pixels" shortcut="0" icon={Wand2} run={windowFromPixels} />
		</div>
	)
}

/** A number that is taken over with Enter, when the field is left, or by arrow keys (with Shift ten times as far). */
function NumberField({ label, short, value, least = -Infinity, commit }: { label: string; short: string; value: number; least?: number; commit(value: number): void }) {
	const [typed, setTyped] = useState<string | null>(null)
	const step = Math.abs(value) >= 100 ? 10 : Math.abs(value) >= 4 ? 1 : 0.1
	function take(text: string): void {
		const number = Number(text.replace(',', '.'))
		if (text.trim() !== '' && Number.isFinite(number) && number >= least) commit(number)
		setTyped(null)
	}
	return (
		<label className="viewer-number">
			<span aria-hidden>{short}</span>
			<input
				aria-label={label}
				title={label}
				inputMode="decimal"
				className="numbers"
				value={typed ?? shownNumber(value)}
				onChange={(event) => setTyped(event.target.value)}
				onBlur={(event) => typed !== null && take(event.target.value)}
				onKeyDown={(event) => {
					if (event.key === 'Enter') take(event.currentTarget.value)
					else if (event.key === 'Escape') {
						setTyped(null)
						event.currentTarget.blur()
					} else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
						event.preventDefault()
						const next = value + (event.key === 'ArrowUp' ? 1 : -1) * step * (event.shiftKey ? 10 : 1)
						if (next >= least) commit(next)
						setTyped(null)
					}
				}}
			/>
		</label>
	)
}

function shownNumber(value: number): string {
	return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(4)))
}
