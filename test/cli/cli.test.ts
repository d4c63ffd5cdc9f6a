import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeNpy } from '../../src/cli/npy.ts'
import { faithfulnessSchema } from '../../src/common/contract/explanation.ts'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { CAM_SIDE } from '../support/camPack.ts'
import { addSmallPack } from '../support/packs.ts'
import { sharedData } from '../support/sharedData.ts'
import { shippedManifest, shippedStudent } from '../support/shipped.ts'

const CLI = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))
let folder: string
let film: string
let letter: string

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-test-'))
	film = join(folder, 'film.dcm')
	letter = join(folder, 'letter.dcm')
	await writeFile(film, phantomDicomFile())
	await writeFile(letter, 'Dear colleague')
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))

interface Outcome {
	code: number
	stdout: string
	stderr: string
}

function negatoscope(name: string, ...parameters: string[]): Promise<Outcome> {
	return new Promise((resolve) => {
		execFile(process.execPath, [CLI, name, '--home', join(folder, 'home'), ...parameters], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
			resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
		})
	})
}

async function readNpy(path: string): Promise<{ shape: string | undefined; values: number[] }> {
	const bytes = await readFile(path)
	const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString('latin1')
	const shape = /'descr': '<f4', 'fortran_order': False, 'shape': \((\d+, \d+)\), }/.exec(header)?.[1]
	return { shape, values: Array.from(new Float32Array(new Uint8Array(bytes.subarray(10 + header.length)).buffer)) }
}

const sha256 = async (path: string) => createHash('sha256').update(await readFile(path)).digest('hex')

/** By a network that takes a moment, in a data folder of its own. */
const explainSmall = (...parameters: string[]) => negatoscope('explain', film, '--label', 'normal', '--model', 'small', '--home', join(folder, 'small'), ...parameters)

