import { expect, it } from 'vitest'
import { UserError } from '../../../../src/common/contract/procedures.ts'
import { memoryFault } from '../../../../src/hosts/training/runs/outOfMemory.ts'

it.each(['std::bad_alloc', 'Non-zero status code returned while running Conv node. Failed to allocate memory for requested buffer of size 4096', 'Array buffer allocation failed'])('memory that is used up is said in words: %s', (message) => {
	const fault = memoryFault(new Error(message))
	expect(fault).toBeInstanceOf(UserError)
	expect(fault).toMatchObject({ message: expect.stringMatching(/^The memory of the machine was used up\./) as string, detail: message })
})

it('another error stays what it is', () => {
	const other = new Error('The loss is NaN.')
	expect(memoryFault(other)).toBe(other)
	const ours = new UserError('There is no space left, the allocation failed.')
	expect(memoryFault(ours)).toBe(ours)
})
