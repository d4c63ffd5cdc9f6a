import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { camBatchSchema } from '../../common/contract/hosts.ts'
import { sha256Schema } from '../../common/contract/primitives.ts'

/** How many images a batch of Score-CAM holds at best, by network, as it was found out on this machine. */
export interface BatchSizes {
	get(modelSha256: string): number | null
	/** A file that cannot be written is no fault: it is found out again then. */
	keep(modelSha256: string, images: number): void
}

/** Networks that are kept, the last ones found out. */
const MOST_NETWORKS = 100

const fileSchema = z.strictObject({
	/** What the sizes were found out on: they are not asked of another machine. */
	processor: z.string(),
	threads: z.number(),
	sizes: z.array(z.strictObject({ modelSha256: sha256Schema, images: camBatchSchema })).max(MOST_NETWORKS),
})

/** Batch sizes in <home>/batch-sizes.json; a damaged file, or one from another machine, counts as none. */
export function openBatchSizes(home: string): BatchSizes {
	const path = join(home, 'batch-sizes.json')
	const machine = { processor: cpus()[0]?.model ?? '', threads: availableParallelism() }
	let sizes = read(path, machine)
	return {
		get: (modelSha256) => sizes.find((known) => known.modelSha256 === modelSha256)?.images ?? null,
		keep(modelSha256, images) {
			sizes = [...sizes.filter((known) => known.modelSha256 !== modelSha256), { modelSha256, images }].slice(-MOST_NETWORKS)
			const temporary = `${path}.${process.pid}.tmp`
			try {
				writeFileSync(temporary, `${JSON.stringify({ ...machine, sizes }, null, '\t')}\n`)
				renameSync(temporary, path)
			} catch {
				rmSync(temporary, { force: true })
			}
		},
	}
}

function read(path: string, machine: { processor: string; threads: number }): { modelSha256: string; images: number }[] {
	try {
		const { processor, threads, sizes } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
		return processor === machine.processor && threads === machine.threads ? sizes : []
	} catch {
		return []
	}
}
