/**
 * Keeps what a finished run leaves behind, but its weights, in results/runs, and names it in results/index.json.
 * Run: node scripts/keepRun.ts RUNFOLDER --task TASK --role teacher|alone|distilled|shortcut [--place FOLDER=NAME]...
 * A network that marks the lungs has no task and no role.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { keepRun } from '../src/hosts/training/results/keepRun.ts'
import { resultsIndexSchema } from '../src/hosts/training/results/resultsIndex.ts'

const root = resolve(import.meta.dirname, '..')
const indexFile = join(root, 'results/index.json')
const { values, positionals: [run] } = parseArgs({ allowPositionals: true, options: { task: { type: 'string' }, role: { type: 'string' }, place: { type: 'string', multiple: true, default: [] } } })

try {
	const isLungs = run !== undefined && existsSync(join(run, 'pack', 'lungs.json'))
	if (run === undefined || (!isLungs && (values.task === undefined || values.role === undefined))) throw new Error('node scripts/keepRun.ts RUNFOLDER --task TASK --role teacher|alone|distilled|shortcut [--place FOLDER=NAME]...')
	const places = values.place.map((text) => {
		const cut = text.lastIndexOf('=')
		if (cut < 1 || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text.slice(cut + 1))) throw new Error(`--place takes FOLDER=NAME, not "${text}".`)
		return [resolve(text.slice(0, cut)), text.slice(cut + 1)] as const
	})
	const index = resultsIndexSchema.parse(JSON.parse(readFileSync(indexFile, 'utf8')))
	// Before anything is written: the entry must fit the index.
	const entryOf = (id: string, seed: number) => {
		const { data, error } = resultsIndexSchema.safeParse(isLungs ? { ...index, lungs: [...index.lungs, id] } : { ...index, runs: [...index.runs, { task: values.task, role: values.role, seed, run: id }] })
		if (data) return data
		throw new Error(`results/index.json cannot name this run: ${error.issues[0]?.path.at(-1)?.toString() ?? ''}: ${error.issues[0]?.message ?? ''}.`)
	}
	entryOf('unnamed', 0)
	const kept = await keepRun({ run: resolve(run), kept: join(root, 'results/runs'), repository: root, places })
	writeFileSync(indexFile, `${JSON.stringify(entryOf(kept.id, kept.seed), null, '\t')}\n`)
	process.stdout.write(`Kept ${kept.id} in results/runs. npm run results brings it into docs/results.md.\n`)
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
	process.exitCode = 1
}
