import type { Measurements, Task } from '../measurements.ts'
import { differenceOf } from '../rows.ts'

/** Films that are shown, and by what they were chosen: no hand picks them. */
interface ExampleSet {
	title: string
	/** How they were chosen. */
	criterion: string
	examples: { task: Task; value: string }[]
}

/** Of each kind. */
const SHOWN = 3

/** The first, the middle and the last films by what was measured of the model's Score-CAM. */
export function chooseExamples(results: Measurements, tasks: readonly Task[]): ExampleSet[] {
	const byId = new Map(tasks.flatMap((task) => (task.film ? [[task.film.id, task] as const] : [])))
	const byLocated = new Map(tasks.flatMap((task) => task.located.map(({ set, id }) => [`${set}\n${id}`, task] as const)))
	const faithful = ranked(results.faithfulness.filter(({ model, method, record }) => model === 'model' && method === 'score-cam' && record.measured.verdict !== 'empty').map(({ id, record }) => ({ task: byId.get(id), value: differenceOf(record) })))
	const located = ranked(results.located.filter(({ model, method, truth }) => model === 'model' && method === 'score-cam' && truth === 'finding').map(({ set, id, energy }) => ({ task: byLocated.get(`${set}\n${id}`), value: energy ? energy.energyShare - energy.areaShare : null })))
	const compared = ranked(results.comparison.map(({ id, comparison }) => ({ task: byId.get(id), value: comparison?.correlation ?? null })))
	const sets: ExampleSet[] = [
		...ends(faithful, 'Most faithful maps', 'Least faithful maps', 'insertion minus deletion', (value) => `insertion - deletion ${value.toFixed(3)}`),
		...ends(located, 'Maps that lie in the finding', 'Maps that miss the finding', "share of the map inside the finding's region minus the share of the film that the region covers", (value) => `energy inside - area ${value.toFixed(3)}`),
		{ title: 'Where student and teacher disagree', criterion: "lowest correlation of the two networks' maps of the label that the model calls", examples: compared.toReversed().slice(0, SHOWN).map(({ task, value }) => ({ task, value: `correlation ${value.toFixed(3)}` })) },
	]
	return sets.filter(({ examples }) => examples.length > 0)
}

interface Ranked {
	task: Task
	value: number
}

/** From the largest to the smallest. */
function ranked(items: readonly { task: Task | undefined; value: number | null }[]): Ranked[] {
	return items.flatMap(({ task, value }) => (task && value !== null ? [{ task, value }] : [])).toSorted((a, b) => b.value - a.value || (a.task.path < b.task.path ? -1 : 1))
}

/** The two ends of a ranking, and its middle. A film stands in one of them alone. */
function ends(all: readonly Ranked[], best: string, worst: string, what: string, words: (value: number) => string): ExampleSet[] {
	const count = Math.min(SHOWN, Math.ceil(all.length / 3))
	const middle = Math.floor((all.length - count) / 2)
	const show = (own: readonly Ranked[]) => own.map(({ task, value }) => ({ task, value: words(value) }))
	const first = all.slice(0, count)
	const last = all.slice(Math.max(count, all.length - count)).toReversed()
	const between = all.slice(Math.max(middle, count), Math.min(middle + count, all.length - count))
	return [
		{ title: best, criterion: `largest ${what}`, examples: show(first) },
		{ title: `${best}: the middle of the ranking`, criterion: `around the median of ${what}`, examples: show(between) },
		{ title: worst, criterion: `smallest ${what}`, examples: show(last) },
	]
}
