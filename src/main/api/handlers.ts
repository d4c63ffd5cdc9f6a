import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'
import { analysisHandlers } from './analysis.ts'
import { dataSetHandlers } from './dataSets.ts'
import { importHandlers } from './imports.ts'
import { learningHandlers } from './learning.ts'
import { modelHandlers } from './models.ts'
import { promotionHandlers } from './promotion.ts'
import { reportHandlers } from './reports.ts'
import { studyHandlers } from './studies.ts'
import { systemHandlers } from './system.ts'
import { trainingHandlers } from './training.ts'

/** Every procedure of the contract with the room that answers it. */
export function createHandlers(rooms: Workrooms): Handlers {
	return {
		...systemHandlers(rooms),
		...studyHandlers(rooms),
		...importHandlers(rooms),
		...analysisHandlers(rooms),
		...modelHandlers(rooms),
		...promotionHandlers(rooms),
		...learningHandlers(rooms),
		...reportHandlers(rooms),
		...dataSetHandlers(rooms),
		...trainingHandlers(rooms),
	}
}
