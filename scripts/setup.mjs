// Everything that `npm start`, `npm test` and `npx negatoscope` need, on Node's built-ins alone, so that it runs before
// anything is installed. Says what it does on the standard error; does nothing where nothing is missing.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBrowser } from './browser.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MODULES = join(ROOT, 'node_modules')
const BUILT = join(ROOT, 'out', 'built')
const WINDOWS = process.platform === 'win32'

/** The pinned Node that every script runs on, whatever the machine has. */
export const PINNED_NODE = join(MODULES, 'node', 'bin', WINDOWS ? 'node.exe' : 'node')

/** @param {'start' | 'test' | 'bench' | 'command'} purpose */
export function setUp(purpose) {
	installPackages()
	linkCommand()
	build()
	if (purpose === 'test' || purpose === 'start') provideBrowser(purpose)
}

function installPackages() {
	const lock = join(ROOT, 'package-lock.json')
	const installed = join(MODULES, '.package-lock.json')
	if (existsSync(PINNED_NODE) && existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
	// npm ci empties what the link leads to, which belongs to another copy of the program.
	if (lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) fail('The packages are not those of the lock file, and node_modules is a link to another folder, which would be emptied. Remove the link and try again.')
	say('Installing the packages of the lock file (npm ci).')
	npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
	if (!existsSync(PINNED_NODE)) fail('npm ci ran, but the pinned Node is not in node_modules. npm 11 or newer is needed: npm install -g npm@11.')
}

/** `npx negatoscope` looks for a command in node_modules/.bin before it asks the registry. */
function linkCommand() {
	const folder = join(MODULES, '.bin')
	const link = join(folder, 'negatoscope')
	if (existsSync(link)) return
	mkdirSync(folder, { recursive: true })
	if (WINDOWS) {
		writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\bin\\negatoscope.mjs" %*\r\n')
		writeFileSync(link, '#!/bin/sh\nexec node "$(dirname "$0")/../../bin/negatoscope.mjs" "$@"\n')
		return
	}
	if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link)
	symlinkSync('../../bin/negatoscope.mjs', link)
}

function build() {
	if (existsSync(BUILT) && newest(['src', 'package-lock.json', 'electron.vite.config.ts']) <= statSync(BUILT).mtimeMs) return
	say('Building the workstation.')
	const started = new Date()
	run(PINNED_NODE, [join(MODULES, 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--logLevel', 'warn'])
	// The stamp carries the time of the start: what is edited during a build makes it stale.
	writeFileSync(BUILT, `${started.toISOString()}\n`)
	utimesSync(BUILT, started, started)
}

function provideBrowser(purpose) {
	if (findBrowser()) return
	say('No Chromium, Chrome or Edge was found; trying Playwright\'s download.')
	const download = spawnSync(PINNED_NODE, [join(MODULES, 'playwright-core', 'cli.js'), 'install', 'chromium'], { cwd: ROOT, stdio: ['ignore', 2, 2], timeout: 300_000 })
	if (download.status === 0 && findBrowser()) return
	if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
		say('Installing Debian\'s chromium package.')
		const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
		spawnSync('apt-get', ['update', '-q'], { stdio: ['ignore', 2, 2], env: environment })
		spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { stdio: ['ignore', 2, 2], env: environment })
		if (findBrowser()) return
	}
	const sentence = 'Install Chromium, Google Chrome or Microsoft Edge (on Debian: apt-get install chromium), or name one in NEGATOSCOPE_BROWSER.'
	if (purpose === 'test') fail(sentence)
	say(sentence)
}

function newest(names) {
	let latest = 0
	const visit = (path) => {
		const facts = statSync(path)
		if (facts.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name))
		else latest = Math.max(latest, facts.mtimeMs)
	}
	for (const name of names) visit(join(ROOT, name))
	return latest
}

function npm(parameters) {
	const script = process.env.npm_execpath
	// npm says which Node it runs on: not the one in node_modules, which it is about to replace.
	if (script?.endsWith('.js')) run(process.env.npm_node_execpath ?? process.execPath, [script, ...parameters])
	else run(WINDOWS ? 'npm.cmd' : 'npm', parameters, WINDOWS)
}

function run(command, parameters, shell = false) {
	const result = spawnSync(command, parameters, { cwd: ROOT, stdio: ['ignore', 2, 2], shell })
	if (result.status !== 0) fail(`"${[command, ...parameters].join(' ')}" did not succeed; what it said is above.`)
}

function say(sentence) {
	process.stderr.write(`negatoscope: ${sentence}\n`)
}

function fail(sentence) {
	say(sentence)
	process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	setUp(process.argv[process.argv.indexOf('--for') + 1])
}
