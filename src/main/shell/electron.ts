import { app, BrowserWindow, ipcMain, protocol, session, utilityProcess, type IpcMainInvokeEvent } from 'electron'
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

/**
 * Opens the window; resolves when the last one is closed.
 * @param open makes the program, and names the study that the window opens with; called when Electron is ready, for no utility process can be started before.
 */
export async function runElectronShell(preload: string, open: () => Promise<{ program: Program; studyId: number | null }>): Promise<void> {
	await app.whenReady()
	const { program, studyId } = await open()
	protocol.handle(APP_SCHEME, (request) => {
		return originOf(request.url) === APP_ORIGIN ? program.handle(request) : Response.error()
	})
	session.defaultSession.setPermissionRequestHandler((_contents, permission, callback) => callback(permission === 'fullscreen' || permission === 'clipboard-sanitized-write'))

	ipcMain.handle('negatoscope:call', (event, name: unknown, input: unknown) => {
		if (!isOurPage(event)) throw new Error('Only the workstation\'s own page may call.')
		return program.call(String(name), input)
	})

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
	await window.loadURL(`${APP_ORIGIN}/${studyFragment(studyId)}`)
	await new Promise<void>((resolve) => app.once('window-all-closed', resolve))
	unsubscribe()
	await program.close()
	app.quit()
}
