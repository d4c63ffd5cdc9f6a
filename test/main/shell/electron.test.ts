import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Program } from '../../../src/main/shell/shell.ts'

/** A stand-in for the part of Electron's API that the shell and the preload script use. */
const electron = vi.hoisted(() => ({
	handlers: new Map<string, (...parameters: unknown[]) => unknown>(),
	schemes: [] as { scheme: string }[],
	pages: new Map<string, (request: Request) => unknown>(),
	windows: [] as { options: Record<string, unknown>; sent: unknown[][]; loaded: string; closed?: () => void; open?: (details: { url: string }) => unknown; navigate?: (event: { url: string; preventDefault(): void }) => void }[],
	exposed: {} as Record<string, Record<string, (...parameters: never[]) => unknown>>,
	appListeners: new Map<string, (...parameters: unknown[]) => void>(),
	paths: new Map<string, string>(),
	alone: true,
	open: [] as { focus(): void }[],
	quit: 0,
	permission: null as null | ((contents: unknown, permission: string, callback: (allowed: boolean) => void) => void),
	forked: [] as unknown[][],
	child: null as unknown,
	rendererListeners: new Map<string, (...parameters: unknown[]) => void>(),
	invoked: [] as unknown[][],
}))

vi.mock('electron', () => ({
	app: {
		whenReady: async () => {}, on: (name: string, listener: (...parameters: unknown[]) => void) => electron.appListeners.set(name, listener), quit: () => electron.quit++,
		setPath: (name: string, path: string) => electron.paths.set(name, path), requestSingleInstanceLock: () => electron.alone,
	},
	protocol: {
		registerSchemesAsPrivileged: (schemes: { scheme: string }[]) => void (electron.schemes = schemes),
		handle: (scheme: string, handler: (request: Request) => unknown) => electron.pages.set(scheme, handler),
	},
	session: { defaultSession: { setPermissionRequestHandler: (handler: never) => void (electron.permission = handler) } },
	ipcMain: { handle: (name: string, handler: never) => electron.handlers.set(name, handler) },
	ipcRenderer: {
		invoke: async (...parameters: unknown[]) => void electron.invoked.push(parameters),
		on: (name: string, listener: never) => electron.rendererListeners.set(name, listener),
	},
	contextBridge: { exposeInMainWorld: (name: string, api: never) => void (electron.exposed[name] = api) },
	utilityProcess: {
		fork: (...parameters: unknown[]) => {
			electron.forked.push(parameters)
			return electron.child
		},
	},
	BrowserWindow: class {
		record = { options: {} as Record<string, unknown>, sent: [] as unknown[][], loaded: '' } as (typeof electron.windows)[number]
		static getAllWindows = () => electron.open
		focus = vi.fn()
		once = (_name: string, listener: () => void) => void (this.record.closed = listener)
		constructor(options: Record<string, unknown>) {
			this.record.options = options
			electron.windows.push(this.record)
			electron.open.push(this)
		}
		webContents = {
			setWindowOpenHandler: (handler: never) => void (this.record.open = handler),
			on: (_name: string, listener: never) => void (this.record.navigate = listener),
			send: (...parameters: unknown[]) => void this.record.sent.push(parameters),
		}
		isDestroyed = () => false
		loadURL = async (url: string) => void (this.record.loaded = url)
	},
}))

const { isOurPage, registerScheme, runElectronShell, spawnUtilityHost } = await import('../../../src/main/shell/electron.ts')

