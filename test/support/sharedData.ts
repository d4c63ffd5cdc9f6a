import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const shared = resolve(import.meta.dirname, '../../../shared')

/** Real images beside the repository (../shared/data), or null where they are not there: tests that need them skip with a printed reason. */
export const sharedData: string | null = existsSync(join(shared, 'data')) ? join(shared, 'data') : null

/** Trained networks beside the repository (../shared/models), or null. */
export const sharedModels: string | null = existsSync(join(shared, 'models')) ? join(shared, 'models') : null

if (!sharedData) console.warn('Skipped: tests on real images, because ../shared/data is not there.')
if (!sharedModels) console.warn('Skipped: tests on the first trained student, because ../shared/models is not there.')
