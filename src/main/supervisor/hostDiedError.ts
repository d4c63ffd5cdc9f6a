import { UserError } from '../../common/contract/procedures.ts'

/** The process that did the job ended before it answered; nothing that was stored before is touched. */
export class HostDiedError extends UserError {
	/** How the process ended, as the system says it: "signal SIGKILL", "exit code 134"; '' where it was ended on purpose. */
	readonly reason: string
	constructor(message: string, detail = '', reason = '') {
		super(message, detail)
		this.name = 'HostDiedError'
		this.reason = reason
	}
}
