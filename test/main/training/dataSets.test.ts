import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phantomDicomFile } from '../../../src/common/imaging/phantomDicom.ts'
import { routes } from '../../../src/common/contract/procedures.ts'
import type { RegisteredDataSet, SurveyJob } from '../../../src/common/contract/training/dataSets.ts'
import { sharedData } from '../../support/sharedData.ts'
import { newFolder, pictureFile, writeTree } from '../../support/trees.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let workstation: TestWorkstation

beforeAll(async () => {
	home = await newHome()
	workstation = await startWorkstation(home)
})
afterAll(async () => {
	await workstation.close()
	await removeHome(home)
})

const ROWS = ['1.png,a,train,p1,north', '2.png,b,train,p2,north', '3.png,a,val,p3,south', '4.png,b,val,p4,south', 'deep/5.png,a,test,p5,north', 'film.dcm,b,test,p6,clinic']
const films = async (rows: readonly string[] = ROWS) => writeTree(await newFolder(), {
	'manifest.csv': ['file,label,split,group,source', ...rows].join('\n'), '1.png': 1, '2.png': 2, '3.png': 3, '4.png': 4, 'deep/5.png': 5, 'film.dcm': phantomDicomFile(),
})

/** Recognises a folder and registers it by the best recipe. */
async function add(folder: string): Promise<RegisteredDataSet> {
	const { candidates: [best], refusal } = await workstation.call('dataSets.recognise', { folder })
	if (!best) throw new Error(refusal)
	return workstation.call('dataSets.add', { title: 'Films', recipe: best.recipe })
}

async function survey(dataSetId: number): Promise<SurveyJob> {
	const ended = workstation.next('dataSets.survey', (job) => job.dataSetId === dataSetId && !['waiting', 'running'].includes(job.state))
	await workstation.call('dataSets.survey', { dataSetId })
	return ended
}

async function surveyed(folder: string): Promise<number> {
	const { id } = await add(folder)
	expect(await survey(id)).toMatchObject({ state: 'finished', reason: '', progress: { done: 6, of: 6 } })
	return id
}

const samples = (dataSetId: number, query: object = {}) => workstation.call('dataSets.samples', { dataSetId, ...query })
const ids = async (dataSetId: number, query: object = {}) => (await samples(dataSetId, query)).rows.map(({ id }) => id)
const picture = (dataSetId: number, image: string) => workstation.program.handle(new Request(`http://localhost${routes.samplePicture(dataSetId, image)}`))

/** Every file of a folder with what tells whether it was touched. */
async function stampsOf(folder: string): Promise<string[]> {
	const names = await readdir(folder, { recursive: true })
	return Promise.all(names.toSorted().map(async (name) => {
		const { size, mtimeMs, ctimeMs } = await stat(join(folder, name))
		return `${name} ${size} ${mtimeMs} ${ctimeMs}`
	}))
}

