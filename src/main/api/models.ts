import { UserError, type Handlers } from '../../common/contract/procedures.ts'
import type { Workrooms } from '../workrooms.ts'

/** The name of none: null means the first one that is there. */
const NO_TEACHER = ''

export function modelHandlers({ registry, loader, settings, supervisor, events, status }: Workrooms) {
	return {
		'models.list': () =>
			registry.list().map((entry) => {
				if (entry.state === 'refused') return entry
				const { sha256 } = entry.manifest
				const reason = loader.fault(sha256)
				// A pack that is whole on the disk but does not pass its self-test on this machine is as unusable as a damaged one.
				return reason === '' ? { ...entry, selfTestDifference: loader.selfTestDifference(sha256) } : { state: 'refused' as const, directory: entry.directory, origin: entry.origin, reason }
			}),
		'models.lungs': () => registry.lungs(),
		'models.select': ({ role, id }) => {
			const named = id !== null && !(role === 'teacher' && id === NO_TEACHER)
			if (named && !registry.list().some((entry) => entry.state === 'ready' && entry.manifest.role === role && entry.manifest.id === id)) {
				throw new UserError(`There is no usable ${role} "${id.slice(0, 80)}" among the model packs.`)
			}
			settings.set({ [role]: id })
			// Sessions are never given back inside a process, so a change of model takes a new one.
			supervisor.recycle('inference')
			events.emit('system.changed', status())
			return {}
		},
	} satisfies Partial<Handlers>
}
