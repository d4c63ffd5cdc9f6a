/** Keeps a value under its key as the newest one, and of all that are kept the newest so many. */
export function keepNewest<Key, Value>(kept: Map<Key, Value>, most: number, key: Key, value: Value): void {
	// A map goes through its keys in the order in which they came.
	kept.delete(key)
	kept.set(key, value)
	for (const oldest of kept.keys()) {
		if (kept.size <= most) break
		kept.delete(oldest)
	}
}
