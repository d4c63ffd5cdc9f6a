import { dirname, join } from 'node:path'
import type { LungPack } from '../../common/contract/lungs.ts'
import type { Registry } from '../models/registry.ts'
import { SOFTWARE_VERSION } from '../version.ts'
import { trainingCache } from './cache.ts'

export interface TrainingPlaces {
	runs: string
	cache: string
	models: string[]
	lungs: LungPack
	softwareVersion: string
}

/** Where the training host finds packs and keeps its runs. */
export function trainingPlaces({ home, registry }: { home: string; registry: Registry }): TrainingPlaces {
	const models = new Set([join(home, 'models'), ...registry.list().map(({ directory }) => dirname(directory))])
	return { runs: join(home, 'runs'), cache: trainingCache(home), models: [...models], lungs: registry.lungs(), softwareVersion: SOFTWARE_VERSION }
}
