import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { routes } from '../../../src/common/contract/procedures.ts'
import { addRun, writeSmallPack } from '../../support/candidates.ts'
import { writeComparedPacks } from '../../support/comparedPacks.ts'
import { packDirectory, temporaryFolder } from '../../support/inferenceFixtures.ts'
import { foreignFileOf, packFileOf } from '../../support/packFiles.ts'
import { WRONG_GOLDEN } from '../../support/packs.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let workstation: TestWorkstation
let elsewhere: ReturnType<typeof temporaryFolder>
let uploads = 0

beforeAll(async () => {
	home = await newHome()
	workstation = await startWorkstation(home)
})
afterAll(async () => {
	await workstation.close()
	await removeHome(home)
})
beforeEach(() => {
	elsewhere = temporaryFolder()
})
afterEach(() => {
	elsewhere.remove()
	for (const name of ['candidates', 'models', 'runs']) rmSync(join(home, name), { recursive: true, force: true })
})

const get = (path: string) => workstation.program.handle(new Request(`http://127.0.0.1${path}`))

/** As the page does it. */
async function upload(bytes: Uint8Array<ArrayBuffer>, name = 'pack.zip') {
	const uploadId = `pack-${++uploads}`
	const response = await workstation.program.handle(new Request(`http://127.0.0.1${routes.upload(uploadId, 0, name)}`, { method: 'PUT', body: bytes }))
	expect(response.status).toBe(200)
	return workstation.call('promotion.import', { uploadId })
}

/** A pack from another machine. */
function foreignPack(id: string, channels: number, change: Parameters<typeof writeSmallPack>[3] = {}): string {
	const directory = join(elsewhere.path, id)
	writeSmallPack(directory, id, channels, change)
	return directory
}

/** Everything in the data folder that an import may touch. */
function traces(): string[] {
	return ['candidates', 'models', 'temporary', 'uploads'].flatMap((name) => (existsSync(join(home, name)) ? readdirSync(join(home, name)).map((entry) => `${name}/${entry}`) : []))
}

