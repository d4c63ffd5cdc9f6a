import './panels.css'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { Tabs } from '../../ui/Tabs.tsx'
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

/** The panel beside the film: analysis, findings, report, measurements and metadata of the open study. */
export function SidePanel() {
	const tab = useReading((state) => state.tab)
	const setTab = useReading((state) => state.setTab)
	const panel = useRef<HTMLElement>(null)
	const Content = CONTENT[tab]

	const focusWanted = usePanelFocus((state) => state.wanted)
	useEffect(() => {
		if (!focusWanted) return
		usePanelFocus.setState({ wanted: false })
		panel.current?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus()
	}, [focusWanted])

	return (
		<aside className="side-panel" aria-label="Side panel" ref={panel}>
			<Tabs label="Side panel" tabs={PANEL_TABS} shown={tab} onShow={setTab}>
				<div className="panel-content" tabIndex={-1}>
					<Suspense fallback={<p className="panel-note muted">Opening</p>}>
						<Content />
					</Suspense>
				</div>
			</Tabs>
		</aside>
	)
}
