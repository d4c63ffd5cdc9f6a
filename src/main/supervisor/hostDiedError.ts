import { UserError } from '../../common/contract/procedures.ts'

/** The process that did the job ended before it answered; nothing that was stored before is touched. */
export class HostDiedError extends UserError {
	constructor(message: string, detail = '') {
		super(message, detail)
		this.name = 'HostDiedError'
	}
}
