import type { MapComparison } from '../../../common/cam/compareMaps.ts'
import type { MapEnergy } from '../../../common/cam/energy.ts'
import {
	COMPARISON_COLUMNS, FAITHFULNESS_COLUMNS, LOCALISATION_COLUMNS, type ComparisonRow, type ExplainedModel, type ExplanationMethod, type FaithfulnessRow, type LocalisationRow, type Mean, type RowGroup,
} from '../../../common/contract/training/explanationSet.ts'
import type { Split } from '../data/dataSet.ts'
import { groupMeans } from '../../../common/stats/groupMeans.ts'
import type { FaithfulnessRecord } from './records.ts'

/** What every measured film tells of itself. */
interface Measured {
	id: string
	group: string
}

export interface MeasuredFaithfulness extends Measured {
	model: ExplainedModel
	method: ExplanationMethod
	/** The rows that it counts in. */
	rowGroups: readonly RowGroup[]
	record: FaithfulnessRecord
	/** Insertion minus deletion of the film's random map of the same network; null where that is empty. */
	randomDifference: number | null
}

export interface MeasuredLocation extends Measured {
	model: ExplainedModel
	method: ExplanationMethod
	set: string
	truth: LocalisationRow['truth']
	split: Split | null
	/** Null where the map is 0 everywhere. */
	energy: MapEnergy | null
}

export interface MeasuredComparison extends Measured {
	rowGroups: readonly RowGroup[]
	/** Null where the teacher does not have the label. */
	comparison: Pick<MapComparison, 'correlation' | 'rankCorrelation' | 'topFifthOverlap'> | null
	sameCall: boolean
}

type Columns<Name extends string> = Record<Name, number | null>

/** Insertion minus deletion. */
export function differenceOf({ measured }: FaithfulnessRecord): number {
	return measured.insertion.area - measured.deletion.area
}

function dropOf(probability: number, masked: number): number {
	return probability > 0 ? (100 * Math.max(0, probability - masked)) / probability : 0
}

/** The columns of one film; of an empty map, which ranks nothing, only those that need no ranking. */
function faithfulnessColumns({ record, randomDifference }: MeasuredFaithfulness): Columns<(typeof FAITHFULNESS_COLUMNS)[number]> {
	const { measured, topHalfProbability } = record
	const ranked = measured.verdict !== 'empty'
	const difference = differenceOf(record)
	return {
		insertion: ranked ? measured.insertion.area : null,
		deletion: ranked ? measured.deletion.area : null,
		difference: ranked ? difference : null,
		overRandom: ranked && randomDifference !== null ? difference - randomDifference : null,
		drop: 100 * measured.drop,
		increase: measured.increased ? 100 : 0,
		dropTopHalf: dropOf(measured.probability, topHalfProbability),
		increaseTopHalf: topHalfProbability > measured.probability ? 100 : 0,
		better: measured.verdict === 'better' ? 100 : 0,
	}
}

function means<Item extends Measured, Name extends string>(items: readonly Item[], names: readonly Name[], columnsOf: (item: Item) => Columns<Name>): Record<Name, Mean> {
	const rows = items.map((item) => {
		const columns = columnsOf(item)
		return names.map((name) => columns[name])
	})
	const found = groupMeans(rows, items.map(({ group }) => group), names.length)
	return Object.fromEntries(names.map((name, column) => [name, found[column]])) as Record<Name, Mean>
}

function countsOf(items: readonly Measured[]): { n: number; groups: number } {
	return { n: items.length, groups: new Set(items.map(({ group }) => group)).size }
}

/** Items by the value of a key, in the order in which they come. */
function by<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): Item[][] {
	return [...Map.groupBy(items, (item) => JSON.stringify(keyOf(item))).values()]
}

/** The row groups in order: all films, then by column. */
function rowGroupsOf(items: readonly { rowGroups: readonly RowGroup[] }[]): RowGroup[] {
	const all = new Map(items.flatMap(({ rowGroups }) => rowGroups.map((group) => [JSON.stringify([group.column, group.value]), group] as const)))
	const columns = [...new Set([...all.values()].map(({ column }) => column))]
	return columns.flatMap((column) => [...all.values()].filter((group) => group.column === column).toSorted((a, b) => (a.value < b.value ? -1 : 1)))
}

function isIn(group: RowGroup): (item: { rowGroups: readonly RowGroup[] }) => boolean {
	return ({ rowGroups }) => rowGroups.some(({ column, value }) => column === group.column && value === group.value)
}

export function faithfulnessRows(all: readonly MeasuredFaithfulness[]): FaithfulnessRow[] {
	return rowGroupsOf(all).flatMap((group) => by(all.filter(isIn(group)), ({ model, method }) => [model, method]).map((items) => {
		const { model, method } = items[0] as MeasuredFaithfulness
		return { model, method, group, ...countsOf(items), empty: items.filter(({ record }) => record.measured.verdict === 'empty').length, ...means(items, FAITHFULNESS_COLUMNS, faithfulnessColumns) }
	}))
}

export function localisationRows(all: readonly MeasuredLocation[]): LocalisationRow[] {
	return by(all, ({ set, truth, split, model, method }) => [set, truth, split, model, method]).map((items) => {
		const { set, truth, split, model, method } = items[0] as MeasuredLocation
		const columns = means(items, LOCALISATION_COLUMNS, ({ energy }) => ({
			energy: energy?.energyShare ?? null, area: energy?.areaShare ?? null, gain: energy && energy.energyShare - energy.areaShare, hits: energy && Number(energy.hit),
		}))
		return { model, method, set, truth, split, ...countsOf(items), empty: items.filter(({ energy }) => energy === null).length, ...columns }
	})
}

export function comparisonRows(all: readonly MeasuredComparison[]): ComparisonRow[] {
	return rowGroupsOf(all).map((group) => {
		const items = all.filter(isIn(group))
		const columns = means(items, COMPARISON_COLUMNS, ({ comparison, sameCall }) => ({
			correlation: comparison?.correlation ?? null, rankCorrelation: comparison?.rankCorrelation ?? null, topFifthOverlap: comparison?.topFifthOverlap ?? null, sameCall: Number(sameCall),
		}))
		return { group, ...countsOf(items), ...columns }
	})
}
