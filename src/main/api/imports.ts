import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

export function importHandlers({ imports, uploads }: Workrooms) {
	return {
		'import.start': ({ importId }) => imports.start(importId, uploads.take(importId), () => uploads.clear(importId)),
		'import.cancel': async ({ importId }) => {
			// Before it began there is nothing to end, but what was handed over is dropped.
			if (!imports.cancel(importId)) await uploads.clear(importId)
			return {}
		},
	} satisfies Partial<Handlers>
}
