/** Places from one to another, both inclusive, no more than so many from the first on. cut: there were more. */
export function rangeFrom(from: number, to: number, most: number): { first: number; last: number; cut: boolean } {
	const reach = Math.max(0, most - 1)
	const end = to >= from ? Math.min(to, from + reach) : Math.max(to, from - reach)
	return { first: Math.min(from, end), last: Math.max(from, end), cut: end !== to }
}
