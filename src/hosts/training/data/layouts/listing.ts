import type { TrainingTask } from '../../../../common/contract/training/loss.ts'
import type { Split } from '../dataSet.ts'

/** One image as a layout finds it; names are those of the data. */
export interface Entry {
	/** Path from the data set's folder, parts joined by /. */
	id: string
	/** Absolute. */
	path: string
	/** The label, or with several per image the values that stand in the data: 1, 0, -1 for uncertain, null for not known. */
	truth: string | ReadonlyMap<string, number | null>
	/** Null where the data gives none. */
	split: Split | null
	/** Null where the data knows no patient: the image is a group of its own. */
	group: string | null
	source: string
	attributes: Readonly<Record<string, string>>
	/** Its mask, where the data set has masks. */
	mask?: { id: string; path: string }
}

/** A data set as its files say it, before labels are chosen and images are looked at. */
export interface Listing {
	task: TrainingTask
	/** Names of the labels in the data, in its own order. */
	names: readonly string[]
	/** What a name counts as that is not in an image's truth. */
	unnamed: 0 | null
	entries: Entry[]
	/** Rows that cannot be used. */
	refused: { id: string; reason: string }[]
	/** How many images the recipe leaves out, by what: "view Lateral". */
	filtered: Map<string, number>
	/** Groups are to be found by looking at the images. */
	groupsByLook?: boolean
}

export function newListing(task: Listing['task'], names: readonly string[]): Listing {
	return { task, names, unnamed: 0, entries: [], refused: [], filtered: new Map() }
}

export function leaveOut(listing: Listing, reason: string): void {
	listing.filtered.set(reason, (listing.filtered.get(reason) ?? 0) + 1)
}

/** Decades hide nobody's age and are few enough to compare. '' where the age is no number of years from 0 to 120. */
export function ageGroup(age: string): string {
	const years = Number(/^0*(\d{1,3})(?:\.0*)?Y?$/.exec(age.trim())?.[1] ?? Number.NaN)
	if (!(years <= 120)) return ''
	return years < 18 ? '0-17' : years < 40 ? '18-39' : years < 65 ? '40-64' : '65+'
}
