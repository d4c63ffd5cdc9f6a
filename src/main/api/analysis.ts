import type { Handlers } from '../../common/contract/procedures.ts'
import { storedCams } from '../library/analyses.ts'
import type { Workrooms } from '../workrooms.ts'

export function analysisHandlers({ library, answers, explanations }: Workrooms) {
	return {
		'analysis.run': (request) => answers.run(request),
		'explanation.stored': ({ analysisId }) => storedCams(library, analysisId),
		'explanation.start': (request) => explanations.start(request),
		'explanation.cancel': ({ jobId }) => {
			explanations.cancel(jobId)
			return {}
		},
		'explanation.faithfulness': (request) => explanations.faithfulness(request),
	} satisfies Partial<Handlers>
}
