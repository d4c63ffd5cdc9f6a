import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { LC25000_LABELS } from '../../../../common/contract/training/data.ts'
import { foldersOf, imagesBelow, plainName } from '../paths.ts'
import { newListing, type Listing } from './listing.ts'

/**
 * LC25000: lung_colon_image_set/{lung,colon}_image_sets/<class>/*.jpeg, or the five folders alone. No splits; the images are turned and mirrored copies
 * of about 1,250 tiles, so groups are found by near-duplicates: a random split would show the test images in training.
 */
export async function listLc25000(folder: string): Promise<Listing> {
	const listing: Listing = { ...newListing('multiclass', LC25000_LABELS), groupsByLook: true }
	async function walk(root: string, depth: number): Promise<void> {
		for (const name of await foldersOf(join(folder, root))) {
			const at = root === '' ? name : `${root}/${name}`
			const label = LC25000_LABELS.find((known) => plainName(known) === plainName(name))
			if (label) {
				for (const file of await imagesBelow(join(folder, at), 0)) {
					listing.entries.push({ id: `${at}/${file}`, path: join(folder, ...at.split('/'), file), truth: label, split: null, group: null, source: '', attributes: {} })
				}
			} else if (depth > 0) await walk(at, depth - 1)
		}
	}
	await walk('', 3)
	if (listing.entries.length === 0) throw new UserError(`${folder} has none of the folders ${LC25000_LABELS.join(', ')}.`)
	return listing
}
