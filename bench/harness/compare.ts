/** One line of a benchmark: two things measured in turn in the same run, medians. ratio = ours / reference. */
export interface BenchRow {
	name: string
	unit: string
	ours: number
	reference: number
	ratio: number
	runs: number
}

/** Tells a person what goes on; goes to standard error. */
export type Say = (line: string) => void

export function median(values: readonly number[]): number {
	const order = values.toSorted((a, b) => a - b)
	const middle = order.length >> 1
	return order.length % 2 === 1 ? (order[middle] as number) : ((order[middle - 1] as number) + (order[middle] as number)) / 2
}

/** Milliseconds that some work takes. */
export async function timed(work: () => unknown): Promise<number> {
	const started = performance.now()
	await work()
	return performance.now() - started
}

export function rowOf(name: string, unit: string, ours: readonly number[], reference: readonly number[]): BenchRow {
	const [mine, theirs] = [median(ours), median(reference)]
	return { name, unit, ours: mine, reference: theirs, ratio: mine / theirs, runs: ours.length }
}

/**
 * Measures two ways to the same result in turn, so that a busy machine slows both; who goes first changes every time.
 * Each returns its own measure (a time unless it says otherwise in the unit) or nothing, and then its milliseconds count.
 */
export async function compare(
	name: string,
	ways: { ours: () => unknown; reference: () => unknown },
	{ runs = 15, warmUps = 3, unit = 'ms' }: { runs?: number; warmUps?: number; unit?: string } = {},
): Promise<BenchRow> {
	const measures: Record<'ours' | 'reference', number[]> = { ours: [], reference: [] }
	for (let run = -warmUps; run < runs; run++) {
		const order = run % 2 === 0 ? (['ours', 'reference'] as const) : (['reference', 'ours'] as const)
		for (const way of order) {
			let own: unknown
			const milliseconds = await timed(async () => {
				own = await ways[way]()
			})
			if (run >= 0) measures[way].push(typeof own === 'number' ? own : milliseconds)
		}
	}
	return rowOf(name, unit, measures.ours, measures.reference)
}
