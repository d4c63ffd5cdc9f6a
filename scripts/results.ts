/**
 * Rebuilds docs/results.md from results/ alone: no data, no models.
 * Run: npm run results
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readResults } from '../src/hosts/training/results/readResults.ts'
import { resultsDocument } from '../src/hosts/training/results/resultsDocument.ts'

const root = resolve(import.meta.dirname, '..')
const target = join(root, 'docs/results.md')
writeFileSync(target, resultsDocument(readResults(join(root, 'results'))))
process.stdout.write(`Wrote ${target}.\n`)
