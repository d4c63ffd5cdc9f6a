import type { SplitResults } from '../../../common/contract/training/evaluation.ts'

export type Reliability = SplitResults['reliability']
export type Bin = Reliability['before']['bins'][number]

/** A bin with cases in it, and where it lies on the diagram. */
export interface FilledBin {
	confidence: number
	share: number
}

/** The bins that have cases, in their order. */
export function filledBins(bins: readonly Bin[]): FilledBin[] {
	return bins.flatMap(({ confidence, share }) => (confidence === null || share === null ? [] : [{ confidence, share }]))
}

/** The cases of the fullest bin, before or after; 1 where there are none. */
export function fullestBin({ before, after }: Reliability): number {
	return Math.max(1, ...before.bins.map(({ n }) => n), ...after.bins.map(({ n }) => n))
}

/** A bin's limits: "0.1 to 0.2". */
export function binTitle({ lower, upper }: Bin): string {
	return `${Number(lower.toFixed(3))} to ${Number(upper.toFixed(3))}`
}
