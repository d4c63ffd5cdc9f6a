/**
 * The sections of the Admin room in their order. Each is the component `Section` of `admin/<section>/Section.tsx`, which is
 * fetched when it is first shown. The files are not named here: sections lead to one another, so the table must import none.
 */
export const SECTIONS = [
	{ section: 'models', title: 'Models' },
	{ section: 'dataSets', title: 'Data sets' },
	{ section: 'newRun', title: 'New run' },
	{ section: 'runs', title: 'Runs' },
	{ section: 'promotion', title: 'Promotion' },
	{ section: 'learning', title: 'From the desk' },
	{ section: 'drift', title: 'Drift' },
] as const

export type AdminSection = (typeof SECTIONS)[number]['section']

export function sectionTitle(section: AdminSection): string {
	return SECTIONS.find((candidate) => candidate.section === section)?.title ?? ''
}
