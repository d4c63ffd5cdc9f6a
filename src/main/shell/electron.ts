import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, ipcMain, protocol, session, utilityProcess, type IpcMainInvokeEvent } from 'electron'
import { z } from 'zod'
import { createEnding } from './ending.ts'
import { studyFragment, type HostProcess, type Program, type SpawnHost } from './shell.ts'

/** The page's address in this shell; a scheme of its own has an origin, so that the policy and the sender check mean something. */
export const APP_SCHEME = 'app'
const APP_ORIGIN = `${APP_SCHEME}://negatoscope`

/** Must run before Electron is ready. */
export function registerScheme(): void {
	protocol.registerSchemesAsPrivileged([
		{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
	])
}

/** URL.origin is "null" for schemes that Node does not know, so it is put together here. */
function originOf(address: string): string {
	const { protocol: scheme, host } = new URL(address)
	return `${scheme}//${host}`
}

/** True for our page in the window's main frame and for nothing else. */
export function isOurPage(event: Pick<IpcMainInvokeEvent, 'senderFrame'>): boolean {
	const frame = event.senderFrame
	return frame !== null && frame.parent === null && originOf(frame.url) === APP_ORIGIN
}

/** A host in Electron's utility process. */
export const spawnUtilityHost: SpawnHost = (name, entry): HostProcess => {
	const child = utilityProcess.fork(entry, [], { serviceName: `negatoscope-${name}`, stdio: 'inherit' })
	return {
		get pid() {
			return child.pid
		},
		send: (message) => child.postMessage(message),
		onMessage: (listener) => void child.on('message', listener),
		onExit: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
		kill: () => void child.kill(),
	}
}

export interface OpenProgram {
	program: Program
	/** Study that the window opens with; null for the worklist. */
	studyId: number | null
	importPaths(paths: string[]): void
}

/** What a second start of the program hands over. */
const startedAgainSchema = z.object({ files: z.array(z.string()).max(100_000) })

/**
 * Opens the window; resolves when the last one is closed and nothing goes on without it. A program that runs for this data folder already opens a window of its own, and
 * this one ends.
 * @param home data folder; the window keeps what it remembers in there.
 * @param files what is to be imported: absolute paths, for a program that runs already.
 * @param open makes the program; called when Electron is ready, for no utility process can be started before.
 */
export async function runElectronShell(preload: string, { home, files }: { home: string; files: readonly string[] }, open: () => Promise<OpenProgram>): Promise<void> {
	// One program for each data folder: Electron knows another one by this folder.
	const window = join(home, 'window')
	mkdirSync(window, { recursive: true })
	app.setPath('userData', window)
	if (!app.requestSingleInstanceLock({ files })) {
		app.quit()
		return
	}
	await app.whenReady()
	const { program, studyId, importPaths } = await open()
	protocol.handle(APP_SCHEME, (request) => {
		return originOf(request.url) === APP_ORIGIN ? program.handle(request) : Response.error()
	})
	session.defaultSession.setPermissionRequestHandler((_contents, permission, callback) => callback(permission === 'fullscreen' || permission === 'clipboard-sanitized-write'))

	ipcMain.handle('negatoscope:call', (event, name: unknown, input: unknown) => {
		if (!isOurPage(event)) throw new Error('Only the workstation\'s own page may call.')
		return program.call(String(name), input)
	})

	const ended = Promise.withResolvers<void>()
	const ending = createEnding({
		program,
		windows: () => BrowserWindow.getAllWindows().length,
		stays: (why) => process.stderr.write(`negatoscope: the window is closed. ${why} Start the program again to see it.\n`),
		end: () => ended.resolve(),
	})
	const openAgain = () => {
		const [there] = BrowserWindow.getAllWindows()
		if (there) there.focus()
		else void openWindow(preload, program, null)
	}
	app.on('second-instance', (_event, _words, _folder, data) => {
		const wanted = startedAgainSchema.safeParse(data)
		if (wanted.success && wanted.data.files.length > 0) importPaths(wanted.data.files)
		openAgain()
	})
	app.on('activate', openAgain)
	app.on('window-all-closed', () => ending.windowClosed())
	await openWindow(preload, program, studyId)
	await ended.promise
	await program.close()
	app.quit()
}

function openWindow(preload: string, program: Program, studyId: number | null): Promise<void> {
	const window = new BrowserWindow({
		width: 1366,
		height: 768,
		minWidth: 1024,
		minHeight: 640,
		backgroundColor: '#0e0f11',
		title: 'Negatoscope (research use only)',
		autoHideMenuBar: true,
		webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
	})
	window.webContents.setWindowOpenHandler(({ url }) => ({ action: originOf(url) === APP_ORIGIN ? 'allow' : 'deny' }))
	window.webContents.on('will-navigate', (event) => {
		if (originOf(event.url) !== APP_ORIGIN) event.preventDefault()
	})
	const unsubscribe = program.subscribe((name, payload) => {
		if (!window.isDestroyed()) window.webContents.send('negatoscope:event', name, payload)
	})
	window.once('closed', unsubscribe)
	return window.loadURL(`${APP_ORIGIN}/${studyFragment(studyId)}`)
}
