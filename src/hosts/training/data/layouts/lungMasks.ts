import { UserError } from '../../../../common/contract/procedures.ts'
import type { DataRecipeOf } from '../../../../common/contract/training/data.ts'
import { listTruth } from '../../explanations/truth/listTruth.ts'
import { leaveOut, newListing, type Listing } from './listing.ts'

/** The one thing that is learned of a film with a mask. */
export const LUNGS = 'lungs'

/**
 * Films of which a folder has masks of the lungs, by the same tables as those that maps are measured on. A film that two sets have is taken from the first of them.
 * @throws UserError where there is none, or a set is not there.
 */
export async function listLungMasks(recipe: DataRecipeOf<'lung-masks'>, folder: string): Promise<Listing> {
	const truth = await listTruth(folder)
	const sets = [...new Set(truth.films.map(({ set }) => set))]
	const missing = recipe.sets?.find((set) => !sets.includes(set))
	if (missing !== undefined) throw new UserError(`data.sets: ${folder} has no set "${missing}". It has ${sets.join(', ') || 'none'}.`)
	const listing = newListing('segmentation', [LUNGS])
	listing.refused.push(...truth.refused)
	for (const [reason, count] of truth.leftOut) listing.filtered.set(reason, count)
	const seen = new Set<string>()
	for (const { set, id, path, split, group, lungs, film } of truth.films) {
		if (recipe.sets && !recipe.sets.includes(set)) leaveOut(listing, `set ${set}`)
		else if (lungs?.kind !== 'mask') leaveOut(listing, `${set}: film without a mask of both lungs`)
		else if (film !== undefined && seen.has(film)) leaveOut(listing, `${set}: film that another set has too`)
		else {
			if (film !== undefined) seen.add(film)
			listing.entries.push({ id, path, truth: new Map([[LUNGS, 1]]), split, group, source: set, attributes: {}, mask: { id: lungs.id, path: lungs.path } })
		}
	}
	if (listing.entries.length === 0) throw new UserError(`${folder} has no film with a mask of the lungs that the recipe can use.`)
	return listing
}
