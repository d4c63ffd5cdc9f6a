import { UserError } from '../../../../common/contract/procedures.ts'
import { DATA_LIMITS } from '../limits.ts'
import { foldersOf, imagesBelow, splitNamed } from '../paths.ts'
import { join } from 'node:path'
import { newListing, type Listing } from './listing.ts'

/**
 * A folder per label, optionally inside a folder per split: <folder>/[train|val|test/]label/[patient/...]image. The first folder below
 * a label's is the patient; an image that lies in the label's folder itself is a group of its own.
 */
export async function listFolders(folder: string): Promise<Listing> {
	const top = await foldersOf(folder)
	const splits = top.filter((name) => splitNamed(name) !== null)
	if (splits.length > 0 && splits.length < top.length) {
		throw new UserError(`${folder} has folders of splits (${splits.join(', ')}) beside others (${top.filter((name) => splitNamed(name) === null).slice(0, 5).join(', ')}); either all or none of them may be splits.`)
	}
	const roots = splits.length > 0 ? splits : ['']
	const listing = newListing('multiclass', [])
	const names = new Set<string>()
	for (const root of roots) {
		for (const label of await foldersOf(join(folder, root))) {
			if (names.size >= DATA_LIMITS.labels && !names.has(label)) throw new UserError(`${folder} has more than ${DATA_LIMITS.labels} folders; each is taken for a label.`)
			const prefix = root === '' ? label : `${root}/${label}`
			for (const image of await imagesBelow(join(folder, prefix))) {
				names.add(label)
				const id = `${prefix}/${image}`
				listing.entries.push({
					id, path: join(folder, ...id.split('/')), truth: label, split: splitNamed(root), group: image.includes('/') ? image.slice(0, image.indexOf('/')) : null, source: '', attributes: {},
				})
			}
		}
	}
	return { ...listing, names: [...names].toSorted() }
}
