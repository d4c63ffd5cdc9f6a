import { HALF_PRECISION } from '../../../common/contract/training/pack.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { Sample } from '../data/dataSet.ts'
import { variantOf, type KeptRun, type Variant } from './keptRun.ts'
import type { ResultsIndex, Role } from './resultsIndex.ts'

/** A kept run and its place in the index. */
export interface Placed {
	role: Role
	run: KeptRun
	variant: Variant
}

/** Runs that differ in their seed alone: a row of a table. */
export interface Row {
	role: Role
	/** Network and side of its input, e.g. OFA-595, 160 x 160. */
	architecture: string
	variant: Variant
	/** By seed. */
	runs: readonly KeptRun[]
}

const ROLES: readonly Role[] = ['teacher', 'alone', 'distilled', 'shortcut']

/**
 * The runs of a task, held to the index.
 * @throws UserError where a run has another seed than the index says, or other labels than the rest.
 */
export function placedRuns(index: ResultsIndex, task: string, runs: ReadonlyMap<string, KeptRun>): Placed[] {
	const placed = index.runs.filter((entry) => entry.task === task).map(({ role, seed, run: id }) => {
		const run = runs.get(id)
		if (!run) throw new UserError(`results/index.json names the run ${id}, which is not kept.`)
		if (run.recipe.seed !== seed) throw new UserError(`results/index.json gives the run ${id} the seed ${seed}; its recipe has ${run.recipe.seed}.`)
		if ((run.environment.teachers.length > 0) !== (role === 'distilled') && (role === 'alone' || role === 'distilled')) {
			throw new UserError(`results/index.json calls the run ${id} ${role}; its recipe has ${run.environment.teachers.length === 0 ? 'no teacher' : 'a teacher'}.`)
		}
		return { role, run, variant: variantOf(run) }
	})
	const labels = placed[0]?.run.evaluation.model.labels.join(', ')
	const other = placed.find(({ run }) => run.evaluation.model.labels.join(', ') !== labels)
	if (other) throw new UserError(`The run ${other.run.id} has other labels than the rest of ${task}.`)
	return placed
}

/** Fields of a recipe that do not set runs apart. */
const NO_DIFFERENCE: ReadonlySet<string> = new Set(['seed', 'name', 'pack', 'threads', 'checkpointEverySteps'])

/** The same for runs whose recipes differ in seed and names alone. Where data and teachers lie may differ too: each seed may have its own. */
function rowKey({ role, run: { recipe, pack, environment }, variant }: Placed): string {
	const own = { ...recipe, data: { ...recipe.data, folder: '' } }
	return JSON.stringify([role, architectureOf(pack), variant, Object.entries(own).filter(([field]) => !NO_DIFFERENCE.has(field)).toSorted(([a], [b]) => (a < b ? -1 : 1)), environment.data.sha256])
}

/** How the weights of a network are stored makes no other network of it. */
function architectureOf({ architecture }: KeptRun['pack']): string {
	return architecture.replace(HALF_PRECISION, '')
}

/** Rows in the order of their roles, then of the index. */
export function rowsOf(placed: readonly Placed[]): Row[] {
	return [...Map.groupBy(placed, rowKey).values()]
		.flatMap((own) => {
			const [first] = own
			return first ? [{ role: first.role, architecture: architectureOf(first.run.pack), variant: first.variant, runs: own.map(({ run }) => run).toSorted((a, b) => a.recipe.seed - b.recipe.seed) }] : []
		})
		.toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role))
}

const ROLE_TITLES: Record<Role, string> = { teacher: 'teacher', alone: 'student alone', distilled: 'student distilled', shortcut: '' }

export function rowTitle({ role, architecture, runs, variant: { begunWith } }: Row): string {
	const taught = role === 'distilled' ? ` by ${[...new Set(runs.flatMap(({ environment }) => environment.teachers.map(({ name }) => name)))].join(', ')}` : ''
	return [`${ROLE_TITLES[role]}${taught}`, `${architecture}${begunWith === '' ? '' : `, begun with ${begunWith}`}`].filter((part) => part !== '').join(': ')
}

/** The same with what tells it from other rows. */
export function longTitle(row: Row): string {
	return `${rowTitle(row)}, ${row.variant.sees}, ${row.runs.length === 1 ? 'seed' : 'seeds'} ${seedsOf(row)}`
}

export function seedsOf({ runs }: Row): string {
	return runs.map(({ recipe }) => recipe.seed).join(', ')
}

export function ofSplit(split: Sample['split']): (sample: Sample) => boolean {
	return (sample) => sample.split === split
}

/** Value of a column of the data set; "source" is one of them. */
export function valueOf(sample: Sample, column: string): string {
	return column === 'source' ? sample.source : sample.attributes[column] ?? ''
}
