/** New run. */
export function Section() {
	return <h1>New run</h1>
}
