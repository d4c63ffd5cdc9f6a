/**
 * `npm run bench -- NAME [PART ...] [--json]`: runs bench/NAME.ts, which exports a function of its own name (scorecam.ts: scorecam) that is given a way to
 * say what goes on and the names of the parts that are wanted (none: the whole), and returns rows. Without a name it lists what there is. `all` runs every one.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BenchRow, Say } from './harness/compare.ts'

const json = process.argv.includes('--json')
const [wanted, ...parts] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const names = readdirSync(import.meta.dirname)
	.filter((file) => file.endsWith('.ts') && file !== 'run.ts')
	.map((file) => file.slice(0, -3))
const say: Say = (line) => void process.stderr.write(`${line}\n`)

async function benchmark(name: string): Promise<BenchRow[]> {
	const room = (await import(pathToFileURL(join(import.meta.dirname, `${name}.ts`)).href)) as Record<string, unknown>
	const run = room[name]
	if (typeof run !== 'function') throw new Error(`bench/${name}.ts exports no function "${name}".`)
	if (parts.length > 0 && run.length < 2) throw new Error(`The benchmark "${name}" has no parts.`)
	return (await run(say, parts)) as BenchRow[]
}

function print(rows: BenchRow[]): void {
	if (json) {
		process.stdout.write(`${JSON.stringify(rows)}\n`)
		return
	}
	const widest = Math.max(...rows.map((row) => row.name.length), 4)
	const line = (cells: string[]) => `${(cells[0] ?? '').padEnd(widest)}  ${cells.slice(1).map((cell) => cell.padStart(11)).join('')}\n`
	process.stdout.write(line(['name', 'ours', 'reference', 'unit', 'ratio', 'runs']))
	for (const row of rows) process.stdout.write(line([row.name, row.ours.toPrecision(4), row.reference.toPrecision(4), row.unit, row.ratio.toFixed(3), String(row.runs)]))
}

if (wanted === undefined) {
	process.stdout.write(`npm run bench -- NAME [PART ...] [--json]\n${[...names, 'all'].map((name) => `  ${name}`).join('\n')}\n`)
} else if (wanted !== 'all' && !names.includes(wanted)) {
	say(`There is no benchmark "${wanted}". There are ${names.join(', ')}.`)
	process.exitCode = 2
} else {
	const rows: BenchRow[] = []
	for (const name of wanted === 'all' ? names : [wanted]) rows.push(...(await benchmark(name)))
	print(rows)
}
