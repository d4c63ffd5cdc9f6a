import { constants, existsSync } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packFileNameSchema } from '../../common/contract/packFile.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { syncFolder } from '../durable.ts'
import { openPack } from './pack.ts'

/**
 * Copies a pack's files, and nothing else of its folder, into a new one, under another id where it needs one, and reads the copy as the registry would.
 * @throws UserError where a file changed meanwhile or is refused; nothing is left behind then.
 */
export async function copyPack(from: Pick<ReadyModel, 'directory' | 'manifest'>, to: string, id: string): Promise<ReadyModel> {
	try {
		await mkdir(to, { recursive: true, mode: 0o700 })
		for (const name of packFileNameSchema.options) {
			const source = join(from.directory, name)
			if (!existsSync(source)) continue
			const target = join(to, name)
			// What the registry has read decides, so that a file that is exchanged meanwhile does not get in.
			if (name === 'model.json' && id !== from.manifest.id) await writeFile(target, `${JSON.stringify({ ...from.manifest, id }, null, '\t')}\n`, { mode: 0o600 })
			else await copyFile(source, target, constants.COPYFILE_EXCL)
			const file = await open(target, 'r+')
			await file.sync().finally(() => file.close())
		}
		const copy = openPack(to, new Map())
		if (JSON.stringify({ ...copy.manifest, id: from.manifest.id }) !== JSON.stringify(from.manifest)) throw new UserError(`The model pack ${from.manifest.id} changed while it was copied.`)
		return copy
	} catch (error) {
		await rm(to, { recursive: true, force: true })
		throw error
	}
}

/** Moves a whole folder to its place, where nothing may be. Both lie in one data folder. @throws UserError where something is. */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
	await mkdir(dirname(to), { recursive: true })
	if (existsSync(to)) throw new UserError(`The folder ${to} is there already; a model pack is never written over.`)
	await rename(from, to)
	syncFolder(dirname(to))
}
