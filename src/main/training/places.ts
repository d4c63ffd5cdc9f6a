import { dirname, join } from 'node:path'
import type { Workrooms } from '../workrooms.ts'
import { SOFTWARE_VERSION } from '../version.ts'

/** Where the training host finds packs and keeps its runs. */
export function trainingPlaces({ home, registry }: Pick<Workrooms, 'home' | 'registry'>): { runs: string; cache: string; models: string[]; softwareVersion: string } {
	const models = new Set([join(home, 'models'), ...registry.list().map(({ directory }) => dirname(directory))])
	return { runs: join(home, 'runs'), cache: join(home, 'cache', 'training'), models: [...models], softwareVersion: SOFTWARE_VERSION }
}
