import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

export function importHandlers({ imports, uploads }: Workrooms) {
	return {
		'import.start': ({ importId }) => imports.start(importId, uploads.take(importId), () => uploads.clear(importId)),
		'import.cancel': ({ importId }) => {
			imports.cancel(importId)
			return {}
		},
	} satisfies Partial<Handlers>
}