describe('the command line', () => {
	it('inspects what it can and refuses the rest, in one answer', async () => {
		const { code, stdout } = await negatoscope('inspect', '--json', film, letter, join(folder, 'none.dcm'), folder)
		expect(code).toBe(2)
		const [good, ...refused] = JSON.parse(stdout) as Record<string, unknown>[]
		expect(good).toMatchObject({
			file: film, sha256: await sha256(film), kind: 'dicom', transferSyntax: '1.2.840.10008.1.2.1', photometric: 'MONOCHROME2', rows: 1184, columns: 1024,
			frames: 1, samplesPerPixel: 1, bitsStored: 12,
		})
		expect(good?.['min']).toBeTypeOf('number')
		expect(refused.map(({ file }) => file)).toEqual([letter, join(folder, 'none.dcm'), folder])
		for (const { refused: reason } of refused) expect(reason).toMatch(/^[A-Z].*\.$/)
	})

	it('predicts with the model and its operating points, and never gives a number for a refused file', async () => {
		const { code, stdout } = await negatoscope('predict', '--json', film, letter)
		expect(code).toBe(2)
		const [answer, refusal] = JSON.parse(stdout) as { labels: { probability: number; operatingPoint: number; positive: boolean }[]; gate: { ok: boolean; reasons: string[] }; abstained: boolean; model: { sha256: string } }[]
		expect(answer?.gate).toMatchObject({ ok: true, reasons: [] })
		expect(answer?.labels.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6)
		for (const label of answer?.labels ?? []) expect(label.positive).toBe(!answer?.abstained && label.probability >= label.operatingPoint)
		expect(answer?.model.sha256).toBe(await sha256(join(shippedStudent, 'model.onnx')))
		expect(refusal).toMatchObject({ gate: { ok: false }, labels: [], abstained: false })
		expect(refusal?.gate.reasons).toHaveLength(1)
	})

	it.skipIf(!sharedData)(`lets the kind of image choose the student${sharedData ? '' : ' (skipped: the shared tiles are not beside this repository)'}`, async () => {
		const tile = join(sharedData ?? '', 'lc25000/lung_n/lungn790.jpg')
		const { code, stdout } = await negatoscope('predict', '--json', tile, film)
		expect(code).toBe(0)
		const [tissue, chest] = JSON.parse(stdout) as { labels: { name: string }[]; model: { id: string } }[]
		expect(tissue?.labels.map(({ name }) => name)).toContain('lung_n')
		expect(chest?.model.id).toBe(shippedManifest().id)
		const named = JSON.parse((await negatoscope('predict', '--json', tile, '--model', shippedManifest().id)).stdout) as { gate: { ok: boolean }; labels: unknown[] }[]
		expect(named).toMatchObject([{ model: { id: shippedManifest().id }, gate: { ok: false }, labels: [] }])

		// A student that was chosen for films is not asked about tissue, and where it is gone no other one reads a film in its place.
		const home = join(folder, 'chosen')
		await mkdir(home, { recursive: true })
		await writeFile(join(home, 'settings.json'), JSON.stringify({ students: { 'chest-radiograph': 'gone' } }))
		const chosen = await negatoscope('predict', '--json', tile, film, '--home', home)
		expect(chosen.code).toBe(2)
		expect(JSON.parse(chosen.stdout)).toMatchObject([{ model: { id: tissue?.model.id }, gate: { ok: true } }, { gate: { ok: false, reasons: ['No student reads chest radiographs. The chosen pack "gone" is not there. Choose another one under Admin, Models.'] }, labels: [] }])
	})

	it('tells how many images of a folder the gate refuses, and by which check', async () => {
		const photographs = join(folder, 'photographs')
		await mkdir(join(photographs, 'more'), { recursive: true })
		await copyFile(film, join(photographs, 'more', 'film.dcm'))
		await copyFile(letter, join(photographs, 'letter.txt'))
		const { code, stdout } = await negatoscope('check-gate', '--json', photographs)
		expect(code).toBe(0)
		expect(JSON.parse(stdout)).toMatchObject({ model: { id: shippedManifest().id }, folders: [{ folder: photographs, n: 2, refused: 1, by: { read: 1 } }] })
		expect((await negatoscope('check-gate', photographs)).stdout).toMatch(/: 1 of 2 refused \(50\.0 %\): read 1; abstained on [01]\n$/)
		expect(await negatoscope('check-gate', join(folder, 'nowhere'))).toMatchObject({ code: 2, stderr: expect.stringContaining('no folder that can be read') })
	})

	it('explains: an exact map as NumPy and as PNG', async () => {
		const [raw, out] = [join(folder, 'map.npy'), join(folder, 'map.png')]
		const { code, stdout, stderr } = await negatoscope('explain', film, '--label', 'normal', '--layer', 'last_block', '--raw', raw, '--out', out, '--json')
		expect(code).toBe(0)
		expect(stderr).toMatch(/Score-CAM \d+ %/)
		const answer = JSON.parse(stdout) as { channels: number; exact: boolean; height: number; width: number; peak: number; layer: string; label: string; faithfulness: unknown }
		expect(answer).toMatchObject({ label: 'normal', layer: 'last_block', channels: 192, exact: true, mode: 'paper' })
		const { shape, values } = await readNpy(raw)
		expect(shape).toBe(`${answer.height}, ${answer.width}`)
		expect(Math.max(...values)).toBeCloseTo(answer.peak, 6)
		expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
		expect((await readFile(out)).subarray(1, 4).toString()).toBe('PNG')
		expect(answer.faithfulness).toBeNull()
	})

	describe('with a small network', () => {
		beforeAll(() => void addSmallPack(join(folder, 'small'), 'small', 'student', 8))

		it('says how far to trust a map, to programs and to people', async () => {
			const { code, stdout, stderr } = await explainSmall('--faithfulness', '--json')
			expect(code).toBe(0)
			expect(stderr).toMatch(/Faithfulness \d+ %/)
			const answer = JSON.parse(stdout) as { labels: { name: string; probability: number }[]; faithfulness: unknown }
			const { verdict, ...faithfulness } = faithfulnessSchema.parse(answer.faithfulness)
			expect(faithfulness).toMatchObject({ layer: 'features', mode: 'paper', label: 'normal' })
			expect(faithfulness.probability).toBeCloseTo(answer.labels.find(({ name }) => name === 'normal')?.probability ?? -1, 5)
			expect(faithfulness.randomScores.length).toBeGreaterThan(0)
			const words = await explainSmall('--faithfulness')
			expect(words.stdout).toContain(verdict === 'better' ? 'faithfulness: better than chance: ' : 'faithfulness: NO BETTER THAN CHANCE: ')
			expect(words.stdout).toContain(`insertion less deletion ${faithfulness.score.toFixed(3)}, chance ${faithfulness.chance.toFixed(3)} beside ${faithfulness.randomScores.length} maps`)
			expect(words.stdout).toContain(`deletion area ${faithfulness.deletion.area.toFixed(3)} (low is faithful), insertion area ${faithfulness.insertion.area.toFixed(3)} (high is faithful)`)
		})

		it('explains by another program\'s definition, and says whose', async () => {
			const raw = join(folder, 'other.npy')
			const { code, stdout } = await explainSmall('--mode', 'pytorch-grad-cam', '--raw', raw)
			expect(code).toBe(0)
			expect(stdout).toMatch(/^Score-CAM of normal by the definition pytorch-grad-cam at features: 8 channels, \d+ passes, exact, [\d.]+ s$/m)
			expect(stdout).not.toContain('faithfulness')
			// That program's maps are of the size of the network's input, stretched to 0..1.
			const { shape, values } = await readNpy(raw)
			expect(shape).toBe(`${CAM_SIDE}, ${CAM_SIDE}`)
			expect(Math.max(...values)).toBeCloseTo(1, 5)
			expect(Math.min(...values)).toBe(0)
		})
	})

	it('imports, lists, reports, and finds the same bytes again', async () => {
		const first = await negatoscope('import', '--json', film, letter)
		expect(first.code).toBe(2)
		expect(JSON.parse(first.stdout)).toMatchObject({ state: 'finished', added: 1, duplicates: 0, refused: [{ name: letter }] })
		const again = await negatoscope('import', '--json', film)
		expect(again.code).toBe(0)
		expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, duplicates: 1, refused: [] })
		const [study] = JSON.parse((await negatoscope('studies', '--json')).stdout) as { studyId: number; patientName: string }[]
		expect(study?.patientName).toContain('Phantom')
		const report = join(folder, 'r.pdf')
		const written = await negatoscope('report', String(study?.studyId), '--out', report, '--json')
		expect(JSON.parse(written.stdout)).toMatchObject({ state: 'draft', version: null })
		expect((await readFile(report)).subarray(0, 5).toString()).toBe('%PDF-')
	})

	it('tests itself and lists the models', async () => {
		const test = await negatoscope('self-test', '--json')
		expect(test.code).toBe(0)
		expect(JSON.parse(test.stdout)).toMatchObject({ ok: true })
		expect(JSON.parse((await negatoscope('models', '--json')).stdout)).toMatchObject([
			{ manifest: { id: 'cxr3-ofa595' }, selected: true }, { manifest: { id: 'lc5-densenet161' }, selected: true }, { manifest: { id: 'lc5-ofa595' }, selected: true }, { manifest: { id: 'nih14-eeea' }, selected: false },
		])
	})

	it.each([
		[['nonsense'], 1], [['inspect'], 1], [['inspect', '--colour', 'x'], 1], [['models', 'extra'], 1], [['explain', 'x.dcm'], 1],
		[['explain', 'x.dcm', '--label', 'normal', '--mode', 'grad-cam'], 1],
		[['explain', 'x.dcm', '--label', 'hernia'], 2], [['report', '999', '--out', 'x.pdf'], 2], [['predict', 'x.dcm', '--model', 'none'], 3],
	] as [[string, ...string[]], number][])('ends %j with exit code %i and a sentence', async (parameters, code) => {
		const outcome = await negatoscope(...parameters)
		expect(outcome.code).toBe(code)
		expect(outcome.stdout).toBe('')
		expect(outcome.stderr).toMatch(/^negatoscope: .+/)
	})
})

describe('encodeNpy', () => {
	it('begins its data at a multiple of 64', () => {
		for (const shape of [[1], [4, 4], [1152, 7, 7]]) {
			const bytes = encodeNpy(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape)
			const headerLength = Buffer.from(bytes).readUInt16LE(8)
			expect((10 + headerLength) % 64).toBe(0)
			expect(Buffer.from(bytes).readFloatLE(10 + headerLength)).toBe(0.5)
		}
	})
})
