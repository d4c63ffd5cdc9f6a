import type { PanelTab } from '../readingStore.ts'

export const PANEL_TABS: { id: PanelTab; title: string }[] = [
	{ id: 'analysis', title: 'Analysis' },
	{ id: 'findings', title: 'Findings' },
	{ id: 'report', title: 'Report' },
	{ id: 'measurements', title: 'Measurements' },
	{ id: 'metadata', title: 'Metadata' },
]
