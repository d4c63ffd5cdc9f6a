import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { CamState } from '../../../src/common/contract/analysis.ts'
import type { HostReply } from '../../../src/common/contract/hosts.ts'
import { packDirectory, packManifest, syntheticFrame, temporaryFolder, writeFrame } from '../../support/inferenceFixtures.ts'

const folder = temporaryFolder()
const framePath = writeFrame(folder.path, syntheticFrame())
const children: ChildProcess[] = []
afterAll(() => {
	for (const child of children) child.kill('SIGKILL')
	folder.remove()
})

type Answer = { output: unknown } | { error: { message: string; aborted: boolean } }

/** The host as the supervisor starts it, and calls to it. */
async function startHost() {
	const child = fork(resolve(import.meta.dirname, '../../../src/hosts/inference/index.ts'), [], {
		execPath: resolve(import.meta.dirname, '../../../node_modules/.bin/node'), serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	})
	children.push(child)
	const waiting = new Map<number, { progress(state: CamState): void; done(answer: Answer): void }>()
	child.on('message', (message) => {
		const reply = message as HostReply
		if ('ready' in reply) return
		if ('progress' in reply) waiting.get(reply.id)?.progress(reply.progress as CamState)
		else waiting.get(reply.id)?.done(reply)
	})
	await once(child, 'message')
	let id = 0
	return {
		child,
		call(method: string, input: unknown, progress: (state: CamState) => void = () => {}): { id: number; answer: Promise<Answer> } {
			const call = ++id
			const answer = new Promise<Answer>((done) => waiting.set(call, { progress, done }))
			child.send({ id: call, method, input })
			return { id: call, answer }
		},
	}
}

function labels(answer: Answer): unknown {
	return 'output' in answer ? (answer.output as { labels: unknown }).labels : null
}

const load = { directory: packDirectory, manifest: packManifest }
const explain = { modelSha256: packManifest.sha256, framePath, layer: 'final_expand', mode: 'paper' }
const predict = { modelSha256: packManifest.sha256, framePath, decodeMilliseconds: 0 }

describe('the inference host as a process', () => {
	it('answers predictions while a map runs, streams states, and stops the map when told', async () => {
		const host = await startHost()
		expect(await host.call('load', load).answer).toMatchObject({ output: { providers: ['CPU'] } })
		const states: CamState[] = []
		const first = Promise.withResolvers<void>()
		const map = host.call('explain', explain, (state) => {
			states.push(state)
			first.resolve()
		})
		await first.promise
		expect(states[0]).toMatchObject({ exact: false, layer: 'final_expand' })
		expect(await host.call('predict', predict).answer).toMatchObject({ output: { gate: { ok: true } } })
		host.child.send({ id: map.id, abort: true })
		const passes = states.at(-1)?.passes ?? 0
		expect(await map.answer).toMatchObject({ error: { message: 'The map was cancelled.', aborted: true } })
		expect(await host.call('predict', predict).answer).toHaveProperty('output')
		expect(states.at(-1)?.passes).toBeLessThan(passes + 200)
		expect(states.some((state) => state.exact)).toBe(false)
	})

	it('dies alone when it is killed in the middle of a map, and a new one answers the same', async () => {
		const host = await startHost()
		await host.call('load', load).answer
		const before = await host.call('predict', predict).answer
		const exited = once(host.child, 'exit')
		await new Promise<void>((running) => void host.call('explain', explain, () => running()))
		process.kill(host.child.pid ?? 0, 'SIGKILL')
		expect((await exited)[1]).toBe('SIGKILL')
		const next = await startHost()
		await next.call('load', load).answer
		const after = await next.call('predict', predict).answer
		expect(labels(after)).toEqual(labels(before))
	})

	it('ends when its parent goes away', async () => {
		const host = await startHost()
		const exited = once(host.child, 'exit')
		host.child.disconnect()
		expect((await exited)[0]).toBe(0)
	})
})
