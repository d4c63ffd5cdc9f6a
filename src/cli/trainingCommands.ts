import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UserError } from '../common/contract/procedures.ts'
import type { RunSummary } from '../common/contract/training/run.ts'
import { zooNameSchema, type ZooEntry } from '../common/contract/training/zoo.ts'
import { trainingPlaces } from '../main/training/places.ts'
import { oneLine, type Call, type Command } from './command.ts'
import { distilRecipe } from './distil.ts'
import { endProgress, EXIT, printAnswer, printProgress, UsageError } from './output.ts'
import { clock, printRunProgress } from './runProgress.ts'

/** A recipe is a page of text; a larger file is something else. */
const LARGEST_RECIPE = 4 * 1024 * 1024

/** Two interrupts within this time are one: a terminal tells the whole group, and the starter of this program passes its own on. */
const SAME_INTERRUPT_MILLISECONDS = 1000

/** Networks, training runs. */
export const trainingCommands: Record<string, Command> = {
	zoo: {
		options: { classes: { type: 'string' }, out: { type: 'string' }, size: { type: 'string' }, seed: { type: 'string', default: '0' }, weights: { type: 'string' }, 'latency-ms': { type: 'string' } },
		words: [1, 2],
		async run(call) {
			const [what, name] = call.words
			if (what === 'list') return zooList(call)
			if (what === 'build' && name !== undefined) return zooBuild(call, name)
			if (what === 'search' && name === undefined) return zooSearch(call)
			throw new UsageError('zoo takes list, build NAME or search --latency-ms X.')
		},
	},
	train: {
		options: { check: { type: 'boolean', default: false } },
		words: [1, 1],
		async run(call) {
			const file = resolve(call.words[0] ?? '')
			return train(call, { recipe: await readJson(file), title: file, base: dirname(file) }, call.flag('check'))
		},
	},
	distil: {
		options: {
			teacher: { type: 'string' }, student: { type: 'string' }, data: { type: 'string' }, epochs: { type: 'string' }, size: { type: 'string' }, batch: { type: 'string' },
			seed: { type: 'string' }, name: { type: 'string' }, check: { type: 'boolean', default: false },
		},
		words: [0, 0],
		run: (call) => train(call, { recipe: distilRecipe(call.text), title: 'distil', base: process.cwd() }, call.flag('check')),
	},
	resume: {
		options: {},
		words: [1, 1],
		run: (call) => follow(call, (signal) => call.workstation.rooms.supervisor.call(
			'training', 'resume', { id: call.words[0] ?? '', places: trainingPlaces(call.workstation.rooms) }, { signal, onProgress: printRunProgress, subject: `the run ${call.words[0] ?? ''}` },
		)),
	},
	runs: {
		options: {},
		words: [0, 0],
		async run({ workstation, json }) {
			const { runs, refused } = await workstation.rooms.supervisor.call('review', 'runs', { places: trainingPlaces(workstation.rooms) })
			printAnswer(json, { runs, refused }, [
				...(runs.length === 0 ? ['There are no runs.'] : runs.map(describeRun)),
				...refused.map(({ id, reason }) => `${id}: refused: ${reason}`),
			])
			return refused.length > 0 ? EXIT.someRefused : EXIT.done
		},
	},
}

