import { hostMethods, type HostReply } from '../../common/contract/hosts.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { HostName, HostStatus } from '../../common/contract/system.ts'
import type { HostProcess, SpawnHost } from '../shell/shell.ts'
import type { CallOptions, HostCaller } from './hostCaller.ts'
import { HostDiedError } from './hostDiedError.ts'

interface Job {
	method: string
	subject: string
	resolve(output: unknown): void
	reject(error: Error): void
	progress(value: unknown): void
	timer: NodeJS.Timeout | undefined
}

interface Host {
	name: HostName
	process: HostProcess | null
	state: HostStatus['state']
	restarts: number
	lastFault: string
	/** Times of the latest faults, to stop a host that dies at once every time. */
	faults: number[]
	jobs: Map<number, Job>
	/** Waits for the host's first message. */
	ready: PromiseWithResolvers<void>
	/** Ends it when nobody asks it anything. */
	rest: NodeJS.Timeout | undefined
}

const TITLES: Record<HostName, string> = { imaging: 'image reader', inference: 'inference process', training: 'training process', review: 'review process' }

/** A host that died this often within the window is not started again until the next call. */
const FAULT_LIMIT = 5
const FAULT_WINDOW_MILLISECONDS = 30_000
const RESTART_DELAY_MILLISECONDS = 100
const RECYCLED = 'The inference process was started anew for a change of model. Ask again.'

/**
 * An imaging job that takes longer is taken for a hang: the process is ended, the job fails with a reason.
 * A 16,384-square film takes a few seconds on a slow machine; unpacking a 2 GiB archive is the longest honest job.
 */
const TIME_LIMIT_MILLISECONDS: Record<HostName, number | null> = { imaging: 180_000, inference: null, training: null, review: null }

/**
 * Nobody waits for these between two calls: they are not started again when they die, and not listed while they do not run. With what is to be done when one died
 * during a call.
 */
const STARTED_BY_CALLS_ALONE: ReadonlyMap<HostName, string> = new Map([
	['training', 'a run goes on from its last checkpoint when it is resumed'],
	['review', 'it is started again when it is asked again'],
])

/** One of these that nobody has asked anything for so long is ended: what a run or a survey leaves of memory is given back with the process alone. */
const IDLE_MILLISECONDS = 60_000

export interface Supervisor extends HostCaller {
	/** Starts a host before the first call needs it. */
	start(host: HostName): void
	/** Ends the hosts; calls in flight are rejected. */
	stop(): void
	/** Ends a host on purpose and starts it anew, to give back what its sessions hold; jobs in flight are rejected. */
	recycle(host: HostName): void
	/** When a host's process is gone, before its jobs are rejected: what lived in its memory is no longer there. */
	onStopped(listener: (host: HostName) => void): void
	/** After each (re)start of a host: put back what lived in its memory. */
	onStarted(listener: (host: HostName) => void): void
}

export interface SupervisorOptions {
	spawn: SpawnHost
	/** Entry file of each host. */
	entries: Record<HostName, string>
	/** Called after every change of a host's status. */
	onChange(): void
	idleMilliseconds?: number
}

