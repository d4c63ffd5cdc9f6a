import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { serveBrowserShell, type BrowserShell } from '../../../src/main/shell/browser.ts'
import { forgetAddress, keepAddress, runningProgram } from '../../../src/main/shell/runningProgram.ts'
import type { Program } from '../../../src/main/shell/shell.ts'

let shell: BrowserShell
let addresses: string[]
let closedWindows = 0
let emit: (event: string, payload: unknown) => void

const program: Program = {
	call: async (name, input) => ({ output: { name, input } }),
	handle: async (incoming) => new Response(`${incoming.method} ${new URL(incoming.url).pathname} ${await incoming.text()}`),
	subscribe(listener) {
		emit = listener
		return () => {}
	},
	unfinished: () => null,
	close: async () => {},
}

beforeEach(async () => {
	addresses = []
	closedWindows = 0
	shell = await serveBrowserShell({ program, port: 0, studyId: 12, onAddress: (address) => void addresses.push(address), onWindowClosed: () => void closedWindows++ })
})
afterEach(() => shell.close())

/** A request with any header: fetch would not let a test forge Host and Origin. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
	const { hostname, port } = new URL(shell.origin)
	return new Promise((resolve, reject) => {
		const sent = request({ hostname, port, path, method, headers }, (response) => {
			let text = ''
			response.setEncoding('utf8')
			response.on('data', (chunk: string) => (text += chunk))
			response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
		})
		sent.on('error', reject)
		sent.end(body)
	})
}

async function signIn(): Promise<string> {
	const { headers } = await ask(new URL(shell.firstAddress).search ? `/${new URL(shell.firstAddress).search}` : '/')
	return String(headers['set-cookie']).split(';')[0] ?? ''
}

function open(headers: Record<string, string>): Promise<WebSocket | string> {
	return new Promise((resolve) => {
		const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/socket`, { headers })
		socket.on('open', () => resolve(socket))
		socket.on('error', (error) => resolve(error.message))
	})
}

describe('the browser shell', () => {
	it('answers nobody without a session', async () => {
		expect((await ask('/')).status).toBe(403)
		expect((await ask('/frames/1/0', { cookie: `negatoscope-${new URL(shell.origin).port}=00` })).status).toBe(403)
		expect(await open({ origin: shell.origin })).toMatch(/403/)
	})

	it('exchanges its token once, and announces the next one', async () => {
		const { search } = new URL(shell.firstAddress)
		const first = await ask(`/${search}`)
		expect(first.status).toBe(303)
		expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
		expect((await ask(`/${search}`)).status).toBe(403)
		expect(addresses).toHaveLength(2)
		expect(new URL(shell.firstAddress).hash).toBe('#study=12')
		expect((await ask(`/${new URL(addresses[1] ?? '').search}`)).status).toBe(303)
	})

	it('hands pages and bodies to the program', async () => {
		const cookie = await signIn()
		expect(await ask('/frames/1/0', { cookie })).toMatchObject({ status: 200, text: 'GET /frames/1/0 ' })
		expect(await ask('/uploads/a/0', { cookie, origin: shell.origin }, 'PUT', 'film')).toMatchObject({ status: 200, text: 'PUT /uploads/a/0 film' })
	})

	it('refuses another origin and another host name even with the cookie', async () => {
		const cookie = await signIn()
		expect((await ask('/', { cookie, origin: 'http://elsewhere.example' })).status).toBe(403)
		expect((await ask('/', { cookie, host: 'rebound.example' })).status).toBe(403)
		expect(await open({ cookie, origin: 'http://elsewhere.example' })).toMatch(/403/)
		expect(await open({ cookie })).toMatch(/403/)
	})

	it('carries calls and events over the socket and drops nonsense', async () => {
		const cookie = await signIn()
		const socket = await open({ cookie, origin: shell.origin })
		if (typeof socket === 'string') throw new Error(socket)
		const messages: unknown[] = []
		socket.on('message', (data) => messages.push(JSON.parse(String(data))))
		socket.send(JSON.stringify({ id: 7, name: 'system.status', input: {} }))
		await expect.poll(() => messages).toEqual([{ id: 7, reply: { output: { name: 'system.status', input: {} } } }])
		emit('notice', { level: 'info' })
		await expect.poll(() => messages[1]).toEqual({ event: 'notice', payload: { level: 'info' } })
		expect([shell.windows(), closedWindows]).toEqual([1, 0])
		const closed = new Promise((resolve) => socket.on('close', resolve))
		socket.send('not JSON')
		await closed
		await expect.poll(() => [shell.windows(), closedWindows]).toEqual([0, 1])
	})

	it('is found by another start through a file that nobody else can read, as long as it answers', async () => {
		const home = mkdtempSync(join(tmpdir(), 'negatoscope-test-'))
		try {
			expect(await runningProgram(home)).toBeNull()
			keepAddress(home, shell.address())
			expect(statSync(join(home, 'address')).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
			const address = await runningProgram(home)
			expect(address).toBe(shell.firstAddress.replace(/#.*/, ''))
			expect((await ask(`/${new URL(address ?? '').search}`)).status).toBe(303)
			for (const other of ['http://localhost:1/?token=1', 'http://example.org/?token=1', 'nonsense', shell.origin.replace(/\d+$/, '1')]) {
				keepAddress(home, other)
				expect(await runningProgram(home)).toBeNull()
			}
			forgetAddress(home)
			expect(await runningProgram(home)).toBeNull()
		} finally {
			rmSync(home, { recursive: true, force: true })
		}
	})
})
