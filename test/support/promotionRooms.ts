import { join } from 'node:path'
import { openLibrary, type Library } from '../../src/main/library/library.ts'
import { createRegistry, type Registry } from '../../src/main/models/registry.ts'
import { createCandidates, type Candidates } from '../../src/main/promotion/candidates.ts'
import { createPromotions, type Promotions } from '../../src/main/promotion/promotions.ts'
import { openSettings, type SettingsStore } from '../../src/main/settings.ts'
import type { HostCaller } from '../../src/main/supervisor/hostCaller.ts'
import { unpackPack } from '../../src/hosts/training/pack/unpackPack.ts'

export interface PromotionRooms {
	library: Library
	settings: SettingsStore
	registry: Registry
	candidates: Candidates
	promotions: Promotions
	hosts: HostCaller
}

/** Unpacks in this process, and takes every network for tested. */
export const stubHosts: HostCaller = {
	call: (async (_host: string, method: string, input: { path: string; into: string }) => {
		if (method === 'unpackPack') await unpackPack(input.path, input.into, new AbortController().signal)
		return method === 'testPack' ? { selfTestDifference: 0 } : {}
	}) as never,
	status: () => [],
}

/** The rooms that a promotion needs, without processes of their own. */
export function openPromotionRooms(home: string, builtIn: string): PromotionRooms {
	const library = openLibrary(home)
	const settings = openSettings(home)
	const registry = createRegistry({ builtIn, user: join(home, 'models'), selected: () => settings.get() })
	const candidates = createCandidates({ home, registry })
	const promotions = createPromotions({ home, library, settings, registry, candidates, hosts: stubHosts, softwareVersion: '0.0.0', onChange: () => undefined })
	return { library, settings, registry, candidates, promotions, hosts: stubHosts }
}
