/** Bounds on what a data set may ask for; beyond them it is refused. */
export const DATA_LIMITS = {
	/** PadChest's table, the longest of the known ones, has about 100 MB. */
	tableBytes: 2 ** 30,
	/** One row with all its fields. */
	rowBytes: 2 ** 20,
	rows: 2_000_000,
	images: 1_000_000,
	/** Characters of a name: a label, a group, a source. */
	name: 200,
	path: 1024,
	/** Different labels of a data set whose recipe names none. */
	labels: 200,
	folderDepth: 8,
} as const
