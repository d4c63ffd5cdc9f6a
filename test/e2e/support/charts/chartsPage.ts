import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pageResponse } from '../../../../src/main/api/pages.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const CONFIG = fileURLToPath(new URL('vite.config.ts', import.meta.url))

/** Builds the page of the charts as the program's page is built and serves it under the same policy. @returns its address. */
export async function serveChartsPage(): Promise<{ address: string; close(): Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), 'negatoscope-charts-'))
	await build(folder)
	const server = createServer(async (request, response) => {
		const reply = await pageResponse(folder, new URL(request.url ?? '/', 'http://localhost').pathname)
		response.writeHead(reply.status, Object.fromEntries(reply.headers))
		response.end(Buffer.from(await reply.arrayBuffer()))
	})
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve)
	})
	return {
		address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
		async close() {
			server.closeAllConnections()
			server.close()
			await rm(folder, { recursive: true, force: true })
		},
	}
}

/** In a process of its own: the test runner's mode would make it a page for development. */
function build(folder: string): Promise<void> {
	const parameters = [join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', CONFIG, '--outDir', folder]
	const program = spawn(process.execPath, parameters, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } })
	return new Promise((resolve, reject) => {
		program.once('error', reject)
		program.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The page of the charts could not be built (${code}).`))))
	})
}
