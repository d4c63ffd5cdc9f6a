import { join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { COVID_QU_EX_LABELS, type DataRecipeOf } from '../../../../common/contract/training/data.ts'
import { foldersOf, imagesBelow, plainName, splitNamed } from '../paths.ts'
import { newListing, type Listing } from './listing.ts'

/**
 * COVID-QU-Ex: <tree>/[<tree> again/]{Train,Val,Test}/{COVID-19,Non-COVID,Normal}/images/*.png, one of its two trees. Names of folders
 * may differ in case and in what stands between words. It has no patients, except in the names that files from BIMCV have.
 */
export async function listCovidQuEx(recipe: DataRecipeOf<'covid-qu-ex'>, folder: string): Promise<Listing> {
	const root = await treeOf((path) => foldersOf(join(folder, path)), recipe.tree)
	if (root === null) throw new UserError(`${folder} has no ${recipe.tree === 'lung' ? 'Lung' : 'Infection'} Segmentation Data with folders Train, Val and Test.`)
	const listing = newListing('multiclass', COVID_QU_EX_LABELS)
	const top = await foldersOf(join(folder, root))
	const splits = top.filter((name) => splitNamed(name) !== null)
	for (const split of splits.length > 0 ? splits : ['']) {
		for (const name of await foldersOf(join(folder, root, split))) {
			const label = COVID_QU_EX_LABELS.find((known) => plainName(known) === plainName(name))
			if (!label) continue
			const below = join(folder, root, split, name)
			const images = (await foldersOf(below)).find((part) => plainName(part) === 'images')
			if (images === undefined) throw new UserError(`${below} has no folder "images".`)
			for (const file of await imagesBelow(join(below, images), 0)) {
				const id = [root, split, name, images, file].filter((part) => part !== '').join('/')
				const subject = /^sub-(S\d+)/i.exec(file)?.[1]
				listing.entries.push({ id, path: join(below, images, file), truth: label, split: splitNamed(split), group: subject ? `bimcv-${subject}` : null, source: subject ? 'bimcv' : '', attributes: {} })
			}
		}
	}
	return listing
}

/** The folder of splits or classes, by / from the data set's folder: that one itself, or inside the tree's folder, once or twice. Null where there is none. */
export async function treeOf(foldersIn: (path: string) => Promise<readonly string[]>, tree: 'lung' | 'infection'): Promise<string | null> {
	let root = ''
	for (let depth = 0; depth < 4; depth++) {
		const names = await foldersIn(root)
		if (names.some((name) => splitNamed(name) !== null || COVID_QU_EX_LABELS.some((label) => plainName(label) === plainName(name)))) return root
		const next = names.find((name) => plainName(name) === `${tree}segmentationdata`) ?? (names.length === 1 ? names[0] : undefined)
		if (next === undefined) break
		root = root === '' ? next : `${root}/${next}`
	}
	return null
}
