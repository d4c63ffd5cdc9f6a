import { UserError } from '../common/contract/procedures.ts'

/** Exit codes of the command line. */
export const EXIT = { done: 0, usage: 1, someRefused: 2, cannotRun: 3 } as const

/** The person called the command in a way that it does not understand. */
export class UsageError extends Error {}

/** Nothing could be done, whatever the input: no model that could answer, or a library that cannot be opened. */
export class CannotRunError extends UserError {}

/** The answer: JSON with --json, else lines for a person. Nothing else is written to the standard output. */
export function printAnswer(json: boolean, value: unknown, lines: string[]): void {
	process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''))
}

/** Progress, for a person who waits: on the standard error, one line that is written over on a terminal. */
export function printProgress(text: string): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
	else process.stderr.write(`${text}\n`)
}

export function endProgress(): void {
	if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
}
