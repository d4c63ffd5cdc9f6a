import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forkHost } from '../../../src/main/shell/forkHost.ts'
import { HostDiedError } from '../../../src/main/supervisor/hostDiedError.ts'
import { createSupervisor, type Supervisor } from '../../../src/main/supervisor/supervisor.ts'

const entry = fileURLToPath(new URL('../../support/fakeHost.mjs', import.meta.url))
let supervisor: Supervisor
let changes: number

beforeEach(() => {
	changes = 0
	supervisor = createSupervisor({ spawn: forkHost, entries: { imaging: entry, inference: entry, training: entry, review: entry }, onChange: () => void changes++ })
})
afterEach(() => supervisor.stop())

const inspect = (path: string) => supervisor.call('imaging', 'inspect', { path }, { subject: 'film.dcm' })
const imaging = () => supervisor.status().find((host) => host.name === 'imaging')

describe('the supervisor', () => {
	it('starts a host with the first call and answers', async () => {
		expect(imaging()?.pid).toBeNull()
		await expect(inspect('answer')).resolves.toEqual({ refused: 'A text file.', sha256: null })
		expect(imaging()).toMatchObject({ state: 'ready', restarts: 0, jobs: 0 })
		expect(changes).toBeGreaterThan(0)
	})

	it('passes on a refusal, names a fault, and believes no answer that breaks the contract', async () => {
		await expect(inspect('refuse')).rejects.toMatchObject({ name: 'UserError', message: 'No.', detail: 'because' })
		await expect(inspect('fault')).rejects.toThrow('The image reader failed while it worked on film.dcm: oops')
		await expect(inspect('lie')).rejects.toMatchObject({ name: 'ZodError' })
	})

	it('says what a dead host was doing, starts it again, and goes on', async () => {
		const order: string[] = []
		supervisor.onStopped((host) => order.push(`stopped ${host}`))
		const other = inspect('stay silent')
		const dead = inspect('die')
		dead.catch(() => order.push('rejected'))
		await expect(dead).rejects.toBeInstanceOf(HostDiedError)
		await expect(dead).rejects.toThrow('The image reader stopped (signal SIGKILL) while it worked on film.dcm.')
		await expect(other).rejects.toBeInstanceOf(HostDiedError)
		// What lived in the process is forgotten before anybody can ask again.
		expect(order).toEqual(['stopped imaging', 'rejected'])
		await expect(inspect('answer')).resolves.toBeTruthy()
		expect(imaging()).toMatchObject({ state: 'ready', restarts: 1, lastFault: 'signal SIGKILL', jobs: 0 })
	})

	it('stops restarting a host that dies every time, and tries again when it is asked', async () => {
		for (let fault = 0; fault < 5; fault++) await inspect('die').catch(() => {})
		expect(imaging()?.state).toBe('failed')
		await expect(inspect('answer')).resolves.toBeTruthy()
		expect(imaging()?.state).toBe('ready')
	})

	it('does not start the training host again when it dies: a run is resumed by a call', async () => {
		expect(supervisor.status().map(({ name }) => name)).toEqual(['imaging', 'inference'])
		const build = (output: string) => supervisor.call('training', 'zooBuild', { name: 'vgg19', classes: 3, size: null, seed: 0, weights: null, output, path: output } as never)
		await expect(build('die')).rejects.toThrow('The training process stopped (signal SIGKILL). Nothing that was stored is lost; a run goes on from its last checkpoint when it is resumed.')
		expect(supervisor.status().map(({ name }) => name)).toEqual(['imaging', 'inference'])
		await expect(build('refuse')).rejects.toThrow('No.')
		expect(supervisor.status().map(({ name }) => name)).toEqual(['imaging', 'inference', 'training'])
	})

	it('looks at runs and data sets in a process of its own, which says what is to be done when it dies', async () => {
		const recognise = (path: string) => supervisor.call('review', 'recogniseDataSet', { folder: 'films', path } as never)
		await expect(recognise('refuse')).rejects.toThrow('No.')
		await expect(supervisor.call('training', 'zooList', { classes: 3, path: 'refuse' } as never)).rejects.toThrow('No.')
		const pids = supervisor.status().flatMap(({ name, pid }) => (name === 'review' || name === 'training' ? [pid] : []))
		expect(new Set(pids).size).toBe(2)
		await expect(recognise('die')).rejects.toThrow('The review process stopped (signal SIGKILL). Nothing that was stored is lost; it is started again when it is asked again.')
		expect(supervisor.status().map(({ name }) => name)).toEqual(['imaging', 'inference', 'training'])
	})

	it('ends a process that trains or reviews when nobody asks it anything any more, and no other', async () => {
		supervisor.stop()
		supervisor = createSupervisor({ spawn: forkHost, entries: { imaging: entry, inference: entry, training: entry, review: entry }, onChange: () => void changes++, idleMilliseconds: 50 })
		await inspect('answer')
		const ask = () => supervisor.call('review', 'recogniseDataSet', { folder: 'films', path: 'refuse' } as never)
		await expect(ask()).rejects.toThrow('No.')
		const silent = supervisor.call('training', 'zooList', { classes: 3 })
		silent.catch(() => {})
		await expect.poll(() => supervisor.status().map(({ name }) => name)).toEqual(['imaging', 'inference', 'training'])
		expect(imaging()).toMatchObject({ state: 'ready', restarts: 0 })
		await expect(ask()).rejects.toThrow('No.')
	})

	it('streams progress and cancels', async () => {
		const controller = new AbortController()
		const seen: unknown[] = []
		const job = supervisor.call('imaging', 'unzip', { path: 'a.zip', into: 'b' }, { signal: controller.signal, onProgress: (value) => void seen.push(value) })
		await expect.poll(() => seen).toEqual([{ name: 'one' }])
		controller.abort()
		await expect(job).rejects.toMatchObject({ name: 'AbortError' })
		await expect(supervisor.call('imaging', 'inspect', { path: 'answer' }, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' })
	})

	it('recycles a host without counting a fault', async () => {
		await inspect('answer')
		const before = imaging()?.pid
		const started = new Promise<string>((resolve) => supervisor.onStarted(resolve))
		supervisor.recycle('imaging')
		expect(await started).toBe('imaging')
		expect(imaging()?.pid).not.toBe(before)
		expect(imaging()).toMatchObject({ state: 'ready', restarts: 0, lastFault: '' })
	})

	it('rejects what is in flight when it stops, and takes nothing more', async () => {
		await inspect('answer')
		const job = inspect('stay silent')
		const rejected = expect(job).rejects.toThrow('The workstation is being closed.')
		await expect.poll(() => imaging()?.jobs).toBe(1)
		supervisor.stop()
		await rejected
		await expect(inspect('answer')).rejects.toThrow('being closed')
	})
})
