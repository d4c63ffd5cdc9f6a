import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Say } from './compare.ts'

const run = promisify(execFile)
const CACHE = resolve(import.meta.dirname, '../.venv')
const SYSTEM_PYTHON = '/usr/bin/python3'

/**
 * A Python with the given packages (pip requirements), made once and kept in bench/.venv.
 * @returns The interpreter's path, or null where it cannot be made; `say` is told why.
 */
export async function pythonWith(requirements: readonly string[], say: Say): Promise<string | null> {
	const folder = join(CACHE, createHash('sha256').update(requirements.toSorted().join('\n')).digest('hex').slice(0, 16))
	const windows = process.platform === 'win32'
	const python = windows ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
	const finished = join(folder, 'finished')
	if (existsSync(finished)) return python
	try {
		say(`Making a Python environment with ${requirements.join(', ')}.`)
		await rm(folder, { recursive: true, force: true })
		await mkdir(CACHE, { recursive: true })
		await run(windows ? 'python' : 'python3', ['-m', 'venv', folder], { timeout: 120_000 })
		await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements], { timeout: 900_000 })
		await writeFile(finished, requirements.join('\n'))
		return python
	} catch (error) {
		await rm(folder, { recursive: true, force: true })
		say(`No comparison with a program in Python: its environment cannot be made (${reasonOf(error)}).`)
		return null
	}
}

/** Debian's PyTorch, which belongs to the system's own Python: its interpreter, or null where there is none; `say` is told the version or the reason. */
export async function systemPyTorch(say: Say): Promise<string | null> {
	try {
		const { stdout } = await run(SYSTEM_PYTHON, ['-c', 'import numpy, torch; print(torch.__version__)'])
		say(`The system's PyTorch is ${stdout.trim()}.`)
		return SYSTEM_PYTHON
	} catch {
		say('No comparison with the system\'s PyTorch: its Python has none (Debian: apt-get install python3-torch).')
		return null
	}
}

/**
 * A folder with packages for an interpreter whose own environment stays as it is, made once and kept in bench/.venv.
 * @param installs Arguments of one `pip install` each.
 * @returns The folder, for sys.path, or null where it cannot be made; `say` is told why.
 */
export async function packagesFor(python: string, installs: readonly (readonly string[])[], say: Say): Promise<string | null> {
	const folder = join(CACHE, `packages-${createHash('sha256').update(JSON.stringify([python, installs])).digest('hex').slice(0, 16)}`)
	const finished = join(folder, 'finished')
	if (existsSync(finished)) return folder
	try {
		say(`Installing ${installs.flat().filter((argument) => !argument.startsWith('-')).join(', ')} into a folder for ${python}.`)
		await rm(folder, { recursive: true, force: true })
		await mkdir(CACHE, { recursive: true })
		for (const install of installs) await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder, ...install], { timeout: 900_000 })
		await writeFile(finished, JSON.stringify(installs))
		return folder
	} catch (error) {
		await rm(folder, { recursive: true, force: true })
		say(`The packages cannot be installed for ${python} (${reasonOf(error)}).`)
		return null
	}
}

/** The last line of what a program wrote, or of the error itself. */
function reasonOf(error: unknown): string {
	const { stderr } = error as { stderr?: string }
	return ((stderr || String(error)).trim().split('\n').at(-1) ?? '').slice(0, 200)
}

/** A program in Python that answers each line of JSON on its standard input with one on its standard output. */
export interface PythonPeer {
	ask(question: unknown): Promise<unknown>
	close(): void
}

/** Starts a peer: `python script ...args`. ask() rejects when the program ends. */
export function startPython(python: string, script: string, args: readonly string[] = []): PythonPeer {
	const child = spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
	const waiting: { answer(line: string): void; fail(error: Error): void }[] = []
	createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.answer(line))
	const fail = (error: Error) => {
		for (const one of waiting.splice(0)) one.fail(error)
	}
	child.on('error', fail)
	child.on('exit', (code) => fail(new Error(`The Python program ended (${code}).`)))
	child.stdin.on('error', fail)
	return {
		ask: (question) =>
			new Promise((answer, reject) => {
				waiting.push({ answer: (line) => answer(JSON.parse(line)), fail: reject })
				child.stdin.write(`${JSON.stringify(question)}\n`)
			}),
		close: () => child.stdin.end(),
	}
}
