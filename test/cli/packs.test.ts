import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRun, writeSmallPack } from '../support/candidates.ts'
import { temporaryFolder } from '../support/inferenceFixtures.ts'

const CLI = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
const folder = temporaryFolder()
const home = join(folder.path, 'home')

beforeAll(() => {
	writeSmallPack(join(home, 'models', 'installed'), 'installed', 8)
	addRun(home, 'small-1', 9)
})
afterAll(() => folder.remove())

function negatoscope(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	return new Promise((resolve) => {
		execFile(process.execPath, [CLI, ...parameters], (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }))
	})
}

describe('packs on the command line', () => {
	it('go out of one data folder and come into another as candidates', async () => {
		const [out, again, other] = [join(folder.path, 'a.zip'), join(folder.path, 'b.zip'), join(folder.path, 'other')]
		const exported = await negatoscope('export-pack', 'small-1', '--out', out, '--home', home, '--json')
		expect([exported.code, JSON.parse(exported.stdout)]).toEqual([0, { out, name: 'small-1-1.0.0.negatoscope-pack.zip', bytes: readFileSync(out).length }])
		expect((await negatoscope('export-pack', 'installed', '--out', join(folder.path, 'c.zip'), '--home', home)).code).toBe(0)
		expect(JSON.parse((await negatoscope('import-pack', out, '--home', other, '--json')).stdout)).toEqual({ origin: 'imported', id: 'small-1' })
		expect(readdirSync(join(other, 'candidates', 'small-1')).toSorted()).toEqual(['CARD.md', 'model.json', 'model.onnx'])
		await negatoscope('export-pack', 'small-1', '--out', again, '--home', other)
		expect(readFileSync(again)).toEqual(readFileSync(out))
	})
	it('are refused in words', async () => {
		const damaged = join(folder.path, 'damaged.zip')
		writeFileSync(damaged, readFileSync(CLI))
		expect(await negatoscope('import-pack', damaged, '--home', home)).toMatchObject({ code: 2, stderr: expect.stringContaining('damaged.zip was not imported. The archive is damaged or cut off.') })
		expect(await negatoscope('export-pack', 'nothing', '--out', join(folder.path, 'none.zip'), '--home', home)).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no model pack nothing') })
		expect((await negatoscope('export-pack', 'small-1', '--home', home)).code).toBe(1)
		expect(readdirSync(folder.path).filter((name) => name.endsWith('.part') || name === 'none.zip')).toEqual([])
	})
})
