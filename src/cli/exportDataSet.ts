import { exportDataSet } from '../main/library/exportDataSet.ts'
import type { Command } from './command.ts'
import { endProgress, EXIT, printAnswer, printProgress, UsageError } from './output.ts'

/** What the readers of the library decided, as a data set to learn from. */
export const exportDataSetCommand: Command = {
	options: { out: { type: 'string' } },
	words: [0, 0],
	async run({ workstation, json, text }) {
		const folder = text('out')
		if (!folder) throw new UsageError('export-dataset needs --out.')
		const { library, frames, supervisor } = workstation.rooms
		const answer = await exportDataSet({ library, frames, hosts: supervisor, folder, onProgress: (done, total) => printProgress(`Image ${done} of ${total}`) })
		endProgress()
		printAnswer(json, { folder, ...answer }, [`${folder}: ${answer.images} images of ${answer.patients} patients; labels: ${answer.labels.join(', ')}`])
		return EXIT.done
	},
}
