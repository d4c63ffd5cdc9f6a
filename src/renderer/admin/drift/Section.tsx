/** Drift. */
export function Section() {
	return <h1>Drift</h1>
}
