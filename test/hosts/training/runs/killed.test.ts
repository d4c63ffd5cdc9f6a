import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunProgress } from '../../../../src/common/contract/training/run.ts'
import { randomStream } from '../../../../src/common/random.ts'
import { hashWeights, readBest, readLatest } from '../../../../src/hosts/training/runs/checkpoint.ts'
import { readRecord } from '../../../../src/hosts/training/runs/folder.ts'
import { smallRecipe, writeSmallData } from '../../../support/smallRun.ts'

const CHILD = fileURLToPath(new URL('../../../support/trainingChild.ts', import.meta.url))
let folder: string
let recipe: string

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-runs-'))
	recipe = join(folder, 'recipe.json')
	writeFileSync(recipe, JSON.stringify(smallRecipe(await writeSmallData(folder))))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Line = RunProgress | { kind: 'ended'; state: string }

/** Runs a child until it ends, or kills it some microseconds after a line that fits. @returns the signal that ended it. */
function child(parameters: readonly string[], killAfter: ((line: Line) => boolean) | null, microseconds = 0): Promise<NodeJS.Signals | null> {
	return new Promise((resolve, reject) => {
		const process_ = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] })
		let error = ''
		process_.stderr.on('data', (text: Buffer) => void (error += text.toString()))
		createInterface({ input: process_.stdout }).on('line', (text) => {
			if (!killAfter?.(JSON.parse(text) as Line)) return
			const until = performance.now() + microseconds / 1000
			while (performance.now() < until);
			process_.kill('SIGKILL')
		})
		process_.on('exit', (code, signal) => (code === 0 || signal === 'SIGKILL' ? resolve(signal) : reject(new Error(error))))
	})
}

const atStep = (step: number) => (line: Line) => line.kind === 'metric' && line.metric.step === step

/** Everything that a run leaves: weights, slots, average, best weights, metrics and the exported network. */
function result(runs: string) {
	const directory = join(runs, 'small-1')
	const { checkpoint } = readLatest(join(directory, 'checkpoints'))
	const file = (name: string) => createHash('sha256').update(readFileSync(join(directory, name))).digest('hex')
	const { seconds: _seconds, ...position } = checkpoint.position
	return {
		position,
		groups: Object.fromEntries([...checkpoint.groups].map(([name, values]) => [name, hashWeights(values)])),
		best: hashWeights(readBest(join(directory, 'checkpoints'), checkpoint.position.best?.step ?? -1)),
		metrics: file('metrics.jsonl'),
		model: file(join('pack', 'model.onnx')),
		record: readRecord(directory).weightsSha256,
	}
}

describe('a run that was killed', () => {
	let whole: ReturnType<typeof result>

	beforeAll(async () => {
		const runs = join(folder, 'whole')
		await child(['start', recipe, runs], null)
		whole = result(runs)
	})

	it.each([
		['between two steps, twice', [atStep(7), atStep(16)]],
		['at a validation, right after a checkpoint and while the pack is made', [
			(line: Line) => line.kind === 'metric' && line.metric.event === 'validation', (line: Line) => line.kind === 'checkpoint' && line.step === 20,
			(line: Line) => line.kind === 'phase' && line.phase === 'validation images',
		]],
	])('%s, and resumed equals one that was not, to the bit', async (name, moments) => {
		const runs = join(folder, name.replaceAll(' ', '-'))
		const random = randomStream(moments.length, name)
		for (const [index, moment] of moments.entries()) {
			expect(await child(index === 0 ? ['start', recipe, runs] : ['resume', 'small-1', runs], moment, random.integer(12_000))).toBe('SIGKILL')
			expect(readRecord(join(runs, 'small-1')).state).toBe('interrupted')
		}
		expect(await child(['resume', 'small-1', runs], null)).toBeNull()
		expect(readRecord(join(runs, 'small-1')).state).toBe('finished')
		expect(result(runs)).toEqual(whole)
	})
})
