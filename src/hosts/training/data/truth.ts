import { UserError } from '../../../common/contract/procedures.ts'
import type { LabelledDataRecipe, Uncertainty } from '../../../common/contract/training/data.ts'
import { leaveOut, type Entry, type Listing } from './layouts/listing.ts'
import { DATA_LIMITS } from './limits.ts'

export type Labelled = Entry & { values: (number | null)[] }

const UNCERTAIN: Record<Uncertainty, number | null> = { ignore: null, zeros: 0, ones: 1, smoothed: 0.7 }

/**
 * The labels to learn and the truth of each image in their order: mapping, then the recipe's choice, then the rule for uncertain labels.
 * Several names of the data that become one label: present where one of them is, not known where none is present and one is not known.
 * @throws UserError naming the field of the recipe that does not fit the data.
 */
export function resolveTruth(recipe: LabelledDataRecipe, listing: Listing): { labels: string[]; entries: Labelled[] } {
	const { names } = listing
	for (const name of Object.keys(recipe.mapping)) {
		if (!names.includes(name)) throw new UserError(`data.mapping: the data has no label "${name}". It has ${listed(names)}.`)
	}
	const target = (name: string): string | null => (Object.hasOwn(recipe.mapping, name) ? (recipe.mapping[name] ?? null) : name)
	const labels = recipe.labels ?? [...new Set(defaultNames(recipe, names).map(target).filter((label) => label !== null))]
	const sources = labels.map((label) => names.filter((name) => target(name) === label))
	const nowhere = labels.find((_, index) => sources[index]?.length === 0)
	if (nowhere !== undefined) throw new UserError(`data.labels: the data has no label "${nowhere}". It has ${listed(names)}.`)
	if (labels.length === 0) throw new UserError('data: there is no label to learn.')
	if (labels.length > DATA_LIMITS.labels) throw new UserError(`data: there are ${labels.length} labels; up to ${DATA_LIMITS.labels} are learnt. Name them in data.labels.`)
	const policies = labels.map((label) => uncertaintyOf(recipe, label))
	for (const label of 'uncertaintyOf' in recipe ? Object.keys(recipe.uncertaintyOf) : []) {
		if (!labels.includes(label)) throw new UserError(`data.uncertaintyOf: "${label}" is none of the labels.`)
	}
	const entries: Labelled[] = []
	for (const entry of listing.entries) {
		const { truth } = entry
		if (typeof truth === 'string') {
			const index = labels.indexOf(target(truth) ?? '')
			if (index < 0 || target(truth) === null) leaveOut(listing, `label ${truth}`)
			else entries.push({ ...entry, values: labels.map((_, other) => (other === index ? 1 : 0)) })
		} else {
			entries.push({ ...entry, values: sources.map((own, index) => joined(own.map((name) => valueOf(truth.get(name), listing.unnamed, policies[index] ?? 'ignore')))) })
		}
	}
	return { labels, entries }
}

/** "No Finding" of ChestX-ray14 is the absence of the others: a label where the recipe asks for it. */
function defaultNames(recipe: LabelledDataRecipe, names: readonly string[]): readonly string[] {
	return recipe.layout === 'chestx-ray14' || recipe.layout === 'manifest' ? names.filter((name) => name !== 'No Finding') : names
}

function uncertaintyOf(recipe: LabelledDataRecipe, label: string): Uncertainty {
	if (!('uncertainty' in recipe)) return 'ignore'
	return (Object.hasOwn(recipe.uncertaintyOf, label) ? recipe.uncertaintyOf[label] : undefined) ?? recipe.uncertainty
}

function valueOf(value: number | null | undefined, unnamed: 0 | null, policy: Uncertainty): number | null {
	if (value === undefined) return unnamed
	return value === -1 ? UNCERTAIN[policy] : value
}

function joined(values: readonly (number | null)[]): number | null {
	const known = values.filter((value) => value !== null)
	const largest = Math.max(0, ...known)
	return largest === 1 || known.length === values.length ? largest : null
}

function listed(names: readonly string[]): string {
	return names.length === 0 ? 'none' : `${names.slice(0, 30).map((name) => name.slice(0, 60)).join(', ')}${names.length > 30 ? ' and others' : ''}`
}