/** @returns the value of an option that is a whole number. */
function whole(call: Call, name: string): number | null {
	const text = call.text(name)
	if (text === null) return null
	if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} takes a whole number, not "${text}".`)
	return Number(text)
}

async function readJson(file: string): Promise<unknown> {
	let text: string
	try {
		if ((await stat(file)).size > LARGEST_RECIPE) throw new UserError(`${file} is larger than 4 MiB: that is no recipe.`)
		text = await readFile(file, 'utf8')
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new UserError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`)
	}
	try {
		return JSON.parse(text)
	} catch (error) {
		throw new UserError(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}.`)
	}
}

function describeNetwork({ name, title, classes, size, parameters, macs }: ZooEntry): string {
	return `${name}\t${title}\t${classes} classes\t${(parameters / 1e6).toFixed(2)} M parameters\t${(macs / 1e9).toFixed(3)} G multiply-accumulates at ${size} pixels`
}

async function zooList(call: Call): Promise<number> {
	const entries = await call.workstation.rooms.supervisor.call('training', 'zooList', { classes: whole(call, 'classes') ?? 1000 })
	printAnswer(call.json, entries, entries.map(describeNetwork))
	return EXIT.done
}

async function zooBuild(call: Call, word: string): Promise<number> {
	const name = zooNameSchema.safeParse(word)
	if (!name.success) throw new UsageError(`There is no network ${word}. There are ${zooNameSchema.options.join(', ')}.`)
	const [classes, out] = [whole(call, 'classes'), call.text('out')]
	if (classes === null || classes < 1 || out === null) throw new UsageError('zoo build needs --classes N and --out FILE.')
	const weights = call.text('weights')
	const entry = await call.workstation.rooms.supervisor.call('training', 'zooBuild', {
		name: name.data, classes, size: whole(call, 'size'), seed: whole(call, 'seed') ?? 0, weights: weights === null ? null : resolve(weights), output: resolve(out),
	})
	printAnswer(call.json, { ...entry, out }, [`${out}: ${describeNetwork(entry)}, ${entry.bytes} bytes`])
	return EXIT.done
}

async function zooSearch(call: Call): Promise<number> {
	const milliseconds = Number(call.text('latency-ms') ?? Number.NaN)
	if (!(milliseconds > 0)) throw new UsageError('zoo search needs --latency-ms X, the milliseconds that one image may take.')
	const found = await call.workstation.rooms.supervisor.call(
		'training', 'zooSearch',
		{ milliseconds, classes: whole(call, 'classes') ?? 1000, timesFile: join(call.workstation.rooms.home, 'block-times.json') },
		{ onProgress: ({ done, of }) => printProgress(`Measuring blocks of networks on this machine, once: ${done} of ${of}`) },
	)
	endProgress()
	const { student, size, parameters, macs, milliseconds: { predicted, measured } } = found
	printAnswer(call.json, found, [
		`${(parameters / 1e6).toFixed(2)} M parameters, ${(macs / 1e9).toFixed(3)} G multiply-accumulates at ${size} pixels; ${predicted.toFixed(1)} ms predicted, ${measured.toFixed(1)} ms measured`,
		`"student": ${JSON.stringify(student)}, "input": { "size": ${size} }`,
	])
	return EXIT.done
}

function describeRun({ id, record, pack }: RunSummary): string {
	const best = record.best ? `, best ${record.best.metric} ${record.best.value.toFixed(4)} after epoch ${record.best.epoch}` : ''
	const where = `epoch ${record.epoch} of ${record.epochs}, step ${record.step} of ${record.steps}, ${clock(record.seconds)}`
	return oneLine(`${id}: ${record.state}: ${where}${best}${pack ? `, pack ${pack}` : ''}${record.reason ? `: ${record.reason}` : ''}`)
}

async function train(call: Call, source: { recipe: unknown; title: string; base: string }, onlyCheck: boolean): Promise<number> {
	const { supervisor } = call.workstation.rooms
	const input = { ...source, places: trainingPlaces(call.workstation.rooms) }
	if (!onlyCheck) return follow(call, (signal) => supervisor.call('training', 'train', input, { signal, onProgress: printRunProgress, subject: source.title }))
	const preflight = await supervisor.call('review', 'preflight', input, { onProgress: printRunProgress, subject: source.title })
	endProgress()
	printAnswer(call.json, preflight, [
		...preflight.checks.map(({ ok, name, detail }) => `${ok ? 'passed' : 'FAILED'}: ${name}: ${detail}`),
		...preflight.refused.map(({ id, reason }) => `left out: ${oneLine(id)}: ${oneLine(reason)}`),
	])
	return preflight.ok ? EXIT.done : EXIT.someRefused
}

/** Follows a run to its end; the first interrupt pauses it, one more gives up waiting. */
async function follow(call: Call, start: (signal: AbortSignal) => Promise<RunSummary>): Promise<number> {
	const pause = new AbortController()
	let since = 0
	const interrupted = () => {
		if (pause.signal.aborted && performance.now() - since > SAME_INTERRUPT_MILLISECONDS) process.exit(130)
		since = performance.now()
		if (!pause.signal.aborted) {
			endProgress()
			process.stderr.write(process.stderr.isTTY ? 'Pausing after this step. Ctrl-C again ends at once; the run goes on from its last checkpoint then.\n' : '')
		}
		pause.abort()
	}
	process.on('SIGINT', interrupted)
	process.on('SIGTERM', interrupted)
	try {
		const summary = await start(pause.signal)
		endProgress()
		printAnswer(call.json, summary, [describeRun(summary), ...(summary.record.state === 'paused' ? [`negatoscope resume ${summary.id} goes on with it.`] : [])])
		return summary.record.state === 'finished' || summary.record.state === 'paused' ? EXIT.done : EXIT.someRefused
	} catch (error) {
		if (pause.signal.aborted && error instanceof Error && error.name === 'AbortError') throw new UserError('Stopped before the run began; nothing was written.')
		throw error
	} finally {
		process.off('SIGINT', interrupted)
		process.off('SIGTERM', interrupted)
	}
}
