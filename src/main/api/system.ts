import type { Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

export function systemHandlers({ settings, status, events }: Workrooms) {
	return {
		'system.status': () => status(),
		'settings.get': () => settings.get(),
		'settings.set': (change) => {
			const changed = settings.set(change)
			events.emit('system.changed', status())
			return changed
		},
	} satisfies Partial<Handlers>
}
