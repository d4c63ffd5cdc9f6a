import type { Handlers } from '../../common/contract/procedures.ts'
import { readDrift } from '../learning/drift.ts'
import type { Workrooms } from '../workrooms.ts'

export function learningHandlers({ library, registry, learning }: Workrooms) {
	return {
		'learning.sets': () => learning.sets(),
		'learning.cases': (query) => learning.cases(query),
		'learning.leaveOut': ({ cases, leftOut }) => {
			learning.leaveOut(cases, leftOut)
			return {}
		},
		'learning.makeSet': (request) => learning.makeSet(request),
		'learning.cancelSet': () => {
			learning.cancelSet()
			return {}
		},
		'drift.weeks': ({ weeks }) => readDrift({ library, registry, weeks }),
	} satisfies Partial<Handlers>
}