describe('a data set', () => {
	it('is recognised, registered, surveyed, looked through and corrected, and nothing is written where it lies', async () => {
		const folder = await films()
		const before = await stampsOf(folder)
		const changes: (number | null)[] = []
		const unsubscribe = workstation.program.subscribe((event, payload) => {
			if (event === 'dataSets.changed') changes.push((payload as { dataSetId: number | null }).dataSetId)
		})
		const { id, ...added } = await add(folder)
		expect(added).toMatchObject({ title: 'Films', layout: 'manifest', folder, found: null, survey: null, surveyedAt: null, surveyIsOlder: false, corrections: { leftOut: 0, relabelled: 0 } })
		await expect(samples(id)).rejects.toThrow('The data set Films has not been surveyed yet.')
		expect((await survey(id)).state).toBe('finished')
		const found = await workstation.call('dataSets.get', { dataSetId: id })
		expect(found.survey).toMatchObject({ images: 6, labels: ['a', 'b'], refusal: '' })
		expect((await workstation.call('dataSets.list', {})).find((own) => own.id === id)).toMatchObject({ found: { images: 6, sha256: found.survey?.sha256 }, surveyIsOlder: false, job: { state: 'finished' } })

		const page = await samples(id, { offset: 1, limit: 2 })
		expect([page.total, page.matching, page.rows.map((row) => [row.id, row.split, row.truth, row.correction])]).toEqual([6, 6, [['2.png', 'train', [0, 1], null], ['3.png', 'validation', [1, 0], null]]])
		expect(await ids(id, { split: 'test' })).toEqual(['deep/5.png', 'film.dcm'])
		expect(await ids(id, { label: 'a', source: 'north' })).toEqual(['1.png', 'deep/5.png'])
		expect(await ids(id, { text: 'CLINIC' })).toEqual(['film.dcm'])
		expect(await samples(id, { text: 'png', offset: 4, limit: 10 })).toMatchObject({ matching: 5, rows: [{ id: 'deep/5.png' }] })
		expect(await ids(id, { offset: 100 })).toEqual([])

		const corrected = await workstation.call('dataSets.correct', { dataSetId: id, images: ['2.png', '4.png'], change: { kind: 'relabel', labels: ['a'] } })
		expect(corrected).toMatchObject({ corrections: { leftOut: 0, relabelled: 2 }, surveyIsOlder: true, recipe: { corrections: [{ image: '2.png', labels: ['a'] }, { image: '4.png', labels: ['a'] }] } })
		await workstation.call('dataSets.correct', { dataSetId: id, images: ['1.png'], change: { kind: 'leave-out' } })
		expect((await samples(id, { corrected: true })).rows.map((row) => [row.id, row.truth, row.correction])).toEqual([['1.png', [1, 0], { labels: null }], ['2.png', [0, 1], { labels: ['a'] }], ['4.png', [0, 1], { labels: ['a'] }]])
		expect(await ids(id, { label: 'b' })).toEqual(['film.dcm'])
		// The survey that is made anew counts as corrected, and still shows what was left out.
		expect((await survey(id)).state).toBe('finished')
		const anew = await workstation.call('dataSets.get', { dataSetId: id })
		expect(anew).toMatchObject({ surveyIsOlder: false, survey: { images: 5, refusal: 'Label "b" has no image in the train split.', filtered: { first: [{ what: 'left out by hand', images: 1 }] } } })
		expect(anew.survey?.sha256).not.toBe(found.survey?.sha256)
		expect(await ids(id)).toHaveLength(6)
		// One file of samples for each data set.
		expect((await readdir(join(home, 'data-sets'))).filter((name) => name.startsWith(`${id}-`))).toHaveLength(1)

		const undone = await workstation.call('dataSets.correct', { dataSetId: id, images: ['1.png', '4.png'], change: { kind: 'undo' } })
		expect([undone.recipe.corrections, undone.surveyIsOlder]).toEqual([[{ image: '2.png', labels: ['a'] }], true])
		// What the data says anyway is no correction.
		expect((await workstation.call('dataSets.correct', { dataSetId: id, images: ['2.png', '3.png'], change: { kind: 'relabel', labels: ['b'] } })).recipe.corrections).toEqual([{ image: '3.png', labels: ['b'] }])
		expect(await stampsOf(folder)).toEqual(before)
		expect([changes.includes(null), changes.filter((own) => own === id).length]).toEqual([true, 6])
		unsubscribe()
	})

	it('is renamed, removed and brought back with its corrections, and is there after a restart', async () => {
		const id = await surveyed(await films())
		await workstation.call('dataSets.correct', { dataSetId: id, images: ['1.png'], change: { kind: 'leave-out' } })
		expect((await workstation.call('dataSets.rename', { dataSetId: id, title: ' Our films ' })).title).toBe('Our films')
		await workstation.call('dataSets.remove', { dataSetId: id })
		expect((await workstation.call('dataSets.list', {})).some((own) => own.id === id)).toBe(false)
		await expect(workstation.call('dataSets.get', { dataSetId: id })).rejects.toThrow('This data set is not in the library')
		await expect(workstation.call('dataSets.remove', { dataSetId: id })).rejects.toThrow('not in the library')
		expect((await picture(id, '1.png')).status).toBe(422)
		await workstation.call('dataSets.restore', { dataSetId: id })
		// What a process that was killed left goes, unless another may just be making it.
		const [left, young] = ['7-left.jsonl', '7-young.jsonl'].map((name) => join(home, 'data-sets', name)) as [string, string]
		for (const path of [left, young]) await writeFile(path, '')
		await utimes(left, 1, 1)
		await workstation.close()
		workstation = await startWorkstation(home)
		expect([existsSync(left), existsSync(young)]).toEqual([false, true])
		expect(await workstation.call('dataSets.get', { dataSetId: id })).toMatchObject({ title: 'Our films', corrections: { leftOut: 1 }, survey: { images: 6 }, surveyIsOlder: true, job: null })
		expect(await ids(id, { corrected: true })).toEqual(['1.png'])
	})

	it('is refused where its folder is not there, and corrected by what it has alone', async () => {
		const folder = await films()
		const { recipe } = await add(folder)
		await expect(workstation.call('dataSets.add', { title: 'x', recipe: { ...recipe, folder: join(folder, 'none') } })).rejects.toThrow('There is no folder')
		await expect(workstation.call('dataSets.add', { title: 'x', recipe: { ...recipe, folder: 'films' } })).rejects.toThrow('not named from the root')
		await expect(workstation.call('dataSets.add', { title: ' ', recipe })).rejects.toThrow('not valid')
		await expect(workstation.call('dataSets.recognise', { folder: 'films' })).rejects.toThrow('not named from the root')
		const id = await surveyed(folder)
		const correct = (images: string[], labels: string[]) => workstation.call('dataSets.correct', { dataSetId: id, images, change: { kind: 'relabel', labels } })
		await expect(correct(['1.png', 'none.png'], ['a'])).rejects.toThrow('The last survey lists no image none.png. Nothing was corrected.')
		await expect(correct(['1.png'], ['c'])).rejects.toThrow('The data set has no label "c". It has a, b. Nothing was corrected.')
		await expect(correct(['1.png'], [])).rejects.toThrow('An image of this data set has one label. Nothing was corrected.')
		await expect(correct(['../1.png'], ['a'])).rejects.toThrow('not valid')
		expect((await workstation.call('dataSets.get', { dataSetId: id })).recipe.corrections).toEqual([])
	})
})

