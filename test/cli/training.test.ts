import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgressSchema, type RunSummary } from '../../src/common/contract/training/run.ts'
import { smallRecipe, writeSmallData } from '../support/smallRun.ts'

const CLI = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
let folder: string
let parts: { data: string; student: string }

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-test-'))
	parts = await writeSmallData(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))

interface Outcome {
	code: number | null
	stdout: string
	stderr: string
}

/** @param interruptAt the process gets SIGINT with the first line of progress that has this text. */
function negatoscope(parameters: readonly string[], interruptAt: string | null = null): Promise<Outcome> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...parameters, '--home', join(folder, 'home')], { stdio: ['ignore', 'pipe', 'pipe'] })
		let [stdout, stderr, told] = ['', '', false]
		child.stdout.on('data', (text: Buffer) => void (stdout += text.toString()))
		child.stderr.on('data', (text: Buffer) => {
			stderr += text.toString()
			if (interruptAt === null || told || !stderr.includes(interruptAt)) return
			told = true
			child.kill('SIGINT')
		})
		child.on('close', (code) => resolve({ code, stdout, stderr }))
	})
}

const recipeFile = (name: string, value: unknown): string => {
	const path = join(folder, name)
	writeFileSync(path, JSON.stringify(value))
	return path
}

describe('the command line trains', () => {
	it('lists and builds the networks of the zoo', async () => {
		const list = await negatoscope(['zoo', 'list', '--json', '--classes', '14'])
		expect(list.code).toBe(0)
		expect(JSON.parse(list.stdout)).toContainEqual({ name: 'eeea-net-c2', title: 'EEEA-Net-C2', classes: 14, size: 224, parameters: 4_732_838, macs: 289_941_952 })
		const out = join(folder, 'eeea.onnx')
		const built = await negatoscope(['zoo', 'build', 'eeea-net-c2', '--classes', '3', '--out', out, '--json'])
		expect(built.code).toBe(0)
		expect(JSON.parse(built.stdout)).toMatchObject({ parameters: 4_718_747, bytes: readFileSync(out).length })
	})

	it('a recipe, is paused by Ctrl-C, lists the run, resumes it, and teaches another with its pack', async () => {
		const recipe = recipeFile('recipe.json', smallRecipe({ data: 'data', student: 'student.onnx' }, { epochs: 6 }))
		const paused = await negatoscope(['train', recipe, '--json'], '"event":"step","step":3')
		expect(paused.code).toBe(0)
		const { id, record } = JSON.parse(paused.stdout) as RunSummary
		expect(record.state).toBe('paused')
		const progress = paused.stderr.trimEnd().split('\n').map((line) => runProgressSchema.parse(JSON.parse(line)))
		expect(new Set(progress.map(({ kind }) => kind))).toEqual(new Set(['phase', 'preflight', 'started', 'metric', 'checkpoint']))
		const runs = await negatoscope(['runs'])
		expect(runs.stdout).toMatch(/^small-1: paused: epoch \d of 6, step \d+ of 36/)
		const ended = await negatoscope(['resume', id, '--json'])
		expect(ended.code).toBe(0)
		const { pack } = JSON.parse(ended.stdout) as RunSummary
		expect(pack && existsSync(join(pack, 'model.onnx'))).toBe(true)
		const checked = await negatoscope(['distil', '--teacher', pack ?? '', '--student', parts.student, '--data', parts.data, '--batch', '8', '--epochs', '1', '--check', '--json'])
		expect(checked.code).toBe(0)
		expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, time: { steps: 6 } })
	})

	it.each<[string[], number, RegExp]>([
		[['zoo'], 1, /needs something/], [['zoo', 'build', 'resnet', '--classes', '3', '--out', 'x'], 1, /There is no network resnet/], [['zoo', 'build', 'vgg19'], 1, /needs --classes/],
		[['zoo', 'search'], 1, /needs --latency-ms/], [['train'], 1, /needs something/], [['train', 'none.json'], 2, /none\.json cannot be read/], [['resume', 'none'], 2, /There is no run none/],
		[['distil', '--teacher', 'x'], 1, /needs --teacher/],
	])('ends %j with exit code %i and a sentence', async (parameters, code, message) => {
		const outcome = await negatoscope(parameters)
		expect(outcome).toMatchObject({ code, stdout: '' })
		expect(outcome.stderr).toMatch(message)
	})

	it('refuses a recipe with an unknown key by file and field', async () => {
		const recipe = recipeFile('wrong.json', { ...smallRecipe(parts), optimizer: 'adam' })
		const { code, stderr } = await negatoscope(['train', recipe])
		expect([code, stderr]).toEqual([2, `negatoscope: ${recipe}: there is no field "optimizer" in a recipe.\n`])
	})
})