const home = mkdtempSync(join(tmpdir(), 'negatoscope-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const closed = vi.fn(async () => {})
let tell: (event: string, payload: unknown) => void
const importPaths = vi.fn<(paths: string[]) => void>()

/** As a person closes the last window. */
function closeWindow(): void {
	electron.windows.at(-1)?.closed?.()
	electron.open.length = 0
	electron.appListeners.get('window-all-closed')?.()
}

let goesOn: string | null
const program: Program = {
	call: async (name, input) => ({ output: [name, input] }),
	handle: async (request) => new Response(request.url),
	subscribe(listener) {
		tell = listener
		return () => {}
	},
	unfinished: () => goesOn,
	close: closed,
}

const frame = (url: string, parent: unknown = null) => ({ senderFrame: { url, parent } }) as never

describe('the Electron shell', () => {
	beforeEach(() => {
		electron.windows.length = 0
		electron.open.length = 0
		electron.quit = 0
		electron.alone = true
		goesOn = null
		closed.mockClear()
	})

	it('takes calls from its own page alone', () => {
		expect(isOurPage(frame('app://negatoscope/'))).toBe(true)
		expect(isOurPage(frame('app://negatoscope/index.html#reading'))).toBe(true)
		expect(isOurPage(frame('app://elsewhere/'))).toBe(false)
		expect(isOurPage(frame('https://negatoscope/'))).toBe(false)
		expect(isOurPage(frame('file:///index.html'))).toBe(false)
		expect(isOurPage(frame('app://negatoscope/', {}))).toBe(false)
		expect(isOurPage({ senderFrame: null })).toBe(false)
	})

	it('opens one sandboxed window on the app scheme, answers it, and ends with it', async () => {
		registerScheme()
		expect(electron.schemes).toMatchObject([{ scheme: 'app', privileges: { standard: true, secure: true } }])
		const running = runElectronShell('preload.cjs', { home, files: [] }, async () => ({ program, studyId: 7, importPaths }))
		await expect.poll(() => electron.windows[0]?.loaded).toBe('app://negatoscope/#study=7')
		const window = electron.windows[0]
		expect(window?.options).toMatchObject({ webPreferences: { preload: 'preload.cjs', sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true } })

		const page = async (url: string) => (await electron.pages.get('app')?.({ url } as Request)) as Response
		expect(await (await page('app://negatoscope/frames/1/0')).text()).toBe('app://negatoscope/frames/1/0')
		expect((await page('app://other/frames/1/0')).type).toBe('error')

		const call = electron.handlers.get('negatoscope:call')
		await expect(Promise.resolve(call?.(frame('app://negatoscope/'), 'system.status', {}))).resolves.toEqual({ output: ['system.status', {}] })
		expect(() => call?.(frame('https://elsewhere.example/'), 'system.status', {})).toThrow('own page')

		tell('notice', { level: 'info' })
		expect(window?.sent).toEqual([['negatoscope:event', 'notice', { level: 'info' }]])

		expect(window?.open?.({ url: 'https://elsewhere.example/' })).toEqual({ action: 'deny' })
		expect(window?.open?.({ url: 'app://negatoscope/reports/1.pdf' })).toEqual({ action: 'allow' })
		const preventDefault = vi.fn()
		window?.navigate?.({ url: 'https://elsewhere.example/', preventDefault })
		expect(preventDefault).toHaveBeenCalledOnce()
		const granted: boolean[] = []
		for (const permission of ['media', 'geolocation', 'fullscreen']) electron.permission?.(null, permission, (allowed) => void granted.push(allowed))
		expect(granted).toEqual([false, false, true])

		expect(electron.paths.get('userData')).toBe(join(home, 'window'))
		closeWindow()
		await running
		expect(closed).toHaveBeenCalledOnce()
		expect(electron.quit).toBe(1)
	})

	it('stays while a run goes on, opens a window again when it is started again, and ends when the run has', async () => {
		goesOn = 'The run small goes on.'
		const running = runElectronShell('preload.cjs', { home, files: [] }, async () => ({ program, studyId: 7, importPaths }))
		await expect.poll(() => electron.windows[0]?.loaded).toBe('app://negatoscope/#study=7')
		closeWindow()
		await new Promise((resolve) => void setTimeout(resolve, 20))
		expect(closed).not.toHaveBeenCalled()
		electron.appListeners.get('second-instance')?.()
		expect(electron.windows[1]?.loaded).toBe('app://negatoscope/')
		electron.appListeners.get('second-instance')?.({}, [], '', { files: ['/films/one.dcm'] })
		expect(electron.windows).toHaveLength(2)
		expect(importPaths.mock.calls).toEqual([[['/films/one.dcm']]])
		goesOn = null
		closeWindow()
		await running
		expect([closed.mock.calls.length, electron.quit]).toEqual([1, 1])
	})

	it('ends at once where another one has the data folder', async () => {
		electron.alone = false
		await runElectronShell('preload.cjs', { home, files: ['/films'] }, () => Promise.reject(new Error('It must not be opened.')))
		expect(electron.quit).toBe(1)
	})

	it('wires a utility process as a host', () => {
		const child = Object.assign(new EventEmitter(), { pid: 42, posted: [] as unknown[], postMessage: (message: unknown) => void child.posted.push(message), kill: vi.fn() })
		electron.child = child
		const host = spawnUtilityHost('imaging', 'imagingHost.js')
		expect(electron.forked.at(-1)).toMatchObject(['imagingHost.js', [], { serviceName: 'negatoscope-imaging' }])
		const seen: unknown[] = []
		host.onMessage((message) => seen.push(message))
		host.onExit((reason) => seen.push(reason))
		host.send({ id: 1 })
		child.emit('message', { ready: true })
		child.emit('exit', 134)
		host.kill()
		expect([host.pid, child.posted, seen, child.kill.mock.calls.length]).toEqual([42, [{ id: 1 }], [{ ready: true }, 'exit code 134'], 1])
	})

	it('exposes one call and one stream of events to the page', async () => {
		await import('../../../src/preload/index.ts')
		expect(Object.keys(electron.exposed)).toEqual(['negatoscope'])
		const bridge = electron.exposed['negatoscope']
		expect(Object.keys(bridge ?? {})).toEqual(['call', 'on'])
		await bridge?.['call']?.('system.status' as never, {} as never)
		expect(electron.invoked).toEqual([['negatoscope:call', 'system.status', {}]])
		const heard: unknown[] = []
		bridge?.['on']?.(((name: string, payload: unknown) => heard.push([name, payload])) as never)
		electron.rendererListeners.get('negatoscope:event')?.({ sender: 'hidden' }, 'notice', 1)
		expect(heard).toEqual([['notice', 1]])
	})
})
