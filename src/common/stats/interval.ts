/** A repeatable sequence of numbers in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0
	return () => {
		state = (state + 0x6d2b79f5) >>> 0
		let mixed = Math.imul(state ^ (state >>> 15), state | 1)
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
	}
}

/**
 * 95 % interval of a statistic by the percentile bootstrap over groups (patients): whole groups are drawn with replacement, because images of
 * one patient are not independent.
 * @param statistic Of the drawn case numbers; null where it is not defined for them, such draws are left out.
 */
export function groupBootstrapInterval(groups: readonly string[], statistic: (cases: number[]) => number | null, resamples = 1000, seed = 1): [number, number] {
	const byGroup = [...Map.groupBy(groups.keys(), (index) => groups[index] as string).values()]
	const random = seededRandom(seed)
	const values: number[] = []
	for (let resample = 0; resample < resamples; resample++) {
		const cases: number[] = []
		for (let draw = 0; draw < byGroup.length; draw++) cases.push(...(byGroup[Math.floor(random() * byGroup.length)] as number[]))
		const value = statistic(cases)
		if (value !== null && Number.isFinite(value)) values.push(value)
	}
	const order = values.toSorted((a, b) => a - b)
	const at = (share: number) => order[Math.min(Math.max(Math.round(share * (order.length - 1)), 0), order.length - 1)] ?? Number.NaN
	return [at(0.025), at(0.975)]
}
