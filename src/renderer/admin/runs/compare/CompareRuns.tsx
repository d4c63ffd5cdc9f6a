/** Runs side by side. */
export function CompareRuns({ ids }: { ids: readonly string[] }) {
	return <p>{ids.join(' ')}</p>
}
