import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

export function modelHandlers({ registry, loader, settings, supervisor, events, status }: Workrooms) {
	return {
		'models.list': () =>
			registry.list().map((entry) =>
				entry.state === 'ready' ? { ...entry, selfTestDifference: loader.selfTestDifference(entry.manifest.sha256) } : entry,
			),
		'models.select': ({ role, id }) => {
			settings.set({ [role]: id })
			// Sessions are never given back inside a process, so a change of model takes a new one.
			supervisor.recycle('inference')
			events.emit('system.changed', status())
			return {}
		},
	} satisfies Partial<Handlers>
}
