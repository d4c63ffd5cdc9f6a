import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { WebSocketServer, type WebSocket } from 'ws'
import { z } from 'zod'
import { NO_SESSION } from './runningProgram.ts'
import { studyFragment, type Program } from './shell.ts'

const MESSAGE_LIMIT = 8 * 1024 * 1024

const requestSchema = z.object({ id: z.number(), name: z.string().max(100), input: z.unknown() })

export interface BrowserShellOptions {
	program: Program
	/** 0: any free port. */
	port: number
	/** Study that the first window opens. */
	studyId: number | null
	/** Called with the address that a window may be opened with; each works once, a new one is announced when it is used. */
	onAddress(address: string): void
	/** A window was closed or has lost its line. */
	onWindowClosed(): void
}

export interface BrowserShell {
	origin: string
	/** The first address that was announced. */
	firstAddress: string
	/** The one that works now. */
	address(): string
	/** Windows that are open. */
	windows(): number
	close(): Promise<void>
}

/**
 * Serves the program to a browser on this machine only: loopback, a one-time token in the first address that is exchanged
 * for a cookie, and a check of Host and Origin, so that neither another user's page nor a rebound name gets in.
 */
export async function serveBrowserShell({ program, port, studyId, onAddress, onWindowClosed }: BrowserShellOptions): Promise<BrowserShell> {
	const sessions = new Set<string>()
	let token = newSecret()
	const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT })
	const server = createServer((request, response) => void serve(request, response))
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject)
		server.listen(port, '127.0.0.1', resolve)
	})
	const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
	const origin = `http://${host}`
	// Cookies do not know ports: with the port in its name, two workstations on one machine do not log each other out.
	const cookieName = `negatoscope-${host.split(':')[1]}`
	const address = () => `${origin}/?token=${token}`
	// A browser keeps the fragment through the redirect that takes the token out of the address.
	const firstAddress = `${address()}${studyFragment(studyId)}`

	/** Browsers send Origin with every request that another site could make do harm; where it is there it must be ours. */
	function isFromHere(request: IncomingMessage): boolean {
		return request.headers.host === host && (request.headers.origin === undefined || request.headers.origin === origin)
	}

	function hasSession(request: IncomingMessage): boolean {
		const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
		return cookies.some((cookie) => cookie.startsWith(`${cookieName}=`) && sessions.has(cookie.slice(cookieName.length + 1)))
	}

	async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		try {
			if (!isFromHere(request)) return refuse(response, 403, 'This address is for the window on this machine only.')
			const url = new URL(request.url ?? '/', origin)
			const given = url.searchParams.get('token')
			if (given !== null && request.method === 'GET') {
				if (!isSame(given, token)) return refuse(response, 403, 'This address was used already. The terminal shows a new one.')
				token = newSecret()
				const session = newSecret()
				sessions.add(session)
				response.writeHead(303, { location: '/', 'set-cookie': `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`, 'cache-control': 'no-store' })
				response.end()
				onAddress(address())
				return
			}
			if (!hasSession(request)) return refuse(response, 403, NO_SESSION)
			await answer(request, response, url)
		} catch (error) {
			if (response.headersSent) response.destroy()
			else refuse(response, 500, error instanceof Error ? error.message : String(error))
		}
	}

	async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
		const gone = new AbortController()
		response.once('close', () => gone.abort())
		const hasBody = request.method === 'PUT' || request.method === 'POST'
		const reply = await program.handle(
			new Request(url, {
				method: request.method ?? 'GET',
				signal: gone.signal,
				...(hasBody ? { body: Readable.toWeb(request) as unknown as NonNullable<RequestInit['body']>, duplex: 'half' } : {}),
			} as RequestInit),
		)
		response.writeHead(reply.status, Object.fromEntries(reply.headers))
		if (reply.body) await pipeline(Readable.fromWeb(reply.body as ReadableStream), response).catch(() => {})
		else response.end()
	}

	server.on('upgrade', (request, socket, head) => {
		if (request.url !== '/socket' || request.headers.origin !== origin || !isFromHere(request) || !hasSession(request)) {
			socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
			return
		}
		sockets.handleUpgrade(request, socket, head, (opened) => {
			opened.once('close', onWindowClosed)
			serveSocket(opened, program)
		})
	})

	onAddress(firstAddress)
	return {
		origin,
		firstAddress,
		address,
		windows: () => [...sockets.clients].filter(({ readyState, OPEN }) => readyState === OPEN).length,
		async close() {
			for (const opened of sockets.clients) opened.terminate()
			server.closeAllConnections()
			await new Promise<void>((resolve) => server.close(() => resolve()))
		},
	}
}

function serveSocket(socket: WebSocket, program: Program): void {
	const unsubscribe = program.subscribe((event, payload) => socket.send(JSON.stringify({ event, payload })))
	socket.on('close', unsubscribe)
	socket.on('error', () => socket.terminate())
	socket.on('message', (data) => {
		const parsed = requestSchema.safeParse(parseJson(String(data)))
		if (!parsed.success) {
			socket.terminate()
			return
		}
		const { id, name, input } = parsed.data
		void program.call(name, input).then((reply) => socket.send(JSON.stringify({ id, reply })))
	})
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		return null
	}
}

/** Opens the machine's own browser as a window without tabs. The browser has a profile of its own, so it ends with its window. */
export function openBrowserWindow(browser: string, address: string, home: string): ChildProcess {
	const asRoot = process.getuid?.() === 0
	return spawn(
		browser,
		[
			`--app=${address}`,
			`--user-data-dir=${join(home, 'browser')}`,
			'--no-first-run',
			'--no-default-browser-check',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			'--disable-extensions',
			'--window-size=1366,768',
			// Chromium refuses its sandbox to root; everybody else keeps it.
			...(asRoot ? ['--no-sandbox'] : []),
		],
		{ stdio: 'ignore' },
	)
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
	response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
	response.end(`${sentence}\n`)
}

function newSecret(): string {
	return randomBytes(32).toString('hex')
}

function isSame(given: string, secret: string): boolean {
	const a = Buffer.from(given)
	const b = Buffer.from(secret)
	return a.length === b.length && timingSafeEqual(a, b)
}
