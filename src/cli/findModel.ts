import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ModelManifest, ReadyModel } from '../common/contract/model.ts'
import { UserError } from '../common/contract/procedures.ts'
import { parseManifest } from '../main/models/pack.ts'
import type { Call } from './command.ts'

/** A pack by its id, a pack's folder, or an ONNX file with its model.json beside it. @throws UserError where there is none. */
export async function findModel({ workstation }: Call, word: string): Promise<{ graph: string; manifest: ModelManifest }> {
	const pack = workstation.rooms.registry.list().find((entry): entry is ReadyModel => entry.state === 'ready' && entry.manifest.id === word)
	if (pack) return { graph: join(pack.directory, 'model.onnx'), manifest: pack.manifest }
	const path = resolve(word)
	const found = statSync(path, { throwIfNoEntry: false })
	if (!found) throw new UserError(`There is no model ${word}: no pack has this id, and there is no such folder or file. negatoscope models lists the packs.`)
	const graph = found.isDirectory() ? join(path, 'model.onnx') : path
	const description = join(dirname(graph), 'model.json')
	const text = await readFile(description, 'utf8').catch((error: NodeJS.ErrnoException) => {
		throw new UserError(error.code === 'ENOENT' ? `${description} is missing: a network is evaluated with what its model.json says of its input and labels.` : `${description} cannot be read (${error.code}).`)
	})
	try {
		return { graph, manifest: parseManifest(text) }
	} catch (error) {
		throw error instanceof UserError ? new UserError(`${description}: ${error.message}`) : error
	}
}
