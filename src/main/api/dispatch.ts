import { procedures, UserError, type Handlers, type ProcedureName } from '../../common/contract/procedures.ts'
import { isOutOfSpace, OUT_OF_SPACE } from '../library/outOfSpace.ts'
import type { CallReply } from '../shell/shell.ts'

/**
 * Checks the input against the contract, runs the handler, checks the output. Never rejects: what a person may read is the
 * error's message; anything else says that it is a fault of the program and puts the rest into the detail.
 */
export async function dispatch(handlers: Handlers, name: string, input: unknown): Promise<CallReply> {
	if (!Object.hasOwn(procedures, name)) return { error: { message: `There is no procedure ${name.slice(0, 80)}.`, detail: '' } }
	const procedure = procedures[name as ProcedureName]
	const parsed = procedure.input.safeParse(input)
	if (!parsed.success) return { error: { message: `The request ${name} is not valid.`, detail: parsed.error.message } }
	try {
		const handler = handlers[name as ProcedureName] as (value: unknown) => unknown
		return { output: procedure.output.parse(await handler(parsed.data)) }
	} catch (error) {
		if (isOutOfSpace(error)) return { error: { message: OUT_OF_SPACE, detail: error instanceof Error ? error.message : '' } }
		if (error instanceof UserError) return { error: { message: error.message, detail: error.detail } }
		const known = error instanceof Error ? error : new Error(String(error))
		return { error: { message: 'Something went wrong inside the program. Nothing that was stored is lost.', detail: known.stack ?? known.message } }
	}
}
