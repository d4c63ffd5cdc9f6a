import { describe, expect, it } from 'vitest'
import { environmentSchema, type RunEnvironment } from '../../../../src/common/contract/training/run.ts'
import { compareEnvironments } from '../../../../src/hosts/training/runs/environment.ts'
import type { RunFolder } from '../../../../src/hosts/training/runs/folder.ts'

const sha = (digit: string) => digit.repeat(64)
const environment = environmentSchema.parse({
	createdAt: '2026-11-21T08:00:00.000Z', software: { negatoscope: '0.1.0', node: '24.0.0', onnxruntime: '1.30.0' },
	machine: { platform: 'linux', architecture: 'x64', processor: 'one', cores: 2, memoryBytes: 1 }, threads: 1, seed: 0,
	data: { sha256: sha('1'), samples: { train: 1, validation: 1, test: 1 }, labels: ['a', 'b'] },
	student: { name: 'small', parameters: 1, trained: 1, initialSha256: sha('2') }, teachers: [{ name: 'large', sha256: sha('3') }], lungs: { id: 'lungs', sha256: sha('4') },
} satisfies RunEnvironment)
const resumed = (now: Partial<RunEnvironment>) => compareEnvironments({ id: 'run-1', environment } as RunFolder, { ...environment, ...now })

describe('a run that is resumed', () => {
	it.each<[string, Partial<RunEnvironment>, string]>([
		['images', { data: { ...environment.data, sha256: sha('9') } }, 'the images or labels of its data set have changed'],
		['student', { student: { ...environment.student, initialSha256: sha('9') } }, 'the student that it began with has changed'],
		['teacher', { teachers: [{ name: 'large', sha256: sha('9') }] }, 'its teacher large has changed'],
		['network that finds the lungs', { lungs: { id: 'lungs', sha256: sha('9') } }, 'the network that finds the lungs has changed'],
		['network that finds the lungs: none', { lungs: null }, 'the network that finds the lungs has changed'],
	])('is refused with another %s', (_, now, reason) => {
		expect(() => resumed(now)).toThrow(`The run run-1 cannot go on: ${reason}`)
	})

	it('goes on with other software, and says so', () => {
		expect(resumed({})).toBeNull()
		expect(resumed({ software: { ...environment.software, node: '25.0.0' } })).toContain('The run began with node 24.0.0')
	})
})
