/** From the desk. */
export function Section() {
	return <h1>From the desk</h1>
}
