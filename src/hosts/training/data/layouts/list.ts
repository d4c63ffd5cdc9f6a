import type { DataRecipe } from '../../../../common/contract/training/data.ts'
import { listChestXray14 } from './chestXray14.ts'
import { listChexpert } from './chexpert.ts'
import { listCovidQuEx } from './covidQuEx.ts'
import { listFolders } from './folders.ts'
import { listLc25000 } from './lc25000.ts'
import type { Listing } from './listing.ts'
import { listLungMasks } from './lungMasks.ts'
import { listManifest } from './manifest.ts'
import { listPadchest } from './padchest.ts'

/** The images of a data set with what its files say of them. @param folder absolute. @throws UserError where the layout is not there. */
export function listImages(recipe: DataRecipe, folder: string): Promise<Listing> {
	switch (recipe.layout) {
		case 'manifest': return listManifest(recipe, folder)
		case 'folders': return listFolders(folder)
		case 'covid-qu-ex': return listCovidQuEx(recipe, folder)
		case 'lc25000': return listLc25000(folder)
		case 'chestx-ray14': return listChestXray14(recipe, folder)
		case 'chexpert': return listChexpert(recipe, folder)
		case 'lung-masks': return listLungMasks(recipe, folder)
		case 'padchest': return listPadchest(recipe, folder)
	}
}
