import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { packDirectory } from './inferenceFixtures.ts'

const LUNGS = resolve(import.meta.dirname, '../../resources/models/lungs')

/**
 * A folder as the program's own models: the student that tests have golden values of, and the lung network. The models that the program ships
 * may be exchanged without a change here; end-to-end tests and those of the command line use them.
 */
export function makeBuiltInModels(): string {
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-models-'))
	for (const pack of [packDirectory, LUNGS]) cpSync(pack, join(folder, basename(pack)), { recursive: true })
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
	return folder
}