describe('a pack that is handed on', () => {
	it('goes out by the page\'s address and comes in on another machine as a candidate, to the byte', async () => {
		addRun(home, 'small-1', 8)
		const response = await get(routes.pack('run', 'small-1'))
		expect([response.status, response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([200, 'application/zip', 'attachment; filename="small-1-1.0.0.negatoscope-pack.zip"'])
		const bytes = new Uint8Array(await response.arrayBuffer())
		expect(bytes.length).toBe(Number(response.headers.get('content-length')))
		expect(Buffer.compare(bytes, (await packFileOf(join(home, 'runs', 'small-1', 'pack'))).bytes)).toBe(0)
		const other = await newHome()
		const second = await startWorkstation(other)
		try {
			await second.program.handle(new Request(`http://127.0.0.1${routes.upload('x', 0, 'got.zip')}`, { method: 'PUT', body: bytes }))
			expect(await second.call('promotion.import', { uploadId: 'x' })).toEqual({ origin: 'imported', id: 'small-1' })
			for (const name of ['model.json', 'model.onnx', 'CARD.md']) expect(readFileSync(join(other, 'candidates', 'small-1', name))).toEqual(readFileSync(join(home, 'runs', 'small-1', 'pack', name)))
			expect(await second.call('promotion.candidates', {})).toMatchObject([{ state: 'ready', candidate: { origin: 'imported', id: 'small-1' }, reason: '', installed: null }])
			// Reading does not change by it.
			expect(existsSync(join(other, 'models'))).toBe(false)
			const again = new Uint8Array(await (await second.program.handle(new Request(`http://127.0.0.1${routes.pack('imported', 'small-1')}`))).arrayBuffer())
			expect(Buffer.compare(again, bytes)).toBe(0)
			expect([readdirSync(join(other, 'temporary')), existsSync(join(other, 'uploads', 'x'))]).toEqual([[], false])
		} finally {
			await second.close()
			await removeHome(other)
		}
	})
	it('is found by its address alone', async () => {
		for (const path of [routes.pack('installed', 'none'), routes.pack('run', 'none-1'), '/packs/run/..%2F..%2Fetc', '/packs/run/']) {
			const response = await get(path)
			expect([path, response.status]).toEqual([path, 422])
		}
		expect((await get('/packs/elsewhere/small-1')).status).toBe(404)
		expect((await get(routes.pack('installed', 'cxr3-ofa595-bootstrap'))).headers.get('content-disposition')).toContain('cxr3-ofa595-bootstrap-')
	})
})

describe('an import of a pack', () => {
	it('takes what a run and what the program itself hand on, with their results', async () => {
		const { sharp } = await writeComparedPacks(elsewhere.path)
		const shipped = join(import.meta.dirname, '../../../resources/models/nih14-eeea')
		for (const directory of [sharp.directory, shipped]) {
			const { id } = await upload((await packFileOf(directory)).bytes)
			expect(readdirSync(join(home, 'candidates', id)).toSorted()).toEqual(['CARD.md', 'evaluation.json', 'model.json', 'model.onnx'])
			expect(readFileSync(join(home, 'candidates', id, 'evaluation.json'))).toEqual(readFileSync(join(directory, 'evaluation.json')))
		}
	})
	it('keeps two of one id apart, and can be taken back', async () => {
		for (const [place, channels] of [8, 9].entries()) expect(await upload((await packFileOf(foreignPack('small', channels))).bytes)).toEqual({ origin: 'imported', id: place === 0 ? 'small' : 'small-2' })
		await workstation.call('promotion.removeImported', { candidate: { origin: 'imported', id: 'small' } })
		expect(traces()).toEqual(['candidates/small-2'])
		await expect(workstation.call('promotion.removeImported', { candidate: { origin: 'imported', id: 'small' } })).rejects.toThrow('is not there')
		await expect(workstation.call('promotion.removeImported', { candidate: { origin: 'run', id: 'small-2' } })).rejects.toThrow('stays with its run')
		await expect(workstation.call('promotion.removeImported', { candidate: { origin: 'imported', id: '../models' } })).rejects.toThrow('not valid')
	})

	it.each<[string, () => Promise<Uint8Array<ArrayBuffer>>, string]>([
		['that is none', async () => new TextEncoder().encode('Dear colleague'), 'notes.zip was not imported. The archive is damaged or cut off.'],
		['of something else', async () => zipSync({ 'film.dcm': new Uint8Array(3) }), 'It is no model pack of Negatoscope'],
		['that is cut off', async () => (await packFileOf(foreignPack('small', 8))).bytes.subarray(0, 4000), 'damaged or cut off'],
		['whose network was exchanged, with its hash in pack.json', async () => {
			const directory = foreignPack('small', 8)
			cpSync(join(foreignPack('other', 9), 'model.onnx'), join(directory, 'model.onnx'))
			return foreignFileOf(directory)
		}, 'The SHA-256 of model.onnx is not the one in model.json'],
		['whose network does not give its golden logits', async () => foreignFileOf(foreignPack('small', 8, { golden: WRONG_GOLDEN })), 'self-test failed'],
		['whose network is no graph', async () => {
			const graph = 'no graph at all'
			const directory = foreignPack('small', 8, { sha256: createHash('sha256').update(graph).digest('hex') })
			writeFileSync(join(directory, 'model.onnx'), graph)
			return foreignFileOf(directory)
		}, 'cannot be read as a network'],
		['whose description fits no schema', async () => foreignFileOf(foreignPack('small', 8, { schemaVersion: 7 as 1 })), 'model.json is not valid at "schemaVersion"'],
		['with results of another network', async () => {
			const directory = foreignPack('small', 8)
			cpSync(join(packDirectory, 'evaluation.json'), join(directory, 'evaluation.json'))
			return foreignFileOf(directory)
		}, 'evaluation.json is of another network'],
		['with results that are none', async () => {
			const directory = foreignPack('small', 8)
			writeFileSync(join(directory, 'evaluation.json'), '{"schemaVersion":1}')
			return foreignFileOf(directory)
		}, 'evaluation.json is not valid'],
		['without a licence', async () => foreignFileOf(foreignPack('small', 8, { licence: ' ' })), 'states no licence'],
	])('%s is refused with the reason, and leaves nothing behind', async (_, make, words) => {
		const before = traces()
		await expect(upload(await make(), 'notes.zip')).rejects.toThrow(words)
		expect(traces()).toEqual(before)
	})

	it('of a network that is there already is refused', async () => {
		const { bytes } = await packFileOf(foreignPack('small', 8))
		await upload(bytes)
		await expect(upload(bytes)).rejects.toThrow('The imported pack small already has the same network')
		addRun(home, 'small-9', 9)
		await expect(upload((await packFileOf(foreignPack('other', 9))).bytes)).rejects.toThrow('The run small-9 already has the same network')
		mkdirSync(join(home, 'models'))
		cpSync(foreignPack('third', 10), join(home, 'models', 'third'), { recursive: true })
		await workstation.call('models.list', {})
		await expect(upload((await packFileOf(join(elsewhere.path, 'third'))).bytes)).rejects.toThrow('The installed pack third already has the same network')
		rmSync(join(home, 'models'), { recursive: true })
		await workstation.call('models.list', {})
	})

	it('takes one file', async () => {
		await expect(workstation.call('promotion.import', { uploadId: 'none' })).rejects.toThrow('imported from one file')
		await expect(workstation.call('promotion.import', { uploadId: '../x' })).rejects.toThrow('not valid')
	})
})
