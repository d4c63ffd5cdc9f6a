import type { Handlers } from '../../common/contract/procedures.ts'
import { listFolders } from '../training/folders.ts'
import type { Workrooms } from '../workrooms.ts'

export function dataSetHandlers({ dataSets }: Workrooms) {
	return {
		'dataSets.folders': ({ folder }) => listFolders(folder),
		'dataSets.recognise': ({ folder }) => dataSets.recognise(folder),
		'dataSets.list': () => dataSets.list(),
		'dataSets.get': ({ dataSetId }) => dataSets.get(dataSetId),
		'dataSets.add': ({ title, recipe }) => dataSets.add(title, recipe),
		'dataSets.rename': ({ dataSetId, title }) => dataSets.rename(dataSetId, title),
		'dataSets.remove': ({ dataSetId }) => {
			dataSets.remove(dataSetId)
			return {}
		},
		'dataSets.restore': ({ dataSetId }) => {
			dataSets.restore(dataSetId)
			return {}
		},
		'dataSets.survey': ({ dataSetId }) => dataSets.survey(dataSetId),
		'dataSets.cancelSurvey': ({ dataSetId }) => {
			dataSets.cancelSurvey(dataSetId)
			return {}
		},
		'dataSets.samples': (query) => dataSets.samples(query),
		'dataSets.correct': (change) => dataSets.correct(change),
	} satisfies Partial<Handlers>
}
