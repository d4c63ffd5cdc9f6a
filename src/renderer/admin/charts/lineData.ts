/** Points of several lines over one x, which grow while they are looked at. It is no React state: a chart draws what stands here at its next frame. */
export interface LineData {
	/** Rising. */
	readonly x: readonly number[]
	/** One value for each x; null where the line has none. */
	values(line: string): readonly (number | null)[]
	/**
	 * Adds what some of the lines have at an x. At the last x once more, the values join those that are there. A smaller x means that a run
	 * went back to its checkpoint: what stood from there on is dropped. A value that is not finite is none.
	 */
	append(x: number, values: Readonly<Record<string, number | null>>): void
	/** @returns ends it. */
	subscribe(listener: () => void): () => void
}

export function createLineData(): LineData {
	const x: number[] = []
	const columns = new Map<string, (number | null)[]>()
	const listeners = new Set<() => void>()

	function column(line: string): (number | null)[] {
		let values = columns.get(line)
		if (!values) columns.set(line, (values = x.map(() => null)))
		return values
	}

	function addRow(at: number): void {
		if (at < (x.at(-1) ?? -Infinity)) {
			const kept = rowsBelow(x, at)
			for (const values of [x, ...columns.values()]) values.length = kept
		}
		if (x.at(-1) === at) return
		x.push(at)
		for (const values of columns.values()) values.push(null)
	}

	return {
		x,
		values: column,
		append(at, values) {
			if (!Number.isFinite(at)) throw new RangeError(`A chart has no place for a point at ${at}.`)
			addRow(at)
			for (const [line, value] of Object.entries(values)) column(line)[x.length - 1] = Number.isFinite(value) ? value : null
			for (const listener of listeners) listener()
		},
		subscribe(listener) {
			listeners.add(listener)
			return () => void listeners.delete(listener)
		},
	}
}

/** How many of the rising values lie below a limit. */
export function rowsBelow(rising: readonly number[], limit: number): number {
	let [low, high] = [0, rising.length]
	while (low < high) {
		const middle = (low + high) >> 1
		if ((rising[middle] ?? Infinity) < limit) low = middle + 1
		else high = middle
	}
	return low
}

/** Finished lines, each over an x of its own (runs that are compared). @param lines x rising, y as long as x. */
export function joinLines(lines: Readonly<Record<string, { x: readonly number[]; y: readonly (number | null)[] }>>): LineData {
	const data = createLineData()
	const rows = new Map<number, Record<string, number | null>>()
	for (const [line, { x, y }] of Object.entries(lines)) {
		for (const [index, at] of x.entries()) {
			const row = rows.get(at) ?? {}
			row[line] = y[index] ?? null
			rows.set(at, row)
		}
	}
	for (const [at, row] of [...rows].toSorted(([one], [other]) => one - other)) data.append(at, row)
	return data
}
