import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { GateCheck } from '../common/contract/analysis.ts'
import type { ReadyModel } from '../common/contract/model.ts'
import { UserError } from '../common/contract/procedures.ts'
import { oneLine, type Command } from './command.ts'
import { endProgress, EXIT, printAnswer, printProgress } from './output.ts'
import { chosenModel } from './readingCommands.ts'
import { predictFile, type ReadingRooms } from './readings.ts'

/** What the input gate does with the images of a folder. */
export interface GateShare {
	folder: string
	n: number
	refused: number
	/** Of those that are not refused: without a call, because the model is not sure enough. */
	abstained: number
	/** How many images each check refused; an image counts for the first check that it fails. */
	by: Partial<Record<GateCheck['name'] | 'read', number>>
}

/** Whole folders of images to the gate of a model, as they would come to the reading desk: how many it refuses, and why. */
export const checkGateCommand: Command = {
	options: {},
	words: [1, Infinity],
	async run(call) {
		const model = await chosenModel(call)
		const shares: GateShare[] = []
		for (const folder of call.words) {
			const files = await filesIn(folder)
			shares.push(await shareOf(call.workstation.rooms, model, folder, files, (done) => printProgress(`${oneLine(folder)}: ${done} of ${files.length} images`)))
		}
		endProgress()
		const { id, version, sha256 } = model.manifest
		printAnswer(call.json, { model: { id, version, sha256 }, folders: shares }, shares.map(({ folder, n, refused, abstained, by }) => (
			`${oneLine(folder)}: ${refused} of ${n} refused (${((100 * refused) / n).toFixed(1)} %)${refused === 0 ? '' : `: ${Object.entries(by).map(([name, count]) => `${name} ${count}`).join(', ')}`}; abstained on ${abstained}`
		)))
		return EXIT.done
	},
}

/** @throws UserError where there is no such folder, or no file in it. */
async function filesIn(folder: string): Promise<string[]> {
	const entries = await readdir(resolve(folder), { withFileTypes: true, recursive: true }).catch((error: NodeJS.ErrnoException) => {
		throw new UserError(`${folder} is no folder that can be read (${error.code}).`)
	})
	const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).toSorted()
	if (files.length === 0) throw new UserError(`There is no file in ${folder}.`)
	return files
}

async function shareOf(rooms: ReadingRooms, model: ReadyModel, folder: string, files: readonly string[], onProgress: (done: number) => void): Promise<GateShare> {
	const share: GateShare = { folder, n: files.length, refused: 0, abstained: 0, by: {} }
	for (const [index, file] of files.entries()) {
		const { gate, abstained } = await predictFile(rooms, [model], file)
		if (!gate.ok) {
			// A file that cannot be read has no checks.
			const name = gate.checks.find(({ state }) => state === 'failed')?.name ?? 'read'
			share.refused++
			share.by[name] = (share.by[name] ?? 0) + 1
		} else if (abstained) share.abstained++
		onProgress(index + 1)
	}
	return share
}
