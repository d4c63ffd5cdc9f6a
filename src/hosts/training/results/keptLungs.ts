import { join } from 'node:path'
import { z } from 'zod'
import { lungManifestSchema } from '../../../common/contract/lungs.ts'
import { overlapMetrics, type FilmOverlap } from '../pack/lungs/evaluateMasks.ts'
import { parseKept } from './keptFiles.ts'
import { fixed, grouped, table } from './markdown.ts'

const lungs = lungManifestSchema.shape
const filmsSchema = z.array(z.object({ id: z.string(), split: z.enum(['train', 'validation', 'test']), group: z.string(), source: z.string(), dice: z.number(), iou: z.number() }))

/** A folder of results/runs whose network marks the lungs. */
export interface KeptLungs {
	id: string
	seed: number
	pack: { architecture: string; parameters: number; macs: number }
	/** What each film gave. */
	films: readonly FilmOverlap[]
}

/** @throws UserError naming the file that is missing or damaged. */
export function readKeptLungs(runs: string, id: string): KeptLungs {
	const folder = join(runs, id)
	return {
		id,
		seed: parseKept(folder, 'recipe.json', z.object({ seed: z.number() })).seed,
		pack: parseKept(folder, 'pack.json', z.object({ architecture: lungs.architecture, parameters: lungs.parameters, macs: lungs.macs })),
		films: parseKept(folder, 'films.json', filmsSchema),
	}
}

/** The part of docs/results.md about the networks that mark the lungs; '' without any. */
export function lungsPart(kept: readonly KeptLungs[]): string {
	if (kept.length === 0) return ''
	const rows = kept.flatMap(({ id, pack, films }) => {
		const all = overlapMetrics(films)
		return all.filter(({ name }) => name === 'dice').map(({ split, source, n, groups, value, interval }) => {
			const iou = all.find((other) => other.name === 'iou' && other.split === split && other.source === source)
			const told = (of: typeof value, range: typeof interval) => `${fixed(of, 3)}${range ? ` (${fixed(range[0], 3)} to ${fixed(range[1], 3)})` : ''}`
			return [`${pack.architecture} (\`${id}\`)`, `${fixed(pack.parameters / 1e6, 2)} M`, `${fixed(pack.macs / 1e9, 3)} G`, split, source === '' ? 'all' : source, grouped(n), grouped(groups), told(value, interval), iou ? told(iou.value, iou.interval) : '']
		})
	})
	return `## Lungs

The network that marks the lungs, on films whose patients it has not seen: mean over the films, 95 % interval over patients. Weights were chosen on the validation films.

${table(['', 'parameters', 'MACs', 'split', 'source', 'films', 'patients or groups', 'Dice', 'intersection over union'], rows)}`
}
