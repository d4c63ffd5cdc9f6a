import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

export function studyHandlers({ library, supervisor, events }: Workrooms) {
	return {
		'worklist.query': (query) => library.queryWorklist(query),
		'studies.get': ({ studyId }) => library.getStudy(studyId),
		'studies.remove': ({ studyId }) => {
			library.removeStudy(studyId)
			events.emit('library.changed', { studyId: null })
			return {}
		},
		'studies.restore': ({ studyId }) => {
			library.restoreStudy(studyId)
			events.emit('library.changed', { studyId: null })
			return {}
		},
		'instances.metadata': ({ instanceId }) => {
			const instance = library.getInstance(instanceId)
			return supervisor.call('imaging', 'metadata', { path: library.objectPath(instance.sha256) }, { subject: instance.fileName })
		},
		'annotations.get': ({ instanceId, frameIndex }) => library.annotations(instanceId, frameIndex),
		'annotations.save': ({ instanceId, frameIndex, annotations }) => {
			library.saveAnnotations(instanceId, frameIndex, annotations)
			return {}
		},
	} satisfies Partial<Handlers>
}
