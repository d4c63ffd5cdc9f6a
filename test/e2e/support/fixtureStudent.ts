import { cpSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { packDirectory, wholePackManifest } from '../../support/inferenceFixtures.ts'

/**
 * Puts the student that tests have golden values of into a new home folder, and selects it: for tests of maps and of the desk that must not
 * change with the models that the program ships.
 */
export function readWithFixture(home: string): void {
	cpSync(packDirectory, join(home, 'models', basename(packDirectory)), { recursive: true })
	writeFileSync(join(home, 'settings.json'), JSON.stringify({ student: wholePackManifest.id }))
}
