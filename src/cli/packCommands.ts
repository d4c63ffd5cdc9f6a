import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { importPack } from '../main/promotion/importPack.ts'
import type { Command } from './command.ts'
import { EXIT, printAnswer, UsageError } from './output.ts'

/** Model packs as single files. */
export const packCommands: Record<string, Command> = {
	'export-pack': {
		options: { out: { type: 'string' } },
		words: [1, 1],
		async run({ workstation, json, words, text }) {
			const out = text('out')
			if (!out) throw new UsageError('export-pack needs --out.')
			const file = await workstation.rooms.packFiles.find(words[0] ?? '')
			const path = resolve(out)
			const temporary = join(dirname(path), `.${randomUUID()}.part`)
			try {
				await pipeline(Readable.from(file.stream()), createWriteStream(temporary, { flags: 'wx', flush: true }))
				await rename(temporary, path)
			} finally {
				await rm(temporary, { force: true })
			}
			printAnswer(json, { out: path, name: file.name, bytes: file.bytes }, [`${path}: ${file.bytes} bytes; its usual name is ${file.name}`])
			return EXIT.done
		},
	},
	'import-pack': {
		options: {},
		words: [1, 1],
		async run({ workstation, json, words }) {
			const { library, registry, candidates, supervisor } = workstation.rooms
			const path = resolve(words[0] ?? '')
			const candidate = await importPack(path, basename(path), { library, registry, candidates, hosts: supervisor })
			printAnswer(json, candidate, [`${candidate.id} is imported as a candidate; it reads nothing before it has been compared and promoted.`])
			return EXIT.done
		},
	},
}
