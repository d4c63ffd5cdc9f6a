import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError, type Handlers } from '../../common/contract/procedures.ts'
import { choiceOf, withChoice } from '../models/choice.ts'
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
			const pack = registry.list().find((entry): entry is ReadyModel => entry.state === 'ready' && entry.manifest.role === role && entry.manifest.id === id)
			if (!pack && id !== null && !(role === 'teacher' && id === NO_TEACHER)) throw new UserError(`There is no usable ${role} "${id.slice(0, 80)}" among the model packs.`)
			settings.set(withChoice(settings.get(), pack ? choiceOf(pack.manifest) : { role: 'teacher' }, id))
			readAnew()
			return {}
		},
		'models.giveBack': ({ domain }) => {
			settings.set(withChoice(settings.get(), { role: 'student', domain }, null))
			readAnew()
			return {}
		},
	} satisfies Partial<Handlers>
}
