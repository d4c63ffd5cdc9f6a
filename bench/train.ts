import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { EEEA_NET_C2, OFA_595, type OfaEncoding } from '../src/zoo/ofa/encoding.ts'
import { median, type BenchRow, type Say } from './harness/compare.ts'
import { pythonWith, startPython, systemPyTorch, type PythonPeer } from './harness/python.ts'
import type { TrainingQuestion } from './peers/train.ts'

const PAUSE_MILLISECONDS = 500
const CLASSES = 3
const INPUT_SIZE = 224
const SAID_OPERATORS = 12
/** A program that gets less of its threads' time than this shares the machine with others. */
const LEAST_SHARE = 0.7
/** Losses of two programs after a step or two may differ by so much of themselves. */
const LOSS_TOLERANCE = 1e-3

interface Configuration {
	network: string
	batch: number
	norm: 'batch' | 'frozen'
	/** Of OFA networks, which the peers build of it. */
	encoding?: OfaEncoding
	runs: number
	/** With PyTorch's channels-last layout too. */
	layouts: boolean
}

const STUDENTS: readonly Configuration[] = [['ofa-595', OFA_595], ['eeea-net-c2', EEEA_NET_C2]].flatMap(([network, encoding]) => [16, 32].flatMap((batch) => (['batch', 'frozen'] as const).map((norm) => (
	{ network, encoding, batch, norm, runs: 7, layouts: batch === 16 } as Configuration
))))
const OTHERS: readonly Configuration[] = ['densenet121', 'densenet161', 'vgg19', 'visformer-s', 'autoformerv2-t'].map((network) => ({ network, batch: 4, norm: 'batch', runs: 3, layouts: false }))

/** A program that takes training steps, in a process of its own. */
interface Trainer {
	name: string
	peer: PythonPeer
	steps: { milliseconds: number; processor: number; loss: number }[]
}

/**
 * Images per second of a full training step (forward, loss, backward, optimiser) on images in memory, against PyTorch with the same number of threads, each in a
 * process of its own, in turn. Goals: 1.5 times Debian's PyTorch with batch statistics, 2 times with frozen norm, and ahead of the newest. Peak memory of each process,
 * the step beside three forward passes with constant weights, and the step by operator.
 */
export async function train(say: Say): Promise<BenchRow[]> {
	const debian = await systemPyTorch(say)
	const newest = await pythonWith(['numpy', 'torch', 'torchvision', 'timm'], say)
	const rows: BenchRow[] = []
	for (const configuration of [...STUDENTS, ...OTHERS]) rows.push(...(await measure(configuration, { debian, newest }, say)))
	return rows
}

async function measure(configuration: Configuration, pythons: { debian: string | null; newest: string | null }, say: Say): Promise<BenchRow[]> {
	const { network, batch, norm, encoding } = configuration
	const title = `${network}, batch ${batch}, ${norm === 'batch' ? 'batch statistics' : 'frozen norm'}`
	const question: TrainingQuestion = { network, batch, norm, classes: CLASSES, inputSize: INPUT_SIZE, threads: availableParallelism() }
	const script = resolve(import.meta.dirname, 'peers/train.py')
	const trainers: Trainer[] = []
	const add = async (name: string, program: string, file: string, layout: 'contiguous' | 'channels_last') => {
		const peer = startPython(program, file)
		trainers.push({ name, peer, steps: [] })
		const { version } = (await peer.ask({ task: 'load', ...question, encoding, layout })) as { version: string }
		return version
	}
	try {
		await add('ours', process.execPath, resolve(import.meta.dirname, 'peers/train.ts'), 'contiguous')
		// The system's Python has neither torchvision nor timm.
		if (pythons.debian !== null && encoding) await add('Debian\'s PyTorch', pythons.debian, script, 'contiguous')
		if (pythons.newest !== null) await add('newest PyTorch', pythons.newest, script, 'contiguous')
		if (pythons.newest !== null && configuration.layouts) await add('newest PyTorch, channels last', pythons.newest, script, 'channels_last')
		for (let run = -2; run < configuration.runs; run++) {
			for (const trainer of run % 2 === 0 ? trainers : trainers.toReversed()) {
				// The threads of a step that has just ended go on spinning for a while.
				await setTimeout(PAUSE_MILLISECONDS)
				trainer.steps.push((await trainer.peer.ask({ task: 'step' })) as Trainer['steps'][number])
			}
		}
		const [ours, ...others] = trainers
		if (!ours) return []
		sayLosses(title, trainers, say)
		const perSecond = ({ steps }: Trainer) => (1000 * batch) / median(steps.slice(2).map(({ milliseconds }) => milliseconds))
		const memory = new Map<Trainer, number>()
		for (const trainer of trainers) memory.set(trainer, ((await trainer.peer.ask({ task: 'memory' })) as { mebibytes: number }).mebibytes)
		const rows = others.flatMap((other): BenchRow[] => [
			row(`${title}, against ${other.name}`, 'images/s', perSecond(ours), perSecond(other), configuration.runs),
			row(`${title}, peak memory against ${other.name}`, 'MiB', memory.get(ours) ?? 0, memory.get(other) ?? 0, 1),
		])
		// The others would only hold memory.
		for (const other of others) other.peer.close()
		const { times } = (await ours.peer.ask({ task: 'forward', runs: configuration.runs })) as { times: number[] }
		rows.push(row(`${title}, step beside three forward passes`, 'ms', (1000 * batch) / perSecond(ours), 3 * median(times), configuration.runs))
		const { operators } = (await ours.peer.ask({ task: 'profile' })) as { operators: [string, number, number][] }
		say(`${title}, by operator: ${operators.slice(0, SAID_OPERATORS).map(([operator, milliseconds, nodes]) => `${operator} ${milliseconds.toFixed(1)} ms (${nodes})`).join(', ')}.`)
		return rows
	} finally {
		for (const { peer } of trainers) peer.close()
	}
}

function row(name: string, unit: string, ours: number, reference: number, runs: number): BenchRow {
	return { name, unit, ours, reference, ratio: ours / reference, runs }
}

/** A fast wrong step would be no win: the first losses must be the same. How much of the machine each had tells whether others were at work. */
function sayLosses(title: string, trainers: readonly Trainer[], say: Say): void {
	const [ours] = trainers
	for (const { name, steps } of trainers) {
		const busy = median(steps.map(({ milliseconds, processor }) => processor / milliseconds))
		say(`${title}, ${name}: ${median(steps.slice(2).map(({ milliseconds }) => milliseconds)).toFixed(0)} ms, ${busy.toFixed(2)} processors, losses ${steps.slice(0, 3).map(({ loss }) => loss.toFixed(5)).join(', ')}.`)
		if (busy < LEAST_SHARE * availableParallelism()) say(`${title}: other work was on the machine; nothing follows from the times.`)
		const apart = steps.slice(0, 2).some(({ loss }, step) => Math.abs(loss - (ours?.steps[step]?.loss ?? Number.NaN)) > LOSS_TOLERANCE * Math.abs(loss))
		if (apart) say(`${title}: the losses of ${name} are others than ours; the times do not compare the same work.`)
	}
}
