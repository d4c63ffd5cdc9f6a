import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EventName, EventPayload, ProcedureInput, ProcedureName, ProcedureOutput } from '../../src/common/contract/procedures.ts'
import type { HostName } from '../../src/common/contract/system.ts'
import { forkHost } from '../../src/main/shell/forkHost.ts'
import { createWorkstation, type Workstation } from '../../src/main/workstation.ts'
import { makeBuiltInModels } from './builtInModels.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
let builtInModels: string | null = null

/** A main program without a window, its hosts run from the sources. */
export interface TestWorkstation extends Workstation {
	home: string
	call<Name extends ProcedureName>(name: Name, input: ProcedureInput<Name>): Promise<ProcedureOutput<Name>>
	/** Resolves with the first event that fits. */
	next<Name extends EventName>(name: Name, fits?: (payload: EventPayload<Name>) => boolean): Promise<EventPayload<Name>>
	signal(host: HostName, signal: 'SIGKILL' | 'SIGSTOP'): void
	close(): Promise<void>
}

export async function newHome(): Promise<string> {
	return mkdtemp(join(tmpdir(), 'negatoscope-test-'))
}

/** @param models folder of the program's own models; by default that of makeBuiltInModels. */
export async function startWorkstation(home: string, models = (builtInModels ??= makeBuiltInModels())): Promise<TestWorkstation> {
	const workstation = await createWorkstation({
		home,
		shell: 'browser',
		shellReason: 'for a test',
		spawn: forkHost,
		entries: { imaging: join(ROOT, 'src/hosts/imaging/index.ts'), inference: join(ROOT, 'src/hosts/inference/index.ts'), training: join(ROOT, 'src/hosts/training/index.ts'), review: join(ROOT, 'src/hosts/training/review/index.ts') },
		page: join(ROOT, 'out/renderer'),
		builtInModels: models,
		recipes: join(ROOT, 'resources/recipes'),
	})
	return {
		...workstation,
		home,
		async call(name, input) {
			const reply = await workstation.program.call(name, input)
			if ('error' in reply) throw new Error(`${reply.error.message} ${reply.error.detail}`.trim())
			return reply.output as never
		},
		next(name, fits = () => true) {
			return new Promise((resolve) => {
				const unsubscribe = workstation.program.subscribe((event, payload) => {
					if (event !== name || !fits(payload as never)) return
					unsubscribe()
					resolve(payload as never)
				})
			})
		},
		signal(host, signal) {
			const pid = workstation.rooms.supervisor.status().find(({ name }) => name === host)?.pid
			if (!pid) throw new Error(`The ${host} host does not run.`)
			process.kill(pid, signal)
		},
		close: () => workstation.program.close(),
	}
}

export function removeHome(home: string): Promise<void> {
	return rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}
