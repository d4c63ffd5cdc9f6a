// npm start: chooses a shell, says which and why, and starts the built program in it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findBrowser } from './browser.mjs'
import { PINNED_NODE } from './setup.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const ELECTRON = join(ROOT, 'node_modules', 'electron')
const DOWNLOAD_MILLISECONDS = 180_000
const REACH_MILLISECONDS = 3_000

const HELP = `npm start -- [options] [FILE or FOLDER ...]
  --shell browser|electron  take this shell
  --no-open                 open no window: print the address and serve it (browser shell)
  --port N                  serve at this port (browser shell; any free one otherwise)
  --home DIR                data folder
  --sample                  open the synthetic chest phantom
FILE and FOLDER are imported.`

let options
try {
	options = parseArgs({
		allowPositionals: true,
		options: {
			shell: { type: 'string' },
			'no-open': { type: 'boolean', default: false },
			port: { type: 'string', default: '0' },
			home: { type: 'string' },
			sample: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	})
} catch (error) {
	process.stderr.write(`${error.message}\n${HELP}\n`)
	process.exit(1)
}
const { values, positionals } = options
if (values.help) {
	process.stdout.write(`${HELP}\n`)
	process.exit(0)
}

const display = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
const { shell, reason } = await chooseShell()
process.stderr.write(`negatoscope: ${shell} shell, ${reason}.\n`)

const browser = shell === 'browser' && display && !values['no-open'] ? findBrowser() : null
const parameters = [
	'--reason', reason,
	'--port', values.port,
	...(values.home ? ['--home', values.home] : []),
	...(values.sample ? ['--sample'] : []),
	...(browser ? ['--browser', browser] : []),
	...(positionals.length > 0 ? ['--', ...positionals] : []),
]
const program = join(ROOT, 'out', 'main', 'index.js')
const child = spawn(shell === 'electron' ? electronRuntime() : PINNED_NODE, [program, ...parameters], { stdio: 'inherit' })
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP']
for (const signal of ENDINGS) process.on(signal, () => child.kill(signal))
// Any other signal is a crash.
child.on('exit', (code, signal) => process.exit(signal ? (ENDINGS.includes(signal) ? 0 : 1) : (code ?? 1)))

async function chooseShell() {
	if (values.shell === 'browser') return { shell: 'browser', reason: 'because --shell asks for it' }
	if (values.shell === 'electron') {
		if (!electronRuntime() && !downloadElectron()) {
			process.stderr.write('negatoscope: Electron\'s runtime is not installed and could not be downloaded. Start without --shell to use the machine\'s browser.\n')
			process.exit(1)
		}
		return { shell: 'electron', reason: 'because --shell asks for it' }
	}
	if (values.shell !== undefined) {
		process.stderr.write(`negatoscope: --shell takes browser or electron, not "${values.shell}".\n`)
		process.exit(1)
	}
	if (values['no-open']) return { shell: 'browser', reason: 'because --no-open serves an address' }
	if (!display) return { shell: 'browser', reason: 'because this machine has no display: open the address below' }
	if (electronRuntime()) return { shell: 'electron', reason: 'because its runtime is installed' }
	if ((await canReachDownloads()) && downloadElectron()) return { shell: 'electron', reason: 'because its runtime could be downloaded' }
	return { shell: 'browser', reason: 'because Electron\'s runtime is not installed and cannot be downloaded here' }
}

/** Path of the runtime, null where it is not installed; asking the package itself would start a download. */
function electronRuntime() {
	const pathFile = join(ELECTRON, 'path.txt')
	if (!existsSync(pathFile)) return null
	const runtime = join(ELECTRON, 'dist', readFileSync(pathFile, 'utf8').trim())
	return existsSync(runtime) ? runtime : null
}

/** A network that swallows packets would make the download wait for minutes, so one short look comes first. */
async function canReachDownloads() {
	const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/'
	try {
		await fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MILLISECONDS) })
		return true
	} catch {
		return false
	}
}

function downloadElectron() {
	process.stderr.write('negatoscope: downloading Electron\'s runtime.\n')
	spawnSync(PINNED_NODE, [join(ELECTRON, 'install.js')], { stdio: ['ignore', 2, 'ignore'], timeout: DOWNLOAD_MILLISECONDS })
	return electronRuntime() !== null
}
