import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explanationSetReportSchema, type ExplanationSetReport, type ExplanationSetRequest } from '../../../../src/common/contract/training/explanationSet.ts'
import { explainSet } from '../../../../src/hosts/training/explanations/explainSet.ts'
import { drawn } from '../../../../src/hosts/training/explanations/listFilms.ts'
import type { FaithfulnessRecord, MapsRecord } from '../../../../src/hosts/training/explanations/records.ts'
import { parseCsv } from '../../../support/csv.ts'
import { HOSTILE_NAME, HOSTILE_TITLE, writeSmallExplanationSet, type SmallExplanationSet } from '../../../support/explanationSet.ts'
import { temporaryFolder } from '../../../support/inferenceFixtures.ts'
import { SIDE } from '../../../support/pictures.ts'

const folder = temporaryFolder()
const out = join(folder.path, 'out')
const quiet = { signal: new AbortController().signal, progress: () => undefined }
let set: SmallExplanationSet
let report: ExplanationSetReport

function request(change: Partial<ExplanationSetRequest> = {}): ExplanationSetRequest {
	return {
		model: { graph: join(set.pack, 'model.onnx'), manifest: set.manifest }, teacher: null, folder: set.data, split: null, by: [], films: null, seed: 1, localisation: [], localisationSplit: null, mode: 'paper', layer: null,
		randomisation: 0, output: null, html: null, softwareVersion: '0.0.0', ...change,
	}
}

type Line = MapsRecord | FaithfulnessRecord

