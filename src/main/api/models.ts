import { UserError, type Handlers } from '../../common/contract/procedures.ts'
import { NO_TEACHER } from '../models/registry.ts'
import type { Workrooms } from '../workrooms.ts'

export function modelHandlers({ registry, loader, settings, readAnew }: Workrooms) {
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
			readAnew()
			return {}
		},
	} satisfies Partial<Handlers>
}
