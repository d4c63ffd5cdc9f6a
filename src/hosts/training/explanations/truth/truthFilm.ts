import type { FilmBox } from '../../../../common/cam/energy.ts'
import type { Split } from '../../data/dataSet.ts'

/** Where something is on a film, as the data names it. */
export type TruthRegion =
	| { kind: 'mask'; id: string; path: string }
	/** In pixels of a frame of that size; null: of the film's own size. */
	| { kind: 'boxes'; boxes: FilmBox[]; frame: { width: number; height: number } | null }

export interface Finding {
	/** What it may be called, the most exact name first: the first that the model has as a label counts. */
	names: readonly string[]
	region: TruthRegion
}

/** A film of which it is known where lungs or findings are. */
export interface TruthFilm {
	/** Where the truth comes from. */
	set: string
	id: string
	/** Absolute. */
	path: string
	/** Null where the data does not say. */
	split: Split | null
	group: string
	/** Names of what the film shows, as of a finding; empty where the data does not say. */
	names: readonly string[]
	lungs: TruthRegion | null
	/** The same for the same film in another set; missing where the data does not say. */
	film?: string
	findings: Finding[]
}

/** The truth that a folder has. */
export interface TruthListing {
	films: TruthFilm[]
	refused: { id: string; reason: string }[]
	/** How many films or regions are not used, by why. */
	leftOut: Map<string, number>
}

export function newTruthListing(): TruthListing {
	return { films: [], refused: [], leftOut: new Map() }
}
