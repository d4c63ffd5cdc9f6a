import type { HostInput, HostMethods, HostOutput, HostProgress } from '../../common/contract/hosts.ts'
import type { HostStatus } from '../../common/contract/system.ts'

export interface CallOptions<Progress> {
	/** Ends the job at the host's next step; the call then rejects with an AbortError. */
	signal?: AbortSignal
	onProgress?: (value: Progress) => void
	/** What the job is about, for the message when the host dies: "chest.dcm". */
	subject?: string
}

/** How the rooms of the main program reach the child processes. */
export interface HostCaller {
	/**
	 * @throws UserError the host's own refusal, or that the host stopped, in words.
	 * @throws HostDiedError (a UserError) when the process ended during the job; the host is started again by then or soon.
	 */
	call<Host extends keyof HostMethods, Method extends keyof HostMethods[Host] & string>(
		host: Host,
		method: Method,
		input: HostInput<Host, Method>,
		options?: CallOptions<HostProgress<Host, Method>>,
	): Promise<HostOutput<Host, Method>>
	status(): HostStatus[]
}
