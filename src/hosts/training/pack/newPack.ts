import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { diskFault, flushFolder, UNFINISHED } from '../runs/durable.ts'

/**
 * Makes the folder of a pack: there is all of it or nothing, whenever this ends.
 * @param fill Writes the files into the folder that it is given and tests them; where it fails there is no pack.
 * @throws UserError where the disk is full, and what `fill` throws.
 */
export async function newPack(directory: string, fill: (folder: string) => Promise<void>): Promise<void> {
	const parent = dirname(directory)
	const unfinished = `${UNFINISHED}${basename(directory)}-`
	mkdirSync(parent, { recursive: true })
	// Left by a process that was killed while it wrote this pack.
	for (const name of readdirSync(parent)) if (name.startsWith(unfinished)) rmSync(join(parent, name), { recursive: true, force: true })
	const temporary = mkdtempSync(join(parent, unfinished))
	try {
		await fill(temporary)
		renameSync(temporary, directory)
		flushFolder(parent)
	} catch (error) {
		rmSync(temporary, { recursive: true, force: true })
		throw diskFault(error, directory)
	}
}
