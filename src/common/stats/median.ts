/** The middle value, or the mean of the two in the middle; null of nothing. */
export function medianOf(values: readonly number[]): number | null {
	const order = values.toSorted((a, b) => a - b)
	const [low, high] = [order[Math.floor((order.length - 1) / 2)], order[Math.floor(order.length / 2)]]
	return low === undefined || high === undefined ? null : (low + high) / 2
}
