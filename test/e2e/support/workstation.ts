import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, chromium, type Browser, type BrowserContext, type ElectronApplication, type Page } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PROGRAM = join(ROOT, 'out', 'main', 'index.js')

/** A running workstation with its window, whichever shell shows it. */
export interface Session {
	page: Page
	home: string
	/** Process ids of the hosts, as the program states them. */
	hosts(): Promise<Record<'imaging' | 'inference', number | null>>
	call<Output>(name: string, input: unknown): Promise<Output>
	/** Closes window and program as a person does; the home folder stays. */
	quit(): Promise<void>
}

export type ShellUnderTest = 'browser' | 'electron'

/** Why a shell cannot be tested on this machine; null where it can. */
export function reasonToSkip(shell: ShellUnderTest): string | null {
	if (shell === 'browser') return process.env['NEGATOSCOPE_BROWSER'] ? null : 'no Chromium on this machine'
	return electronRuntime() ? null : 'Electron\'s runtime is not installed here (it comes from GitHub)'
}

function electronRuntime(): string | null {
	const require = createRequire(import.meta.url)
	try {
		const folder = join(ROOT, 'node_modules', 'electron')
		const path = (require('node:fs') as typeof import('node:fs')).readFileSync(join(folder, 'path.txt'), 'utf8')
		return join(folder, 'dist', path)
	} catch {
		return null
	}
}

export async function newHome(): Promise<{ home: string; remove(): Promise<void> }> {
	const home = await mkdtemp(join(tmpdir(), 'negatoscope-e2e-'))
	return { home, remove: () => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) }
}

export interface SessionOptions {
	shell?: ShellUnderTest
	home: string
	parameters?: string[]
	viewport?: { width: number; height: number }
	scale?: number
	/** WebGL that runs on the processor, as the tests' machine has no graphics; without it the page draws films itself. Browser shell. */
	webgl?: boolean
}

export function startSession(options: SessionOptions): Promise<Session> {
	return options.shell === 'electron' ? startElectron(options) : startBrowser(options)
}

async function startBrowser({ home, parameters = [], viewport = { width: 1366, height: 768 }, scale = 1, webgl = false }: SessionOptions): Promise<Session> {
	const { program, address } = await startProgram(home, parameters)
	let browser: Browser | null = null
	let context: BrowserContext | null = null
	try {
		browser = await launchBrowser(webgl)
		context = await browser.newContext({ viewport, deviceScaleFactor: scale, acceptDownloads: true })
		const page = await context.newPage()
		page.setDefaultTimeout(120_000)
		await page.goto(address)
		const opened = browser
		return sessionOf(page, home, async () => {
			await opened.close()
			await ended(program, 'SIGTERM')
		})
	} catch (error) {
		await browser?.close()
		program.kill('SIGKILL')
		throw error
	}
}

/** The machine's Chromium without a window. @param webgl that runs on the processor. */
export function launchBrowser(webgl = false): Promise<Browser> {
	return chromium.launch({
		executablePath: process.env['NEGATOSCOPE_BROWSER'] ?? '',
		// Chromium finds no file whose name is not ASCII where nothing says how names are written.
		env: { ...process.env, LC_ALL: 'C.UTF-8' },
		args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...(webgl ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : ['--disable-gpu'])],
	})
}

/** Starts the built program in the browser shell. @returns the process and the address that a window may be opened with. */
export async function startProgram(home: string, parameters: string[] = []): Promise<{ program: ChildProcess; address: string }> {
	const program = spawn(process.execPath, [PROGRAM, '--reason', 'for a test', '--home', home, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] })
	const address = await new Promise<string>((resolve, reject) => {
		let output = ''
		program.stdout.on('data', (chunk: Buffer) => {
			output += String(chunk)
			const match = /http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+(#study=\d+)?\n/.exec(output)
			if (match) resolve(match[0].trim())
		})
		program.once('exit', (code, signal) => reject(new Error(`The program ended (${code ?? signal}) before it served.`)))
	})
	return { program, address }
}

async function startElectron({ home, parameters = [], viewport = { width: 1366, height: 768 } }: SessionOptions): Promise<Session> {
	const application: ElectronApplication = await _electron.launch({ executablePath: electronRuntime() ?? '', args: [PROGRAM, '--reason', 'for a test', '--home', home, ...parameters] })
	const page = await application.firstWindow()
	await page.setViewportSize(viewport)
	return sessionOf(page, home, () => application.close())
}

function sessionOf(page: Page, home: string, quit: () => Promise<void>): Session {
	const call = <Output>(name: string, input: unknown) => callFromPage<Output>(page, name, input)
	return {
		page,
		home,
		call,
		async hosts() {
			const status = await call<{ hosts: { name: 'imaging' | 'inference'; pid: number | null }[] }>('system.status', {})
			return Object.fromEntries(status.hosts.map(({ name, pid }) => [name, pid])) as Record<'imaging' | 'inference', number | null>
		},
		quit,
	}
}

/** A call of the contract as the page makes it, over a socket (browser shell) or the bridge (Electron). */
function callFromPage<Output>(page: Page, name: string, input: unknown): Promise<Output> {
	return page.evaluate(
		async ([procedure, parameters]) => {
			const bridge = (window as unknown as { negatoscope?: { call(name: unknown, input: unknown): Promise<unknown> } }).negatoscope
			const reply = bridge
				? await bridge.call(procedure, parameters)
				: await new Promise((resolve, reject) => {
						const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/socket`)
						socket.addEventListener('open', () => socket.send(JSON.stringify({ id: 1, name: procedure, input: parameters })))
						socket.addEventListener('message', (message) => {
							const data = JSON.parse(String(message.data)) as { id?: number; reply?: unknown }
							if (data.id !== 1) return
							socket.close()
							resolve(data.reply)
						})
						socket.addEventListener('error', () => reject(new Error('no connection')))
					})
			const { output, error } = reply as { output: never; error?: { message: string } }
			if (error) throw new Error(error.message)
			return output
		},
		[name, input] as const,
	)
}

/** Ends a process and waits for it. */
export async function ended(program: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (program.exitCode !== null || program.signalCode !== null) return
	const exit = new Promise((resolve) => program.once('exit', resolve))
	program.kill(signal)
	await exit
}

/** Keeps a screenshot as an artefact; they are there to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
	const folder = join(process.env['ARTIFACTS'] ?? join(ROOT, 'artifacts'), 'screenshots')
	mkdirSync(folder, { recursive: true })
	await page.screenshot({ path: join(folder, `${name}.png`) })
}

/** Keeps a screenshot; with UPDATE_PICTURES=1 it becomes the one that README and guide show. */
export async function documentationPicture(page: Page, name: string): Promise<void> {
	await picture(page, name)
	if (process.env['UPDATE_PICTURES'] !== '1') return
	const folder = join(ROOT, 'docs', 'pictures')
	mkdirSync(folder, { recursive: true })
	await page.screenshot({ path: join(folder, `${name}.png`) })
}
