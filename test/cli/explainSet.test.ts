import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explanationSetReportSchema } from '../../src/common/contract/training/explanationSet.ts'
import { writeSmallExplanationSet } from '../support/explanationSet.ts'
import { temporaryFolder } from '../support/inferenceFixtures.ts'

const CLI = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
const folder = temporaryFolder()
const home = join(folder.path, 'home')
const data = join(folder.path, 'data')

function negatoscope(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	return new Promise((resolve) => {
		execFile(process.execPath, [CLI, ...parameters, '--home', home], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
			resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
		})
	})
}

beforeAll(() => writeSmallExplanationSet(data, join(home, 'models')))
afterAll(() => folder.remove())

describe('negatoscope explain-set', () => {
	it('gives the tables as JSON and pages, and goes on with what is kept', async () => {
		const [out, html] = [join(folder.path, 'out'), join(folder.path, 'html')]
		const { code, stdout, stderr } = await negatoscope('explain-set', 'quarters', data, '--films', '2', '--teacher', 'twin', '--by', 'source', '--json', '--html', html, '--out', out)
		// A mask is refused if its film is among the drawn ones: then it ends with 2.
		const report = explanationSetReportSchema.parse(JSON.parse(stdout))
		expect(code).toBe(report.refused.length === 0 ? 0 : 2)
		expect(stderr).toContain('Explanations, films: 2 of 2')
		expect(report.data).toMatchObject({ split: 'test', films: 2, of: 12 })
		expect(report.models.map(({ role, id }) => [role, id])).toEqual([['model', 'quarters'], ['teacher', 'twin']])
		expect(report.faithfulness.filter(({ group }) => group.column === 'all')).toHaveLength(5)
		expect(report.located.length).toBeGreaterThan(0)
		expect(readFileSync(join(html, 'index.html'), 'utf8')).toContain('<h2>Example films</h2>')
		expect(explanationSetReportSchema.parse(JSON.parse(readFileSync(join(out, 'explanations.json'), 'utf8')))).toEqual(report)
		const kept = readFileSync(join(out, 'films.jsonl'), 'utf8')
		const again = await negatoscope('explain-set', 'quarters', data, '--films', '2', '--out', out)
		expect(again.stdout).toMatch(/^Model: /)
		expect(again.stdout).toContain('Faithfulness: 2 of 12 films of the test split')
		expect(again.stdout).toMatch(/\n\| all films +\| Score-CAM +\| +2 \|/)
		expect(readFileSync(join(out, 'films.jsonl'), 'utf8')).toBe(kept)
		// The training host gives way to everything else on the machine.
	})
	it('stops at Ctrl-C in words, and keeps what it has', async () => {
		const out = join(folder.path, 'stopped')
		const child = spawn(process.execPath, [CLI, 'explain-set', 'quarters', data, '--split', 'all', '--out', out, '--home', home])
		let stderr = ''
		child.stderr.on('data', (chunk: Buffer) => {
			const before = stderr.includes('films: 2 of')
			stderr += chunk.toString()
			if (!before && stderr.includes('films: 2 of')) child.kill('SIGINT')
		})
		const code = await new Promise<number | null>((resolve) => void child.on('exit', resolve))
		expect(stderr).toContain(`Stopped. What was measured is in ${out}; the same command goes on from there.`)
		expect(code).toBe(2)
		expect(readFileSync(join(out, 'films.jsonl'), 'utf8').trim().split('\n').length).toBeGreaterThanOrEqual(8)
		expect(existsSync(join(out, 'explanations.json'))).toBe(false)
	})
	it('refuses what it does not understand, each with a sentence', async () => {
		for (const [parameters, code, reason] of [
			[['quarters', data, '--films', 'some'], 1, '--films takes a whole number from 1, not "some".'],
			[['quarters', data, '--mode', 'guess'], 1, '--mode takes paper, official, pytorch-grad-cam, torchcam.'],
			[['quarters', data, '--localisation-split', 'most'], 1, '--localisation-split takes train, validation, test, all.'],
			[['quarters', join(folder.path, 'home')], 2, 'neither a manifest.csv nor a set of films'],
		] as const) {
			const outcome = await negatoscope('explain-set', ...parameters)
			expect(outcome, reason).toMatchObject({ code, stdout: '' })
			expect(outcome.stderr).toContain(reason)
		}
	})
})
