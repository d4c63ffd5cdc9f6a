/** Promotion. */
export function Section() {
	return <h1>Promotion</h1>
}
