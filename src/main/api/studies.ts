import type { Handlers } from '../../common/contract/procedures.ts'
import { getAnnotations, saveAnnotations } from '../library/annotations.ts'
import { getInstance, getStudy, removeStudy, restoreStudy } from '../library/studies.ts'
import { queryWorklist } from '../library/worklist.ts'
import type { Workrooms } from '../workrooms.ts'

export function studyHandlers({ library, supervisor, events }: Workrooms) {
	return {
		'worklist.query': (query) => queryWorklist(library, query),
		'studies.get': ({ studyId }) => getStudy(library, studyId),
		'studies.remove': ({ studyId }) => {
			removeStudy(library, studyId)
			events.emit('library.changed', { studyId: null })
			return {}
		},
		'studies.restore': ({ studyId }) => {
			restoreStudy(library, studyId)
			events.emit('library.changed', { studyId: null })
			return {}
		},
		'instances.metadata': ({ instanceId }) => {
			const instance = getInstance(library, instanceId)
			return supervisor.call('imaging', 'metadata', { path: library.objects.pathOf(instance.sha256) }, { subject: instance.fileName })
		},
		'annotations.get': ({ instanceId, frameIndex }) => getAnnotations(library, instanceId, frameIndex),
		'annotations.save': ({ instanceId, frameIndex, annotations }) => {
			saveAnnotations(library, instanceId, frameIndex, annotations)
			return {}
		},
	} satisfies Partial<Handlers>
}
