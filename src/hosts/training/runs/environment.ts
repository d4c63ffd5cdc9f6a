import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { UserError } from '../../../common/contract/procedures.ts'
import type { RunEnvironment } from '../../../common/contract/training/run.ts'
import { countParameters } from '../../../zoo/count.ts'
import { hashWeights } from './checkpoint.ts'
import type { RunFolder } from './folder.ts'
import type { PreparedRun } from './prepared.ts'

const nodeRequire = createRequire(import.meta.url)

/** What else makes the weights of a run, besides its recipe. */
export function environmentOf(prepared: PreparedRun, softwareVersion: string): RunEnvironment {
	const { dataSet, lungs, student, teachers, recipe, trained, threads } = prepared
	const processors = cpus()
	const count = (split: string) => dataSet.samples.filter((sample) => sample.split === split).length
	const { version } = nodeRequire('onnxruntime-node/package.json') as { version: string }
	return {
		createdAt: new Date().toISOString(),
		software: { negatoscope: softwareVersion, node: process.versions.node, onnxruntime: version },
		machine: { platform: process.platform, architecture: process.arch, processor: processors[0]?.model.trim() ?? '', cores: processors.length, memoryBytes: totalmem() },
		threads,
		seed: recipe.seed,
		data: { sha256: dataSet.sha256, samples: { train: count('train'), validation: count('validation'), test: count('test') }, labels: [...dataSet.labels] },
		student: {
			name: student.network.name,
			parameters: countParameters(student.network),
			trained: trained.reduce((sum, { dims }) => sum + dims.reduce((product, size) => product * size, 1), 0),
			initialSha256: hashWeights(student.weights),
		},
		teachers: teachers.map(({ name, sha256 }) => ({ name, sha256 })),
		lungs,
	}
}

/**
 * Holds a run that is resumed to what it began with.
 * @returns what differs and changes the last bits alone, in a sentence; null where nothing does.
 * @throws UserError naming what makes it another run.
 */
export function compareEnvironments({ id, environment: before }: RunFolder, now: RunEnvironment): string | null {
	if (now.data.sha256 !== before.data.sha256) throw new UserError(`The run ${id} cannot go on: the images or labels of its data set have changed since it began. Start a new run.`)
	if (now.student.initialSha256 !== before.student.initialSha256) throw new UserError(`The run ${id} cannot go on: the student that it began with has changed.`)
	const changed = before.teachers.find(({ sha256 }, index) => now.teachers[index]?.sha256 !== sha256)
	if (changed) throw new UserError(`The run ${id} cannot go on: its teacher ${changed.name} has changed.`)
	if (now.lungs?.sha256 !== before.lungs?.sha256) throw new UserError(`The run ${id} cannot go on: the network that finds the lungs has changed since it began, and with it what is shown of each film.`)
	const differs = [
		...Object.entries(before.software).filter(([name, version]) => now.software[name as keyof typeof now.software] !== version).map(([name, version]) => `${name} ${version}`),
		...(before.machine.processor === now.machine.processor ? [] : [before.machine.processor]),
	]
	return differs.length === 0 ? null : `The run began with ${differs.join(', ')}; with others it goes on, but not to the same bits.`
}
