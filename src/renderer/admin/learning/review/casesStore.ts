import { MOST_CASES_AT_ONCE, type LearningCase, type LearningPage, type LearningQuery } from '../../../../common/contract/learning.ts'
import { client } from '../../../app/client.ts'
import { number } from '../../../ui/words.ts'
import { createTileList } from '../../tiles/tileList.ts'

export type CaseFilters = Required<Pick<LearningQuery, 'show' | 'present'>>

export const NO_FILTERS: CaseFilters = { show: 'all', present: null }

/** The images of a set, by its key (keyOfSet). */
export const cases = createTileList<string, LearningCase, CaseFilters, Pick<LearningPage, 'matching'>>({
	noFilters: NO_FILTERS,
	async ask(key, filters, offset, limit) {
		const { cases: rows, matching } = await client.call('learning.cases', { ...filters, labels: JSON.parse(key) as string[], offset, limit })
		return { rows, counts: { matching } }
	},
	idOf: ({ instanceId, frameIndex }) => `${instanceId}/${frameIndex}`,
	most: MOST_CASES_AT_ONCE,
	limitWords: `At most ${number(MOST_CASES_AT_ONCE)} images are left out at once. The others were not selected.`,
})