function linesIn(directory: string): Line[] {
	return readFileSync(join(directory, 'films.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line)
}

/** What does not depend on when it was measured. */
function timeless(own: ExplanationSetReport): object {
	return { ...own, models: own.models.map((model) => ({ ...model, secondsPerMap: null })) }
}

beforeAll(async () => {
	set = await writeSmallExplanationSet(join(folder.path, 'data'), join(folder.path, 'packs'))
	report = explanationSetReportSchema.parse(await explainSet(request({ output: out, html: join(folder.path, 'html'), by: ['source'] }), quiet))
})
afterAll(() => folder.remove())

describe('a set of explanations', () => {
	it('has a row for every method, over all films, by label and by a column', () => {
		expect(report.data).toMatchObject({ split: 'test', films: 12, groups: 6, of: 12, seed: null })
		const rows = report.faithfulness.filter(({ group }) => group.column === 'all')
		expect(rows.map(({ method, n, groups }) => [method, n, groups])).toEqual([['score-cam', 12, 6], ['recipro-cam', 12, 6], ['random', 12, 6]])
		expect([...new Set(report.faithfulness.map(({ group }) => `${group.column} ${group.value}`))]).toEqual(expect.arrayContaining(['truth bright', 'truth left', 'truth top', 'source north', 'source south']))
		for (const value of ['bright', 'left', 'top']) expect(report.faithfulness.find(({ group }) => group.column === 'truth' && group.value === value)?.n).toBe(4)
	})
	it('gives means of what it keeps of every film', () => {
		const kept = linesIn(out).filter((line) => line.kind === 'faithfulness' && line.method === 'score-cam') as FaithfulnessRecord[]
		expect(kept).toHaveLength(12)
		const mean = (value: (record: FaithfulnessRecord) => number) => kept.reduce((sum, record) => sum + value(record), 0) / kept.length
		const [row] = report.faithfulness
		expect(row?.deletion.value).toBeCloseTo(mean(({ measured }) => measured.deletion.area), 12)
		expect(row?.difference.value).toBeCloseTo(mean(({ measured }) => measured.insertion.area - measured.deletion.area), 12)
		expect(row?.drop.value).toBeCloseTo(mean(({ measured: { probability, maskedProbability } }) => (100 * Math.max(0, probability - maskedProbability)) / probability), 9)
		expect(row?.increase.value).toBeCloseTo(mean(({ measured: { probability, maskedProbability } }) => (maskedProbability > probability ? 100 : 0)), 9)
		expect(row?.dropTopHalf.value).toBeCloseTo(mean(({ measured: { probability }, topHalfProbability }) => (100 * Math.max(0, probability - topHalfProbability)) / probability), 9)
		expect(row?.better.value).toBeCloseTo(mean(({ measured }) => (measured.verdict === 'better' ? 100 : 0)), 9)
		const random = linesIn(out).filter((line) => line.kind === 'faithfulness' && line.method === 'random') as FaithfulnessRecord[]
		const randomMean = random.reduce((sum, { measured }) => sum + measured.insertion.area - measured.deletion.area, 0) / random.length
		expect(row?.overRandom.value).toBeCloseTo((row?.difference.value ?? 0) - randomMean, 12)
	})
	it('holds the map of the finding against its mask: the energy is that of arithmetic', async () => {
		// The network's only channel that varies is the mean of each quarter of the normalised picture plus 3, so that is its map too.
		const shares: number[] = []
		for (const file of filesOf('left')) shares.push(leftShare(await quartersOf(join(set.data, file))))
		const row = report.located.find(({ method, truth }) => method === 'score-cam' && truth === 'finding')
		expect(row).toMatchObject({ set: 'data', split: 'test', n: 4, empty: 0 })
		expect(row?.energy.value).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0) / shares.length, 5)
		expect(row?.area.value).toBe(0.5)
		expect(row?.gain.value).toBeCloseTo((row?.energy.value ?? 0) - 0.5, 12)
	})
	it('takes the map of the finding\'s own label for the finding, and of the called label for the lungs', async () => {
		const data = join(folder.path, 'labels')
		mkdirSync(data)
		for (const [name, from] of [['film.png', filesOf('left')[1] ?? ''], ['mask.png', 'masks/left.png']] as const) writeFileSync(join(data, name), readFileSync(join(set.data, from)))
		writeFileSync(join(data, 'manifest.csv'), 'file,label,split,lungs_mask,finding_mask\nfilm.png,left,test,mask.png,mask.png\n')
		// Maps that differ by label, and "top" called: as if they had been measured.
		const own = join(folder.path, 'labels out')
		mkdirSync(own)
		const film = createHash('sha256').update(readFileSync(join(data, 'film.png'))).digest('hex')
		const maps = { bright: [0, 1, 0, 1], left: [1, 0, 1, 0], top: [1, 1, 0, 0] }
		writeFileSync(join(own, 'films.jsonl'), `${JSON.stringify({
			measurement: 1, film, model: set.manifest.sha256, mode: 'paper', layer: 'quarters', kind: 'maps', probabilities: [0.1, 0.2, 0.7], height: 2, width: 2, scoreCam: maps, seconds: 1, reciproCam: null,
		})}\n`)
		const { located, faithfulness } = await explainSet(request({ folder: data, output: own }), quiet)
		const energyOf = (truth: string) => located.find((row) => row.method === 'score-cam' && row.truth === truth)?.energy.value
		expect(energyOf('finding')).toBeCloseTo(leftShare([1, 0, 1, 0]), 6)
		expect(energyOf('finding')).toBeGreaterThan(0.8)
		expect(energyOf('lungs')).toBeCloseTo(0.5, 6)
		expect(faithfulness.map(({ method, group }) => [method, group.column, group.value])).toEqual(['all all films', 'truth left', 'called top'].flatMap((group) => ['score-cam', 'random'].map((method) => [method, ...group.split(/ (.*)/).slice(0, 2)])))
	})
	it('refuses a mask that is missing and one that is damaged by name, and measures the rest', () => {
		expect(report.refused.map(({ reason }) => reason)).toEqual([expect.stringContaining('masks/missing.png: The mask is not there.'), expect.stringContaining('masks/damaged.png: ')])
		expect(report.located.find(({ method, truth }) => method === 'score-cam' && truth === 'lungs')?.n).toBe(10)
	})
	it('writes pages that load nothing from elsewhere and take text of the data as text', () => {
		const page = readFileSync(join(folder.path, 'html', 'index.html'), 'utf8')
		expect(page).toContain('Research use only. Not a medical device.')
		expect(page).not.toMatch(/<script|onerror="|https?:/)
		expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;quarters&#34;')
		const sources = [...page.matchAll(/<img src="([^"]+)"/g)].map(([, source]) => source ?? '')
		expect(sources.length).toBeGreaterThan(8)
		expect(new Set(sources)).toEqual(new Set(readdirSync(join(folder.path, 'html', 'pictures')).map((name) => `pictures/${name}`)))
		expect(HOSTILE_TITLE).toContain('<script>')
	})
	it('shows a film whose name is markup', async () => {
		const html = join(folder.path, 'html one')
		await explainSet(request({ output: out, html, folder: onlyRow(HOSTILE_NAME) }), quiet)
		expect(readFileSync(join(html, 'index.html'), 'utf8')).toContain('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38;.png')
	})
	it('leaves pictures alone that it did not write', async () => {
		const html = join(folder.path, 'html two')
		mkdirSync(join(html, 'pictures'), { recursive: true })
		for (const name of ['holiday.png', 'film99-0.png']) writeFileSync(join(html, 'pictures', name), 'x')
		await explainSet(request({ output: out, html, films: 2 }), quiet)
		const there = readdirSync(join(html, 'pictures'))
		expect(there).toContain('holiday.png')
		expect(there).not.toContain('film99-0.png')
	})
})

describe('a second model', () => {
	it('has rows of its own; a twin has the same maps', async () => {
		const both = await explainSet(request({ output: out, films: 3, teacher: { graph: join(set.twin.directory, 'model.onnx'), manifest: set.twin.manifest } }), quiet)
		const numbers = (model: string) => both.faithfulness.filter((row) => row.model === model).map((row) => ({ ...row, model: '' }))
		expect(numbers('teacher')).toEqual(numbers('model').filter(({ method }) => method !== 'recipro-cam'))
		expect(both.data).toMatchObject({ films: 3, of: 12, seed: 1 })
		expect(both.comparison[0]).toMatchObject({ n: 3, sameCall: { value: 1 } })
		for (const column of ['correlation', 'rankCorrelation', 'topFifthOverlap'] as const) expect(both.comparison[0]?.[column].value).toBeCloseTo(1, 9)
	})
})

describe('what is kept', () => {
	it('is not measured again, and a run that was stopped goes on where it was', async () => {
		const own = join(folder.path, 'stopped')
		const four = { films: 4, by: ['source'] }
		const whole = timeless(await explainSet(request({ ...four, output: out }), quiet))
		const stop = new AbortController()
		const stopped = explainSet(request({ ...four, output: own }), { signal: stop.signal, progress: ({ done }) => (done === 2 ? stop.abort() : undefined) })
		await expect(stopped).rejects.toThrow()
		const before = readFileSync(join(own, 'films.jsonl'), 'utf8')
		expect(before.trim().split('\n')).toHaveLength(2 * 4)
		// As a process leaves it that was killed while it wrote.
		writeFileSync(join(own, 'films.jsonl'), before.slice(0, -30))
		expect(timeless(await explainSet(request({ ...four, output: own }), quiet))).toEqual(whole)
		const after = readFileSync(join(own, 'films.jsonl'), 'utf8')
		expect(after.startsWith(before.slice(0, -30))).toBe(true)
		expect(timeless(await explainSet(request({ ...four, output: own }), quiet))).toEqual(whole)
		expect(readFileSync(join(own, 'films.jsonl'), 'utf8')).toBe(after)
		rmSync(own, { recursive: true })
	})
	it('belongs to a film, a network and a definition, and to no other', async () => {
		const before = linesIn(out).length
		await explainSet(request({ output: out, films: 1, mode: 'torchcam' }), quiet)
		expect(linesIn(out).length).toBe(before + 4)
	})
})

describe('drawn films', () => {
	const items = Array.from({ length: 30 }, (_, index) => ({ index, truth: [index < 20 ? 'a' : index < 28 ? 'b' : 'c'] }))
	it('are of each label in turn, the same for a seed, in their order', () => {
		const nine = drawn(items, 9, 1)
		expect(nine.map(({ truth }) => truth[0]).join('')).toBe('aaaabbbcc')
		expect(nine).toEqual(drawn(items, 9, 1))
		expect(nine).not.toEqual(drawn(items, 9, 2))
		expect(nine.map(({ index }) => index)).toEqual(nine.map(({ index }) => index).toSorted((a, b) => a - b))
		expect(drawn(items, 99, 1)).toEqual(items)
	})
})

describe('the parameter-randomisation check', () => {
	it('stands in the report and is kept', async () => {
		const asked = request({ output: out, films: 3, randomisation: 2 })
		const { randomisation } = await explainSet(asked, quiet)
		expect(randomisation.length).toBeGreaterThan(0)
		expect(randomisation.every(({ n, model }) => n === 2 && model === 'model')).toBe(true)
		const before = linesIn(out).length
		expect((await explainSet(asked, quiet)).randomisation).toEqual(randomisation)
		expect(linesIn(out)).toHaveLength(before)
	})
})

describe('what cannot be explained', () => {
	it('is refused in words', async () => {
		await expect(explainSet(request({ layer: 'nothing' }), quiet)).rejects.toThrow('has no layer "nothing"; it has quarters')
		await expect(explainSet(request({ split: 'train', folder: folder.path }), quiet)).rejects.toThrow('neither a manifest.csv nor a set')
		await expect(explainSet(request({ localisation: [join(folder.path, 'packs')] }), quiet)).rejects.toThrow('neither a manifest.csv nor a set')
		await expect(explainSet(request({ by: ['truth'] }), quiet)).rejects.toThrow('cannot be given by the column truth')
		await expect(explainSet(request({ by: ['hospital'] }), quiet)).rejects.toThrow('no column hospital')
		const colour = { graph: join(set.twin.directory, 'model.onnx'), manifest: { ...set.twin.manifest, input: { ...set.twin.manifest.input, colour: 'rgb' as const } } }
		await expect(explainSet(request({ teacher: colour }), quiet)).rejects.toThrow('grey images and the other one colours')
		await expect(explainSet(request({ model: { graph: join(set.pack, 'model.onnx'), manifest: { ...set.manifest, sha256: 'ab'.repeat(32) } } }), quiet)).rejects.toThrow('its SHA-256 differs')
	})
})

/** Films of the test split with this label. */
function filesOf(label: string): string[] {
	return parseCsv(readFileSync(join(set.data, 'manifest.csv'), 'utf8')).filter((row) => row['label'] === label && row['split'] === 'test').map((row) => row['file'] ?? '')
}

/** A data set of one film. */
function onlyRow(name: string): string {
	const directory = join(folder.path, 'one')
	mkdirSync(directory, { recursive: true })
	writeFileSync(join(directory, name), readFileSync(join(set.data, name)))
	writeFileSync(join(directory, 'manifest.csv'), `file,label,split\n"${name.replaceAll('"', '""')}",left,test\n`)
	return directory
}

/** Means of (value / 255 - 0.5) / 0.25 over the quarters, plus 3: top left, top right, bottom left, bottom right. */
async function quartersOf(path: string): Promise<number[]> {
	const values = await sharp(path).toColourspace('b-w').raw().toBuffer()
	const sums = [0, 0, 0, 0]
	for (const [place, value] of values.entries()) {
		const quarter = 2 * Number(place >= (SIDE * SIDE) / 2) + Number(place % SIDE >= SIDE / 2)
		sums[quarter] = (sums[quarter] ?? 0) + (value / 255 - 0.5) / 0.25
	}
	return sums.map((sum) => sum / (SIDE * SIDE / 4) + 3)
}

/** Of the bilinear surface through the quarters' centres: the share of its sum that lies in the left half. Rows and columns weigh their quarters alike, top and bottom half each. */
function leftShare([topLeft = 0, topRight = 0, bottomLeft = 0, bottomRight = 0]: number[]): number {
	let left = 0
	let all = 0
	for (let column = 0; column < SIDE; column++) {
		const weight = Math.min(1, Math.max(0, (2 * (column + 0.5)) / SIDE - 0.5))
		const sum = (1 - weight) * (topLeft + bottomLeft) + weight * (topRight + bottomRight)
		all += sum
		if (column < SIDE / 2) left += sum
	}
	return left / all
}
