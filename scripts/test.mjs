// npm test: every check, one after the other, and one closing line that counts them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findBrowser } from './browser.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MODULES = join(ROOT, 'node_modules')
const ARTIFACTS = join(ROOT, 'artifacts')
/** What Node makes of .ts files is kept beside the modules. */
const COMPILED = join(MODULES, '.cache', 'node')
/** The processes that tests start from .ts files, hundreds of times. */
const ENTRIES = ['imaging/index.ts', 'inference/index.ts', 'training/index.ts', 'training/review/index.ts', 'training/data/images/worker.ts'].map((file) => join(ROOT, 'src/hosts', file))

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1].split(',') : null
const totals = { passed: 0, failed: 0, skipped: 0 }
const failures = []
mkdirSync(ARTIFACTS, { recursive: true })

for (const environment of ['common', 'node', 'renderer', 'test']) {
	check('types', `types of ${environment}`, ['typescript/bin/tsc', '-p', `tsconfig/${environment}.json`])
}
check('lint', 'lint', ['oxlint/bin/oxlint', '--quiet'])
check('layers', 'direction of imports', ['dependency-cruiser/bin/dependency-cruiser.mjs', '-c', '.dependency-cruiser.cjs', '-T', 'err', 'src', 'bench'])
compile()
tests('unit', 'vitest.config.ts')
tests('e2e', 'test/e2e/vitest.config.ts')

// A long log is read from its end: what failed is said there once more, with the first lines of why.
if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.map((failure) => `- ${failure}\n`).join('')}`)
process.stdout.write(`\nTests: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`)
process.exit(totals.failed > 0 ? 1 : 0)

/** A check that passes or fails as a whole counts as one test. */
function check(group, title, [script, ...parameters]) {
	if (only && !only.includes(group)) return
	process.stdout.write(`\n== ${title}\n`)
	const { status } = run(script, parameters)
	if (status === 0) totals.passed++
	else {
		totals.failed++
		failures.push(title)
	}
	process.stdout.write(`${status === 0 ? 'passed' : 'FAILED'}: ${title}\n`)
}

/** Compiles what tests start, once: they end it by a signal, so that it never keeps what it compiled. A start takes half as long then. */
function compile() {
	if (only && !only.includes('unit')) return
	for (const entry of ENTRIES) {
		const program = `
			import { flushCompileCache } from 'node:module'
			// Alone it may have nothing to do, or refuse; it is loaded then.
			await import(${JSON.stringify(pathToFileURL(entry))}).catch(() => {})
			flushCompileCache()
			process.exit()
		`
		node(['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', program])
	}
}

function tests(group, config) {
	if (only && !only.includes(group)) return
	process.stdout.write(`\n== ${group} tests\n`)
	const results = join(ARTIFACTS, `${group}.json`)
	rmSync(results, { force: true })
	const { status } = run('vitest/vitest.mjs', ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${results}`])
	try {
		const { numPassedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(results, 'utf8'))
		totals.passed += numPassedTests
		totals.skipped += numPendingTests + numTodoTests
		const failed = testResults.flatMap(failuresOf)
		// A runner that fails with all tests green is a failure too.
		if (status !== 0 && failed.length === 0) failed.push(`the ${group} tests ended with code ${status}, though no test failed: see above`)
		totals.failed += failed.length
		failures.push(...failed)
	} catch {
		process.stdout.write(`${group}: the test runner left no result.\n`)
		totals.failed++
		failures.push(`the ${group} tests left no result`)
	}
}

/** A line for each failed test of a file, or one for the file where it broke before its first test. */
function failuresOf({ name, status, message, assertionResults }) {
	const file = relative(ROOT, name)
	const failed = assertionResults.filter((result) => result.status === 'failed')
	if (failed.length === 0) return status === 'failed' ? [`${file}: ${beginning(message)}`] : []
	return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}: ${beginning(failureMessages.join('\n'))}`)
}

/** What a message says before its stack, as one line. */
function beginning(message) {
	return message.split(/\n\s+at /u, 1)[0].replace(/\s+/gu, ' ').slice(0, 500)
}

function run(script, parameters) {
	return node([join(MODULES, script), ...parameters])
}

function node(parameters) {
	return spawnSync(process.execPath, parameters, {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, NEGATOSCOPE_BROWSER: findBrowser() ?? '', ARTIFACTS, NODE_COMPILE_CACHE: COMPILED },
	})
}
