import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lungManifestSchema } from '../../../common/contract/lungs.ts'
import { modelManifestSchema } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { evaluationReportSchema } from '../../../common/contract/training/evaluation.ts'
import type { RunDetail } from '../../../common/contract/training/review.ts'
import { parseKept, readKept } from '../results/keptFiles.ts'
import { openRun, PACK, summarise } from '../runs/folder.ts'

/** Everything that a run says of itself. @throws UserError where there is no such run, or recipe, environment or state cannot be read. */
export function runDetail(runs: string, id: string): RunDetail {
	const { directory, recipe, environment } = openRun(runs, id)
	const summary = summarise(directory)
	const faults: string[] = []
	const pack = packOf(join(directory, PACK), faults)
	return {
		summary, recipe, environment, ...pack, faults,
		hashes: {
			recipe: createHash('sha256').update(readFileSync(join(directory, 'recipe.json'))).digest('hex'),
			data: environment.data.sha256, weights: summary.record.weightsSha256, graph: pack.graph,
		},
	}
}

interface PackParts extends Pick<RunDetail, 'evaluation' | 'metrics' | 'card'> {
	graph: string | null
}

/** What lies in a pack; a file that cannot be read is told of among the faults. */
function packOf(folder: string, faults: string[]): PackParts {
	const attempt = <Value>(name: string, read: () => Value): Value | null => {
		if (!existsSync(join(folder, name))) return null
		try {
			return read()
		} catch (error) {
			if (!(error instanceof UserError)) throw error
			faults.push(error.message)
			return null
		}
	}
	const classifier = attempt('model.json', () => parseKept(folder, 'model.json', modelManifestSchema))
	const lungs = attempt('lungs.json', () => parseKept(folder, 'lungs.json', lungManifestSchema))
	return {
		graph: classifier?.sha256 ?? lungs?.sha256 ?? null,
		evaluation: attempt('evaluation.json', () => parseKept(folder, 'evaluation.json', evaluationReportSchema)),
		metrics: [
			...(classifier?.metrics ?? []),
			...(lungs?.metrics ?? []).map(({ name, split, source, n, value, interval, note }) => ({ name, split, n, value, interval, note: [source, note].filter((part) => part !== '').join('; ') })),
		],
		card: attempt('CARD.md', () => readKept(folder, 'CARD.md')) ?? '',
	}
}
