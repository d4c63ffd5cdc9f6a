import { cache, getRenderingCapabilities, getRenderingEngine, init as initCore, RenderingEngine, setUseCPURendering } from '@cornerstonejs/core'
import {
	addTool, AngleTool, annotation, BaseTool, cancelActiveManipulations, EllipticalROITool, Enums as ToolEnums, init as initTools, LengthTool,
	RectangleROITool, ToolGroupManager, type Types as ToolTypes,
} from '@cornerstonejs/tools'
import type { Annotation } from '../../../common/contract/annotation.ts'
import { dragFilm } from './dragging.ts'
import { registerFrames } from './images.ts'
import { textOfMeasurement } from './measurementText.ts'
import type { ViewerTool } from './viewerStore.ts'

/**
 * What of Cornerstone3D is one for the whole viewer: its start, its cache and its tools.
 * Two films are shown at most; the bound is for what Cornerstone keeps of them besides the textures.
 */
const CACHE_BYTES = 256 * 1024 * 1024
const ENGINE_ID = 'light-boxes'
const TOOL_GROUP_ID = 'light-boxes'

/** Cornerstone's name of each tool. */
export const TOOL_NAMES = {
	window: 'FilmWindow', zoom: 'FilmZoom', pan: 'FilmPan',
	length: 'Length', angle: 'Angle', ellipse: 'EllipticalROI', rectangle: 'RectangleROI',
} as const satisfies Record<ViewerTool, string>

/** Hands Cornerstone's drags to the viewer; Cornerstone decides whether a drag belongs to it or to a measurement below the pointer. */
function filmTool(tool: 'window' | 'zoom' | 'pan') {
	return class extends BaseTool {
		static override toolName = TOOL_NAMES[tool]
		constructor(properties: ToolTypes.PublicToolProps = {}, defaults: ToolTypes.ToolProps = { supportedInteractionTypes: ['Mouse', 'Touch'] }) {
			super(properties, defaults)
		}
		mouseDragCallback({ detail }: { detail: ToolTypes.EventTypes.MouseDragEventDetail }): void {
			dragFilm(tool, detail.element, detail.deltaPoints.canvas, detail.startPoints.canvas)
		}
		touchDragCallback(event: { detail: ToolTypes.EventTypes.MouseDragEventDetail }): void {
			this.mouseDragCallback(event)
		}
	}
}

const MEASUREMENT_STYLE = {
	color: 'rgb(143, 183, 245)', colorHighlighted: 'rgb(200, 220, 255)', colorSelected: 'rgb(255, 255, 255)',
	textBoxColor: 'rgb(200, 220, 255)', textBoxColorHighlighted: 'rgb(255, 255, 255)', textBoxColorSelected: 'rgb(255, 255, 255)',
	textBoxFontFamily: 'Inter Variable, system-ui, sans-serif', textBoxFontSize: '12px', textBoxShadow: false, lineWidth: '1.5',
}

const MEASURING: Annotation['tool'][] = ['length', 'angle', 'ellipse', 'rectangle']
let started = false

/**
 * Starts Cornerstone3D once. Films are drawn by the graphics; on the processor where there is no WebGL or where WebGL itself runs
 * on the processor, because our own drawing is then the faster one. localStorage "rendering" = "cpu" or "gpu" forces one of them.
 */
export function startCornerstone(): RenderingEngine {
	if (!started) {
		started = true
		initCore()
		const forced = localStorage.getItem('rendering')
		const { webgl, softwareRasterizer } = getRenderingCapabilities()
		setUseCPURendering(!webgl || forced === 'cpu' || (softwareRasterizer && forced !== 'gpu'))
		initTools()
		cache.setMaxCacheSize(CACHE_BYTES)
		registerFrames()
		createTools()
	}
	return (getRenderingEngine(ENGINE_ID) as RenderingEngine | undefined) ?? new RenderingEngine(ENGINE_ID)
}

function createTools(): void {
	for (const tool of [filmTool('window'), filmTool('zoom'), filmTool('pan'), LengthTool, AngleTool, EllipticalROITool, RectangleROITool]) addTool(tool)
	const { style } = annotation.config
	const before = style.getDefaultToolStyles()
	style.setDefaultToolStyles({ ...before, global: { ...before.global, ...MEASUREMENT_STYLE } })
	const group = ToolGroupManager.createToolGroup(TOOL_GROUP_ID)
	if (!group) return
	for (const tool of ['window', 'zoom', 'pan'] as const) group.addTool(TOOL_NAMES[tool])
	for (const tool of MEASURING) {
		// Numbers are ours (statistics.ts): computed from the Frame, with millimetres only where it carries a spacing.
		group.addTool(TOOL_NAMES[tool], { calculateStats: false, getTextLines: textOfMeasurement(tool), actions: {} })
	}
}

/** Puts the light box of an enabled element under the tools. */
export function giveTools(viewportId: string): void {
	ToolGroupManager.getToolGroup(TOOL_GROUP_ID)?.addViewport(viewportId, ENGINE_ID)
}

/** Left button: the tool. Middle: pan. Right: zoom. Measurements can be taken hold of under every tool. */
export function chooseTool(tool: ViewerTool): void {
	const group = ToolGroupManager.getToolGroup(TOOL_GROUP_ID)
	if (!group) return
	const { Primary, Secondary, Auxiliary } = ToolEnums.MouseBindings
	for (const name of Object.values(TOOL_NAMES)) group.setToolPassive(name, { removeAllBindings: true })
	const bindings = new Map<ViewerTool, ToolEnums.MouseBindings[]>([['zoom', [Secondary]], ['pan', [Auxiliary]]])
	bindings.set(tool, [Primary, ...(bindings.get(tool) ?? [])])
	for (const [bound, buttons] of bindings) {
		group.setToolActive(TOOL_NAMES[bound], { bindings: buttons.map((mouseButton) => ({ mouseButton })) })
	}
}

/** Ends a measurement that is being drawn. @returns whether there was one. */
export function cancelDrawing(element: HTMLDivElement): boolean {
	return cancelActiveManipulations(element) !== undefined
}

export function engine(): RenderingEngine | undefined {
	return getRenderingEngine(ENGINE_ID) as RenderingEngine | undefined
}