/** Starts the hosts when they are first needed, watches them, starts them again when they die, and talks to them. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
	let nextId = 1
	let stopped = false
	const startedListeners: ((host: HostName) => void)[] = []
	const stoppedListeners: ((host: HostName) => void)[] = []
	const hosts: Record<HostName, Host> = { imaging: newHost('imaging'), inference: newHost('inference'), training: newHost('training'), review: newHost('review') }

	function start(host: Host): void {
		// Somebody is about to ask: before the first job is sent there is nothing to see of that.
		clearTimeout(host.rest)
		if (host.process || stopped) return
		host.ready = newReady()
		const child = options.spawn(host.name, options.entries[host.name])
		host.process = child
		child.onMessage((message) => {
			if (host.process === child) receive(host, message as HostReply)
		})
		child.onExit((reason) => died(host, child, reason))
		options.onChange()
	}

	function receive(host: Host, reply: HostReply): void {
		if ('ready' in reply) {
			host.state = 'ready'
			host.ready.resolve()
			options.onChange()
			for (const listener of startedListeners) listener(host.name)
			return
		}
		const job = host.jobs.get(reply.id)
		if (!job) return
		if ('progress' in reply) {
			job.progress(reply.progress)
			return
		}
		host.jobs.delete(reply.id)
		clearTimeout(job.timer)
		restLater(host)
		options.onChange()
		if ('output' in reply) job.resolve(reply.output)
		else if (reply.error.aborted) job.reject(new DOMException(reply.error.message, 'AbortError'))
		else if (reply.error.user) job.reject(new UserError(reply.error.message, reply.error.detail))
		else {
			job.reject(new UserError(`The ${TITLES[host.name]} failed${about(job)}: ${reply.error.message}`, reply.error.detail))
		}
	}

	function restLater(host: Host): void {
		clearTimeout(host.rest)
		if (!STARTED_BY_CALLS_ALONE.has(host.name)) return
		host.rest = setTimeout(() => {
			const child = host.process
			if (!child || host.jobs.size > 0) return
			host.process = null
			host.state = 'starting'
			child.kill()
			options.onChange()
		}, options.idleMilliseconds ?? IDLE_MILLISECONDS).unref()
	}

	function died(host: Host, child: HostProcess, reason: string): void {
		if (host.process !== child) return
		host.process = null
		host.ready.reject(new HostDiedError(`The ${TITLES[host.name]} could not be started (${reason}).`, '', reason))
		if (stopped) return
		for (const listener of stoppedListeners) listener(host.name)
		host.lastFault = reason
		const now = Date.now()
		host.faults = [...host.faults.filter((time) => now - time < FAULT_WINDOW_MILLISECONDS), now]
		const jobs = [...host.jobs.values()]
		host.jobs.clear()
		const giveUp = host.faults.length >= FAULT_LIMIT
		const waits = giveUp || STARTED_BY_CALLS_ALONE.has(host.name)
		host.state = giveUp ? 'failed' : waits ? 'starting' : 'restarting'
		if (!waits) {
			host.restarts++
			setTimeout(() => start(host), RESTART_DELAY_MILLISECONDS)
		}
		options.onChange()
		for (const job of jobs) {
			clearTimeout(job.timer)
			job.reject(
				new HostDiedError(
					`The ${TITLES[host.name]} stopped (${reason})${about(job)}. Nothing that was stored is lost; ${giveUp ? 'it failed too often and waits for the next request' : STARTED_BY_CALLS_ALONE.get(host.name) ?? 'it has been started again'}.`,
					`host ${host.name}, method ${job.method}, ${reason}`,
					reason,
				),
			)
		}
	}

	async function call(name: HostName, method: string, input: unknown, callOptions: CallOptions<never>): Promise<unknown> {
		const host = hosts[name]
		if (stopped) throw new UserError('The workstation is being closed.')
		if (callOptions.signal?.aborted) throw new DOMException('Cancelled.', 'AbortError')
		if (host.state === 'failed') host.faults = []
		start(host)
		await host.ready.promise
		if (callOptions.signal?.aborted) throw new DOMException('Cancelled.', 'AbortError')
		const child = host.process
		if (!child) throw new HostDiedError(`The ${TITLES[name]} is not running. Try again.`)
		const id = nextId++
		const limit = TIME_LIMIT_MILLISECONDS[name]
		const { promise, resolve, reject } = Promise.withResolvers<unknown>()
		host.jobs.set(id, {
			method,
			subject: callOptions.subject ?? '',
			resolve,
			reject,
			progress: (value) => callOptions.onProgress?.(value as never),
			timer: limit === null ? undefined : setTimeout(() => child.kill(), limit),
		})
		options.onChange()
		const abort = () => {
			if (host.process === child) child.send({ id, abort: true })
		}
		callOptions.signal?.addEventListener('abort', abort)
		try {
			child.send({ id, method, input })
			return await promise
		} finally {
			callOptions.signal?.removeEventListener('abort', abort)
		}
	}

	return {
		async call(host, method, input, callOptions = {}) {
			const output = await call(host, method, input, callOptions as CallOptions<never>)
			// A host has read hostile bytes: what it says is checked like anything else that crosses.
			const schemas = hostMethods[host] as unknown as Record<string, { output: { parse(value: unknown): never } }>
			return schemas[method]?.output.parse(output) as never
		},
		status: () =>
			Object.values(hosts).filter((host) => host.process !== null || !STARTED_BY_CALLS_ALONE.has(host.name)).map((host) => ({
				name: host.name,
				state: host.state,
				pid: host.process?.pid ?? null,
				restarts: host.restarts,
				jobs: host.jobs.size,
				lastFault: host.lastFault,
			})),
		stop() {
			stopped = true
			for (const host of Object.values(hosts)) {
				rejectAll(host, new UserError('The workstation is being closed.'))
				host.process?.kill()
			}
		},
		recycle(name) {
			const host = hosts[name]
			const child = host.process
			if (!child || stopped) return
			// Let go before it is ended: a call that comes now must wait for the new process.
			host.process = null
			host.state = 'starting'
			child.kill()
			const error = new HostDiedError(RECYCLED)
			host.ready.reject(error)
			for (const listener of stoppedListeners) listener(name)
			rejectAll(host, error)
			start(host)
		},
		start: (name) => start(hosts[name]),
		onStopped: (listener) => void stoppedListeners.push(listener),
		onStarted: (listener) => void startedListeners.push(listener),
	}
}

function newHost(name: HostName): Host {
	return { name, process: null, state: 'starting', restarts: 0, lastFault: '', faults: [], jobs: new Map(), ready: newReady(), rest: undefined }
}

function newReady(): PromiseWithResolvers<void> {
	const ready = Promise.withResolvers<void>()
	// A start that fails with nobody waiting is reported by the status, not as an unhandled rejection.
	ready.promise.catch(() => {})
	return ready
}

function rejectAll(host: Host, error: UserError): void {
	for (const job of host.jobs.values()) {
		clearTimeout(job.timer)
		job.reject(error)
	}
	host.jobs.clear()
}

function about(job: Job): string {
	return job.subject ? ` while it worked on ${job.subject}` : ''
}
