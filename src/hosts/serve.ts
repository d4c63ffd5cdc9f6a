import { UserError } from '../common/contract/procedures.ts'
import { hostMethods, type HostInput, type HostMethods, type HostOutput, type HostProgress, type HostReply, type HostRequest } from '../common/contract/hosts.ts'

/** What a host's method may use besides its input. */
export interface HostContext<Progress> {
	progress(value: Progress): void
	/** Aborted when the caller no longer wants the answer; look at it between batches. */
	signal: AbortSignal
}

export type HostImplementation<Host extends keyof HostMethods> = {
	[Method in keyof HostMethods[Host]]: (
		input: HostInput<Host, Method>,
		context: HostContext<HostProgress<Host, Method>>,
	) => Promise<HostOutput<Host, Method>>
}

interface Port {
	send(message: HostReply): void
	listen(receive: (message: HostRequest) => void): void
}

/** The parent's end of the line: Electron's utility process has a parentPort, a forked Node process has process.send. */
function parentPort(): Port {
	const electronPort = (process as { parentPort?: { postMessage(message: unknown): void; on(event: 'message', listener: (event: { data: HostRequest }) => void): void } }).parentPort
	if (electronPort) {
		return {
			send: (message) => electronPort.postMessage(message),
			listen: (receive) => electronPort.on('message', (event) => receive(event.data)),
		}
	}
	process.on('disconnect', () => process.exit(0))
	return {
		send: (message) => void process.send?.(message),
		listen: (receive) => process.on('message', (message) => receive(message as HostRequest)),
	}
}

/** Answers the supervisor's calls with the given methods until the parent goes away. */
export function serveHost<Host extends keyof HostMethods>(host: Host, methods: HostImplementation<Host>): void {
	const port = parentPort()
	const running = new Map<number, AbortController>()

	async function answer(id: number, method: string, input: unknown): Promise<void> {
		const controller = new AbortController()
		running.set(id, controller)
		try {
			const known = hostMethods[host] as unknown as Record<string, { input: { parse(value: unknown): never } }>
			const schema = known[method]
			if (!schema) throw new Error(`The ${host} host has no method ${method}.`)
			const run = methods[method as keyof HostMethods[Host]]
			const output = await run(schema.input.parse(input), {
				progress: (progress) => port.send({ id, progress }),
				signal: controller.signal,
			})
			port.send({ id, output })
		} catch (error) {
			const known = error instanceof Error ? error : new Error(String(error))
			port.send({
				id,
				error: {
					message: known.message,
					detail: known instanceof UserError ? known.detail : (known.stack ?? ''),
					user: known instanceof UserError,
					// A run may also be ended by a call of its own.
					aborted: controller.signal.aborted || known.name === 'AbortError',
				},
			})
		} finally {
			running.delete(id)
		}
	}

	port.listen((message) => {
		if ('abort' in message) running.get(message.id)?.abort()
		else void answer(message.id, message.method, message.input)
	})
	port.send({ ready: true })
}
