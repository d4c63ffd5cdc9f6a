import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { EvaluationReport } from '../../src/common/contract/training/evaluation.ts'
import { readKept } from '../../src/hosts/training/results/keptFiles.ts'
import { numbersOfRun, TABLE_METRICS } from '../../src/hosts/training/results/measureRuns.ts'
import { readResults } from '../../src/hosts/training/results/readResults.ts'
import { ofSplit } from '../../src/hosts/training/results/resultRows.ts'
import { resultsDocument } from '../../src/hosts/training/results/resultsDocument.ts'

const RESULTS = fileURLToPath(new URL('../../results', import.meta.url))
const kept = readResults(RESULTS)

describe('docs/results.md', () => {
	it('is what npm run results makes of results/', () => {
		expect(readFileSync(fileURLToPath(new URL('../../docs/results.md', import.meta.url)), 'utf8')).toBe(resultsDocument(kept))
	})

	it.skipIf(kept.runs.size === 0)('has the numbers that each run measured itself', () => {
		for (const run of kept.runs.values()) {
			const { splits } = JSON.parse(readKept(join(RESULTS, 'runs', run.id), 'evaluation.json')) as EvaluationReport
			for (const results of splits) {
				if (results.split !== 'validation' && results.split !== 'test') continue
				const { n, numbers } = numbersOfRun(run, ofSplit(results.split), TABLE_METRICS)
				expect(n, run.id).toBe(results.n)
				for (const [index, metric] of TABLE_METRICS.entries()) {
					const own = metric === 'eceBefore' ? results.reliability.before.ece : results[metric]
					const [found, what] = [numbers[index], `${run.id}, ${results.split}, ${metric}`]
					// A source that was left out may hold one class: it has no AUROC.
					if (own === null) expect(found, what).toBeNaN()
					else expect(found, what).toBeCloseTo(own, 9)
				}
			}
		}
	})
})
