/** Runs. */
export function Section() {
	return <h1>Runs</h1>
}
