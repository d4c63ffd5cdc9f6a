import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createModelLoader } from '../../../src/main/answers/modelLoader.ts'
import { openBatchSizes } from '../../../src/main/answers/batchSizes.ts'
import type { HostCaller } from '../../../src/main/supervisor/hostCaller.ts'
import { packDirectory, packManifest, temporaryFolder } from '../../support/inferenceFixtures.ts'

const folder = temporaryFolder()
let home = ''
let count = 0
beforeEach(() => {
	home = join(folder.path, String(count++))
	mkdirSync(home)
})
afterAll(() => folder.remove())

const [one, other] = ['1'.repeat(64), '2'.repeat(64)]
const path = () => join(home, 'batch-sizes.json')

describe('batch sizes', () => {
	it('are known to the next process', () => {
		const sizes = openBatchSizes(home)
		expect(sizes.get(one)).toBeNull()
		sizes.keep(one, 8)
		sizes.keep(other, 4)
		sizes.keep(one, 16)
		expect([one, other].map(openBatchSizes(home).get)).toEqual([16, 4])
	})

	it('of another machine, and damaged ones, count as none and are found out again', () => {
		openBatchSizes(home).keep(one, 8)
		const good = readFileSync(path(), 'utf8')
		const { threads } = JSON.parse(good) as { threads: number }
		for (const bad of [good.replace(`"threads": ${threads}`, `"threads": ${threads + 1}`), good.replace(/"processor": ".*"/u, '"processor": "another"'), good.slice(0, 40), '', '[]', good.replace('"images": 8', '"images": 100000'), good.replace(one, 'x')]) {
			writeFileSync(path(), bad)
			expect(openBatchSizes(home).get(one)).toBeNull()
		}
		openBatchSizes(home).keep(one, 4)
		expect(openBatchSizes(home).get(one)).toBe(4)
	})

	it('are kept for the last hundred networks, and a folder that cannot be written is no fault', () => {
		const sizes = openBatchSizes(home)
		for (let index = 0; index < 110; index++) sizes.keep(String(index).padStart(64, '0'), 4)
		expect(openBatchSizes(home).get('9'.padStart(64, '0'))).toBeNull()
		expect(openBatchSizes(home).get('109'.padStart(64, '0'))).toBe(4)
		const nowhere = openBatchSizes(join(home, 'missing'))
		nowhere.keep(one, 8)
		expect(nowhere.get(one)).toBe(8)
	})
})

describe('the loader', () => {
	it('gives the host what is known, and keeps what a map has found out, once', async () => {
		const calls: { method: string; input: unknown }[] = []
		let images: number | null = null
		const hosts = {
			call: async (_: string, method: string, input: unknown) => {
				calls.push({ method, input })
				return method === 'load' ? { selfTestDifference: 0, providers: [] } : { images }
			},
		} as unknown as HostCaller
		const model = { state: 'ready' as const, directory: packDirectory, origin: 'built-in' as const, manifest: packManifest, selfTestDifference: null, selected: true, card: '' }
		const loader = createModelLoader(hosts, openBatchSizes(home), () => {})
		await loader.ready(model)
		expect(calls[0]).toMatchObject({ method: 'load', input: { camBatch: null } })
		await loader.keepBatchSize(model)
		expect(openBatchSizes(home).get(packManifest.sha256)).toBeNull()
		images = 16
		await loader.keepBatchSize(model)
		await loader.keepBatchSize(model)
		expect(calls.map(({ method }) => method)).toEqual(['load', 'camBatch', 'camBatch'])
		await createModelLoader(hosts, openBatchSizes(home), () => {}).ready(model)
		expect(calls.at(-1)).toMatchObject({ method: 'load', input: { camBatch: 16 } })
	})

	it('goes on where the host cannot say', async () => {
		const hosts = { call: () => Promise.reject(new Error('gone')) } as unknown as HostCaller
		const model = { state: 'ready' as const, directory: packDirectory, origin: 'built-in' as const, manifest: packManifest, selfTestDifference: null, selected: true, card: '' }
		await createModelLoader(hosts, openBatchSizes(home), () => {}).keepBatchSize(model)
		expect(openBatchSizes(home).get(packManifest.sha256)).toBeNull()
	})
})
