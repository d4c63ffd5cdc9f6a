import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { defaultHome } from './home.ts'
import { createWorkstation, type Workstation } from './workstation.ts'

const entry = fileURLToPath(import.meta.url)
const here = dirname(entry)
// Electron keeps its own switches, and those of a test driver, before the name of the program.
const ownParameters = process.argv.slice(process.argv.findIndex((word) => resolve(word) === entry) + 1 || 2)
const { values, positionals } = parseArgs({
	args: ownParameters,
	allowPositionals: true,
	options: {
		reason: { type: 'string', default: '' },
		port: { type: 'string', default: '0' },
		home: { type: 'string' },
		browser: { type: 'string' },
		sample: { type: 'boolean', default: false },
	},
})

/** A browser that ends sooner has handed its window to one that runs already for this data folder. */
const HAND_OVER_MILLISECONDS = 5000

const options = {
	home: values.home ?? defaultHome(),
	reason: values.reason,
	files: positionals,
	sample: values.sample,
}

// Electron becomes ready when this module has been evaluated: the scheme must be registered by then, and nothing that waits for
// its readiness may be awaited here.
const electronShell = process.versions.electron ? await import('./shell/electron.ts') : null
electronShell?.registerScheme()
void (electronShell ? startElectron(electronShell) : startBrowser()).catch((error: unknown) => {
	process.stderr.write(`negatoscope: ${error instanceof Error ? error.message : String(error)}\n`)
	process.exit(3)
})

async function startElectron({ runElectronShell, spawnUtilityHost }: NonNullable<typeof electronShell>): Promise<void> {
	await runElectronShell(join(here, '..', 'preload', 'index.cjs'), { home: options.home, files: options.files.map((path) => resolve(path)) }, async () => {
		const workstation = await createWorkstation({ ...paths(), home: options.home, shell: 'electron', shellReason: options.reason, spawn: spawnUtilityHost })
		return { program: workstation.program, studyId: await openWhatWasAskedFor(workstation), importPaths: workstation.importPaths }
	})
}

async function startBrowser(): Promise<void> {
	const { openBrowserWindow, serveBrowserShell } = await import('./shell/browser.ts')
	const { createEnding } = await import('./shell/ending.ts')
	const { forkHost } = await import('./shell/forkHost.ts')
	const { forgetAddress, keepAddress, runningProgram } = await import('./shell/runningProgram.ts')
	const running = values.browser && options.files.length === 0 && !options.sample ? await runningProgram(options.home) : null
	if (values.browser && running !== null) {
		process.stderr.write('negatoscope: the program runs already for this data folder; a window of it is opened.\n')
		openBrowserWindow(values.browser, running, options.home).unref()
		return
	}
	const workstation = await createWorkstation({ ...paths(), home: options.home, shell: 'browser', shellReason: options.reason, spawn: forkHost })
	const studyId = await openWhatWasAskedFor(workstation)
	let ownWindowClosed = false
	const shell = await serveBrowserShell({
		program: workstation.program,
		studyId,
		port: Number(values.port),
		onAddress(address) {
			keepAddress(options.home, address)
			process.stdout.write(`Negatoscope is at ${address}\n`)
		},
		// Without a window of its own the program is ended by who has started it.
		onWindowClosed: () => void (ownWindowClosed && closing.windowClosed()),
	})

	let ending = false
	const end = async () => {
		if (ending) return
		ending = true
		forgetAddress(options.home)
		await shell.close()
		await workstation.program.close()
		process.exit(0)
	}
	const closing = createEnding({
		program: workstation.program,
		windows: shell.windows,
		stays: (why) => process.stderr.write(`negatoscope: the window is closed. ${why} Start the program again or open ${shell.address()} to see it. Ctrl+C ends the program, and the run goes on with its next start.\n`),
		end: () => void end(),
	})
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end())
	if (!values.browser) return
	const opened = Date.now()
	const browser = openBrowserWindow(values.browser, shell.firstAddress, options.home)
	browser.once('error', (error) => process.stderr.write(`negatoscope: the browser could not be started (${error.message}); open the address above.\n`))
	browser.once('exit', () => {
		if (Date.now() - opened > HAND_OVER_MILLISECONDS) {
			ownWindowClosed = true
			closing.windowClosed()
		} else process.stderr.write('negatoscope: the window belongs to a browser that runs already; end the program with Ctrl+C.\n')
	})
}

/** Starts the imports of the command line. @returns the study that the window opens with; null for the worklist. */
async function openWhatWasAskedFor(workstation: Workstation): Promise<number | null> {
	workstation.warmUp()
	const studyId = options.sample ? await workstation.importSample() : null
	if (options.files.length > 0) workstation.importPaths(options.files)
	return studyId
}

/** Where the built program's parts lie: beside this file, and the packs in the repository's or the package's root. */
function paths() {
	const root = [join(here, '..', '..'), process.resourcesPath ?? ''].find((folder) => existsSync(join(folder, 'resources', 'models'))) ?? join(here, '..', '..')
	return {
		entries: { imaging: join(here, 'imagingHost.js'), inference: join(here, 'inferenceHost.js'), training: join(here, 'trainingHost.js'), review: join(here, 'reviewHost.js') },
		page: join(here, '..', 'renderer'),
		builtInModels: join(root, 'resources', 'models'),
		recipes: join(root, 'resources', 'recipes'),
	}
}
