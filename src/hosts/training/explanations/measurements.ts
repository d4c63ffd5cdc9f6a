import type { ExplainedModel } from '../../../common/contract/training/explanationSet.ts'
import type { Film } from './listFilms.ts'
import type { Explained } from './measureFilm.ts'
import type { MeasuredComparison, MeasuredFaithfulness, MeasuredLocation } from './rows.ts'
import type { TruthFilm, TruthListing } from './truth/truthFilm.ts'

/** A film with everything that is asked of it. */
export interface Task {
	path: string
	/** Null: only where something is on it is asked. */
	film: Film | null
	located: TruthFilm[]
}

/** Everything that was measured, for tables and pages. */
export interface Measurements {
	faithfulness: MeasuredFaithfulness[]
	located: MeasuredLocation[]
	comparison: MeasuredComparison[]
	/** Seconds of each exact Score-CAM. */
	seconds: { model: ExplainedModel; seconds: number }[]
	refused: TruthListing['refused']
	leftOut: TruthListing['leftOut']
}

export interface ExplainedBy {
	role: ExplainedModel
	explained: Explained
}
