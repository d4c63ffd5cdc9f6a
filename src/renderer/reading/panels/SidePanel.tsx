import './panels.css'
import { lazy, Suspense, useEffect, useId, useRef, type KeyboardEvent } from 'react'
import { tabAfterKey } from '../../ui/tabAfterKey.ts'
import { useReading, type PanelTab } from '../readingStore.ts'
import { AnalysisPanel } from './analysis/AnalysisPanel.tsx'
import { FindingsPanel } from './findings/FindingsPanel.tsx'
import { usePanelFocus } from './panelFocus.ts'
import { PANEL_TABS } from './panelTabs.ts'
import { ReportPanel } from './report/ReportPanel.tsx'

const MeasurementList = lazy(() => import('../viewer/MeasurementList.tsx').then((module) => ({ default: module.MeasurementList })))
const MetadataTable = lazy(() => import('../viewer/MetadataTable.tsx').then((module) => ({ default: module.MetadataTable })))

const CONTENT: Record<PanelTab, React.ComponentType> = {
	analysis: AnalysisPanel,
	findings: FindingsPanel,
	report: ReportPanel,
	measurements: MeasurementList,
	metadata: MetadataTable,
}

function focusTab(tabs: HTMLElement | null, wanted: PanelTab): void {
	tabs?.querySelector<HTMLElement>(`[data-tab="${wanted}"]`)?.focus()
}

/** The panel beside the film: analysis, findings, report, measurements and metadata of the open study. */
export function SidePanel() {
	const tab = useReading((state) => state.tab)
	const setTab = useReading((state) => state.setTab)
	const id = useId()
	const tabs = useRef<HTMLDivElement>(null)
	const Content = CONTENT[tab]

	function press(event: KeyboardEvent): void {
		const target = tabAfterKey(PANEL_TABS.map(({ id: name }) => name), tab, event.key)
		if (!target) return
		event.preventDefault()
		setTab(target)
		focusTab(tabs.current, target)
	}

	const focusWanted = usePanelFocus((state) => state.wanted)
	useEffect(() => {
		if (!focusWanted) return
		usePanelFocus.setState({ wanted: false })
		focusTab(tabs.current, tab)
	}, [focusWanted, tab])

	return (
		<aside className="side-panel" aria-label="Side panel">
			<div className="panel-tabs" role="tablist" aria-label="Side panel" ref={tabs} onKeyDown={press}>
				{PANEL_TABS.map(({ id: name, title }) => (
					<button
						key={name} type="button" role="tab" className="panel-tab" data-tab={name} id={`${id}-tab-${name}`}
						aria-selected={name === tab} aria-controls={name === tab ? `${id}-panel` : undefined} tabIndex={name === tab ? 0 : -1}
						onClick={() => setTab(name)}
					>
						{title}
					</button>
				))}
			</div>
			<div className="panel-content" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${tab}`} tabIndex={-1}>
				<Suspense fallback={<p className="panel-note muted">Opening</p>}>
					<Content />
				</Suspense>
			</div>
		</aside>
	)
}
