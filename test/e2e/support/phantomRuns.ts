import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecipeInput } from '../../../src/common/contract/training/recipe.ts'
import { startRun } from '../../../src/hosts/training/runs/run.ts'
import { PICTURE_INPUT } from '../../support/pictures.ts'
import { runControl, smallNetwork, writeSmallNetwork } from '../../support/smallRun.ts'
import { syntheticFilms } from './syntheticFilms.ts'

/** Names as people choose them. */
export const RUN_NAMES = {
	first: 'Three convolutions, small learning rate',
	second: 'Three convolutions, large learning rate, few epochs, and a name that has no room in a column',
	cancelled: 'הרצה שבוטלה באמצע',
} as const

/** Of the network's input: its maps have an eighth of it. */
const SIZE = 96

/**
 * Two finished runs of a network of three convolutions on films of the phantom, which take seconds, and a cancelled one, in the folder of runs of a home folder.
 * @returns ids of the runs, and the folder of the films.
 */
export async function phantomRuns(home: string): Promise<{ films: string; ids: Record<keyof typeof RUN_NAMES, string> }> {
	const films = await syntheticFilms(join(home, 'films'))
	const path = join(films, 'manifest.csv')
	// Without the faults that its survey is to find: a patient in two splits, and a film that was stored anew.
	const lines = readFileSync(path, 'utf8').trimEnd().split('\n').filter((line) => !line.includes('stored-anew'))
	writeFileSync(path, `${lines.map((line) => (line.includes('film-060') ? line.replace('patient-001', 'patient-060') : line)).join('\n')}\n`)
	const runs = join(home, 'runs')
	const places = { runs, cache: join(home, 'cache', 'training'), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0' }
	const file = writeSmallNetwork(join(home, 'student.onnx'), 3, smallNetwork(2, SIZE))
	const recipe = (name: string, seed: number, learningRate: number, epochs: number): RecipeInput => ({
		schemaVersion: 1, name, seed, data: { layout: 'manifest', folder: films }, student: { from: 'onnx', file, title: 'Three convolutions' },
		input: { size: SIZE, mean: PICTURE_INPUT.mean, std: PICTURE_INPUT.std, colour: 'grey' }, augmentation: { preset: 'none' },
		optimisation: { optimiser: { kind: 'adamw', learningRate } }, epochs, batch: 8, threads: 2,
	})
	const start = (own: RecipeInput) => startRun({ recipe: own, title: 'The recipe', base: home }, places, runControl())
	const first = await start(recipe(RUN_NAMES.first, 1, 0.01, 12))
	const second = await start(recipe(RUN_NAMES.second, 2, 0.02, 4))
	const cancelled = copyRun(runs, first.id, 'cancelled-1', RUN_NAMES.cancelled)
	rmSync(join(runs, cancelled, 'pack'), { recursive: true })
	rmSync(join(runs, cancelled, 'predictions.csv'))
	const state = join(runs, cancelled, 'state.json')
	writeFileSync(state, readFileSync(state, 'utf8').replace('"finished"', '"cancelled"'))
	return { films, ids: { first: first.id, second: second.id, cancelled } }
}

/** A copy of a run under another name. @returns its id. */
export function copyRun(runs: string, from: string, id: string, name: string): string {
	cpSync(join(runs, from), join(runs, id), { recursive: true })
	const path = join(runs, id, 'recipe.json')
	writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), name }))
	return id
}
