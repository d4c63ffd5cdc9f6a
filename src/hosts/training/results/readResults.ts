import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../common/contract/procedures.ts'
import { explanationSetReportSchema } from '../../../common/contract/training/explanationSet.ts'
import { parseKept } from './keptFiles.ts'
import { readKeptLungs } from './keptLungs.ts'
import { readKeptRun } from './keptRun.ts'
import type { KeptResults } from './resultsDocument.ts'
import { resultsIndexSchema } from './resultsIndex.ts'

/** Names in a folder, in order; none where there is no such folder. */
function namesIn(folder: string): string[] {
	return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')).toSorted() : []
}

/**
 * Everything in a results folder: index.json, runs/, explanations/ (reports of explain-set).
 * @throws UserError naming the file that is missing or damaged, or a kept run that the index does not name: it would be left out in silence.
 */
export function readResults(folder: string): KeptResults {
	const index = parseKept(folder, 'index.json', resultsIndexSchema)
	const runs = join(folder, 'runs')
	const named = new Set([...index.runs.map(({ run }) => run), ...index.lungs])
	const forgotten = namesIn(runs).find((id) => !named.has(id))
	if (forgotten !== undefined) throw new UserError(`${join(runs, forgotten)} stands in no table: ${join(folder, 'index.json')} does not name it.`)
	return {
		index,
		runs: new Map(index.runs.map(({ run }) => [run, readKeptRun(runs, run)])),
		lungs: index.lungs.map((id) => readKeptLungs(runs, id)),
		explanations: namesIn(join(folder, 'explanations')).filter((name) => name.endsWith('.json')).map((name) => parseKept(join(folder, 'explanations'), name, explanationSetReportSchema)),
	}
}
