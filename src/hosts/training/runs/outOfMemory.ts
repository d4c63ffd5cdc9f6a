import { UserError } from '../../../common/contract/procedures.ts'

/** What ONNX Runtime, the C++ library and V8 say when there is no memory left. */
const OUT_OF_MEMORY = /bad_?alloc|failed to allocate|allocation failed|out of memory/i

/** Memory that is used up, in words; any other error as it is. */
export function memoryFault(error: unknown): unknown {
	if (!(error instanceof Error) || error instanceof UserError || !OUT_OF_MEMORY.test(error.message)) return error
	return new UserError('The memory of the machine was used up. What the run has saved so far is kept. A smaller batch with optimisation.accumulate, or a smaller input.size, needs less; it can also be resumed when other programs are closed.', error.message)
}
