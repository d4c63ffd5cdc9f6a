import { rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Beside the data: where a window finds the program that runs for this data folder. Nobody else can read it, for the address lets one in. */
const NAME = 'address'
const ANSWER_MILLISECONDS = 2000

/** What the browser shell says to who has no session; another program at the same port says something else. */
export const NO_SESSION = 'Open the workstation with the address that the terminal shows.'

/** Writes down an address that a window can be opened with. A folder that cannot be written to only costs a second window its way. */
export function keepAddress(home: string, address: string): void {
	try {
		writeFileSync(join(home, NAME), `${address}\n`, { mode: 0o600 })
	} catch {
		// A disk that is full is told of where it matters.
	}
}

export function forgetAddress(home: string): void {
	rmSync(join(home, NAME), { force: true })
}

/** The address of a program that runs for this data folder already and answers; null where there is none. */
export async function runningProgram(home: string): Promise<string | null> {
	const address = (await readFile(join(home, NAME), 'utf8').catch(() => '')).trim()
	try {
		const { origin, hostname } = new URL(address)
		if (hostname !== '127.0.0.1') return null
		const answer = await fetch(origin, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MILLISECONDS) })
		return answer.status === 403 && (await answer.text()).includes(NO_SESSION) ? address : null
	} catch {
		return null
	}
}
