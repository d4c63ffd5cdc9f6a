import type { HostName } from '../../common/contract/system.ts'

/** A child process as the supervisor sees it, whichever shell started it. */
export interface HostProcess {
	readonly pid: number | undefined
	send(message: unknown): void
	onMessage(listener: (message: unknown) => void): void
	/** Called once, with the reason in words: "signal SIGKILL", "exit code 134". */
	onExit(listener: (reason: string) => void): void
	kill(): void
}

/** Starts a child process from its entry file. */
export type SpawnHost = (name: HostName, entry: string) => HostProcess

/** What the main program gives a shell to show; the shell gives it a window and a transport. */
export interface Program {
	/** A call of the contract; never rejects. */
	call(name: string, input: unknown): Promise<CallReply>
	/** Binary bodies and the page itself. */
	handle(request: Request): Promise<Response>
	/** Subscribes a window to the events; the result ends it. */
	subscribe(listener: (event: string, payload: unknown) => void): () => void
	/** What goes on when the last window is closed, in a sentence; null where nothing does, and the program may end. */
	unfinished(): string | null
	/** Ends the hosts and closes the library; what goes on is saved, and goes on with the next start. */
	close(): Promise<void>
}

export type CallReply = { output: unknown } | { error: { message: string; detail: string } }

/** The part of the page's address that opens a study. */
export function studyFragment(studyId: number | null): string {
	return studyId === null ? '' : `#study=${studyId}`
}
