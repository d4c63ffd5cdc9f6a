import { fork } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { HostName } from '../../common/contract/system.ts'
import type { HostProcess } from './shell.ts'

/** A long Score-CAM must not take the processor from the window, what is looked at in the admin panel from neither, and a training run from nobody. */
const PRIORITIES: Record<HostName, number | null> = {
	imaging: null, inference: constants.priority.PRIORITY_BELOW_NORMAL, review: 15, training: constants.priority.PRIORITY_LOW,
}

/** A host as a plain Node child process: in the browser shell, on the command line and in tests. */
export function forkHost(name: HostName, entry: string): HostProcess {
	const child = fork(entry, [], {
		serialization: 'advanced',
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		// The parent's own flags (an inspector's port, say) are not the child's.
		execArgv: ['--max-old-space-size=4096', '--disable-warning=ExperimentalWarning'],
	})
	const priority = PRIORITIES[name]
	if (priority !== null && child.pid) lowerPriority(child.pid, priority)
	let ended = false
	return {
		pid: child.pid,
		send(message) {
			// A host that is dying may have closed its line already; its exit is what is reported.
			if (child.connected) child.send(message as never, () => {})
		},
		onMessage: (listener) => void child.on('message', listener),
		onExit(listener) {
			const once = (reason: string) => {
				if (ended) return
				ended = true
				listener(reason)
			}
			child.on('exit', (code, signal) => once(signal ? `signal ${signal}` : `exit code ${code}`))
			child.on('error', (error) => once(error.message))
		},
		kill: () => void child.kill('SIGKILL'),
	}
}

function lowerPriority(pid: number, priority: number): void {
	try {
		setPriority(pid, priority)
	} catch {
		// Not allowed here: it is a courtesy, not a need.
	}
}