describe('a survey', () => {
	it('tells why it failed and keeps what the one before found', async () => {
		const folder = await films()
		const id = await surveyed(folder)
		await rename(join(folder, 'manifest.csv'), join(folder, 'other.csv'))
		expect(await survey(id)).toMatchObject({ state: 'failed', reason: 'manifest.csv cannot be opened in the data set\'s folder.' })
		expect(await workstation.call('dataSets.get', { dataSetId: id })).toMatchObject({ survey: { images: 6 }, job: { state: 'failed' } })
		expect(await ids(id)).toHaveLength(6)
	})

	it('that is cancelled, waiting or running, leaves nothing, and another can be asked for at once', async () => {
		const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.png`, index]))
		const folder = await writeTree(await newFolder(), { 'manifest.csv': ['file,label', ...Object.keys(files).map((name, index) => `${name},${index % 2 ? 'a' : 'b'}`)].join('\n'), ...files })
		const [first, second] = [await add(folder), await add(await films())]
		const states: string[] = []
		const unsubscribe = workstation.program.subscribe((event, payload) => {
			const { dataSetId, state } = payload as SurveyJob
			if (event === 'dataSets.survey' && dataSetId === second.id && states.at(-1) !== state) states.push(state)
		})
		const running = workstation.next('dataSets.survey', ({ dataSetId, progress }) => dataSetId === first.id && progress !== null)
		await workstation.call('dataSets.survey', { dataSetId: first.id })
		expect(await workstation.call('dataSets.survey', { dataSetId: second.id })).toMatchObject({ state: 'waiting' })
		await running
		expect((await workstation.call('dataSets.survey', { dataSetId: first.id })).state).toBe('running')
		const ended = workstation.next('dataSets.survey', ({ dataSetId, state }) => dataSetId === second.id && state === 'finished')
		await workstation.call('dataSets.cancelSurvey', { dataSetId: first.id })
		await workstation.call('dataSets.cancelSurvey', { dataSetId: second.id })
		await workstation.call('dataSets.survey', { dataSetId: second.id })
		await ended
		// The end of the one that was cancelled is not told of the one that was asked for after it.
		expect(states).toEqual(['waiting', 'running', 'finished'])
		unsubscribe()
		expect(await workstation.call('dataSets.get', { dataSetId: first.id })).toMatchObject({ survey: null, job: { state: 'cancelled' } })
		expect((await readdir(join(home, 'data-sets'))).filter((name) => name.startsWith(`${first.id}-`))).toEqual([])
	})

	it('is made by a process that is not the one of runs', async () => {
		await surveyed(await films())
		const hosts = workstation.rooms.supervisor.status().map(({ name }) => name)
		expect(hosts).toContain('review')
		expect(hosts).not.toContain('training')
	})
})

describe('the picture of a sample', () => {
	it('is made of any image that was surveyed, small, and kept', async () => {
		const folder = await films()
		await writeFile(join(folder, '1.png'), await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } }).png().toBuffer())
		const id = await surveyed(folder)
		const response = await picture(id, '1.png')
		expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png'])
		expect(await sharp(Buffer.from(await response.arrayBuffer())).metadata()).toMatchObject({ width: 256, height: 171 })
		for (const image of ['deep/5.png', 'film.dcm']) expect((await picture(id, image)).status).toBe(200)
		const kept = await readdir(join(home, 'cache', 'pictures'))
		expect((await picture(id, '1.png')).status).toBe(200)
		expect(await readdir(join(home, 'cache', 'pictures'))).toEqual(kept)
	})

	it('is refused for anything that the survey does not list', async () => {
		const folder = await films()
		await writeFile(join(folder, 'beside.png'), await pictureFile(9))
		const id = await surveyed(folder)
		for (const image of ['beside.png', '', '../1.png', 'deep/../1.png', join(folder, '1.png'), '/etc/passwd', 'manifest.csv']) {
			const response = await picture(id, image)
			expect([image, response.status]).toEqual([image, 422])
			expect(await response.text()).toContain('lists no image')
		}
		expect((await picture(999_999, '1.png')).status).toBe(422)
		expect((await picture(Number.NaN, '1.png')).status).toBe(422)
	})

	it('tells that a file has changed or gone since the survey, even behind a link, and shows no other', async () => {
		const folder = await films()
		const other = await writeTree(await newFolder(), { 'x.png': 77, 'y.png': 78 })
		await rm(join(folder, '4.png'))
		await symlink(join(other, 'x.png'), join(folder, '4.png'))
		const id = await surveyed(folder)
		for (const image of ['1.png', '4.png']) expect((await picture(id, image)).status).toBe(200)
		// The link leads to another file now.
		await rm(join(folder, '4.png'))
		await symlink(join(other, 'y.png'), join(folder, '4.png'))
		await writeFile(join(folder, '1.png'), await pictureFile(8))
		await rm(join(folder, '2.png'))
		await mkdir(join(folder, '2.png'))
		for (const image of ['1.png', '4.png']) expect(await (await picture(id, image)).text()).toBe(`${image}: The file is no longer what it was when it was looked at. Survey the data set anew to see what changed.\n`)
		expect(await (await picture(id, '2.png')).text()).toBe('2.png is no longer there. Survey the data set anew to see what changed.\n')
		// The same bytes at another time are the same picture.
		const bytes = await readFile(join(folder, '3.png'))
		await writeFile(join(folder, '3.png'), bytes)
		await utimes(join(folder, '3.png'), 1, 1)
		expect((await picture(id, '3.png')).status).toBe(200)
	})
})

describe.skipIf(!sharedData)('real films', () => {
	it('are recognised, and nih14 is surveyed whole', async () => {
		for (const [name, layout] of [['cxr3', 'manifest'], ['lc25000', 'manifest']] as const) {
			expect((await workstation.call('dataSets.recognise', { folder: join(sharedData ?? '', name) })).candidates[0]?.recipe.layout).toBe(layout)
		}
		const { id } = await add(join(sharedData ?? '', 'nih14'))
		expect(await survey(id)).toMatchObject({ state: 'finished', progress: { done: 919, of: 919 } })
		const { survey: found } = await workstation.call('dataSets.get', { dataSetId: id })
		expect([found?.images, found?.labels.length, found?.refused.total, found?.leaks.groups.total]).toEqual([919, 14, 0, 0])
		const hernias = await samples(id, { label: 'Hernia', limit: 500 })
		expect(hernias.matching).toBe(found?.splits.reduce((sum, { labels }) => sum + (labels.find(({ label }) => label === 'Hernia')?.positive ?? 0), 0))
		expect((await picture(id, hernias.rows[0]?.id ?? '')).status).toBe(200)
	})
})
