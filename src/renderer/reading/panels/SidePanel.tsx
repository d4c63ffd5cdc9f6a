/** The panel beside the film: analysis, findings, report, measurements and metadata of the open study. */
export function SidePanel() {
	return <aside className="side-panel" aria-label="Side panel" />
}
