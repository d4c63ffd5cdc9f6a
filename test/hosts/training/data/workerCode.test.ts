import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const WORKERS = join(import.meta.dirname, '../../../../src/hosts/training/data/images/workers.ts')

/** (import "e" "f" (func $f (param f32))) (func (export "run") (param $n i32) (loop (call $f (f32.const 0)) (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))) */
const CALLS_ITS_IMPORT = [
	0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // the magic number and version
	0x01, 0x09, 0x02, 0x60, 0x01, 0x7d, 0x00, 0x60, 0x01, 0x7f, 0x00, // types
	0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00, // the import
	0x03, 0x02, 0x01, 0x01, // functions
	0x07, 0x07, 0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x01, // exports
	0x0a, 0x17, 0x01, 0x15, 0x00, 0x03, 0x40, 0x43, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x0b, // code
]

it('threads that read images leave the way from WebAssembly to its imports uncompiled: V8 can free it twice', async () => {
	// The main thread reads .ts files, which Node does by WebAssembly, before this: what it compiles for that is in both counts.
	expect(await compiledWays(10_000)).toBe(await compiledWays(1))
})

/** The ways from WebAssembly to JavaScript that a process with image workers compiles when it calls an import so many times. */
async function compiledWays(calls: number): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), 'negatoscope-test-'))
	const program = `
		await import(${JSON.stringify(WORKERS)})
		let count = 0
		const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(${JSON.stringify(CALLS_ITS_IMPORT)})), { e: { f: () => count++ } })
		instance.exports.run(${calls})
		console.log(count)
	`
	try {
		const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--perf-basic-prof', `--perf-basic-prof-path=${folder}`, '--input-type=module', '--eval', program], { cwd: folder })
		expect(stdout.trim()).toBe(String(calls))
		const [map] = (await readdir(folder)).filter((name) => name.endsWith('.map'))
		const compiled = (await readFile(join(folder, map ?? ''), 'utf8')).split('\n')
		expect(compiled.length).toBeGreaterThan(1000)
		return new Set(compiled.filter((line) => line.includes('wasm-to-js')).map((line) => line.split(' ', 1)[0])).size
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
}
