import type { PanelTab } from '../readingStore.ts'

export const PANEL_TABS: { id: PanelTab; title: string }[] = [
	{ id: 'analysis', title: 'Analysis' },
	{ id: 'findings', title: 'Findings' },
	{ id: 'report', title: 'Report' },
	{ id: 'measurements', title: 'Measurements' },
	{ id: 'metadata', title: 'Metadata' },
]

/** The tab that a key moves to from the present one, as the ARIA pattern of tabs has it; null for every other key. */
export function tabAfterKey(present: PanelTab, key: string): PanelTab | null {
	const last = PANEL_TABS.length - 1
	const index = PANEL_TABS.findIndex((tab) => tab.id === present)
	const target = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index <= 0 ? last : index - 1, Home: 0, End: last }[key]
	return target === undefined ? null : (PANEL_TABS[target]?.id ?? null)
}
