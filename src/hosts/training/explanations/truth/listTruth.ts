import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { hasKnownSets, listKnownSets } from './knownSets.ts'
import { listManifestTruth } from './manifestTruth.ts'
import type { TruthListing } from './truthFilm.ts'

/**
 * Films of which a folder says where lungs or findings are: by columns of its manifest.csv, or as the known sets lie there.
 * @throws UserError where it says so of none.
 */
export async function listTruth(folder: string): Promise<TruthListing> {
	const listing = existsSync(join(folder, 'manifest.csv')) ? await listManifestTruth(folder) : hasKnownSets(folder) ? await listKnownSets(folder) : null
	if (!listing) throw new UserError(`${folder} has neither a manifest.csv nor a set of films with masks or boxes that is known (ieee_seg, v7_lungs, nih_boxes_256px.csv, COVID-QU-Ex).`)
	return listing
}
