import { MOST_AT_ONCE, type SamplePage, type SampleQuery } from '../../../../common/contract/training/dataSets.ts'
import { client } from '../../../app/client.ts'
import { number } from '../../../ui/words.ts'
import { createTileList } from '../../tiles/tileList.ts'
import type { SampleRow } from './corrections.ts'

export type SampleFilters = Required<Omit<SampleQuery, 'dataSetId' | 'offset' | 'limit'>>

export const NO_FILTERS: SampleFilters = { split: null, label: null, source: null, group: null, text: '', corrected: false, leaking: false }

/** The samples of a data set, by its id. */
export const samples = createTileList<number, SampleRow, SampleFilters, Pick<SamplePage, 'matching' | 'total'>>({
	noFilters: NO_FILTERS,
	async ask(dataSetId, filters, offset, limit) {
		const { rows, ...counts } = await client.call('dataSets.samples', { ...filters, dataSetId, offset, limit })
		return { rows, counts }
	},
	idOf: ({ id }) => id,
	most: MOST_AT_ONCE,
	limitWords: `At most ${number(MOST_AT_ONCE)} images are corrected at once. The others were not selected.`,
})

export const { use: useSamples, open: openSamples, show: showSamples, setFilters, askAgain, showRange, active: activeSample, activate, activateAlone, toggle, extendTo, selectAll, clearSelection } = samples
