import { fork, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostMethods, type HostInput, type HostMethods, type HostOutput, type HostReply } from '../../../src/common/contract/hosts.ts'
import { decodeFrame } from '../../../src/common/imaging/frameFile.ts'
import { PHANTOM } from '../../../src/common/imaging/phantom.ts'
import { phantomDicomFile } from '../../../src/common/imaging/phantomDicom.ts'
import { displayGrey } from '../../../src/common/imaging/window.ts'
import { sha256Of } from '../../../src/hosts/imaging/decodeFrame.ts'

type Method = keyof HostMethods['imaging']

let folder = ''
let host: ChildProcess
let nextId = 1

/** One call of the host over its line, the answer checked against the contract. */
function call<Name extends Method>(method: Name, input: HostInput<'imaging', Name>): Promise<HostOutput<'imaging', Name>> {
	const id = nextId++
	return new Promise((resolveCall, reject) => {
		const listen = (reply: HostReply): void => {
			if (!('id' in reply) || reply.id !== id || 'progress' in reply) return
			host.off('message', listen)
			if ('error' in reply) reject(Object.assign(new Error(reply.error.message), reply.error))
			else resolveCall(hostMethods.imaging[method].output.parse(reply.output) as HostOutput<'imaging', Name>)
		}
		host.on('message', listen)
		host.send({ id, method, input })
	})
}

describe('the imaging host as a process', () => {
	let film = ''
	const bytes = phantomDicomFile()

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'imaging-host-'))
		film = join(folder, 'film')
		await writeFile(film, bytes)
		host = fork(resolve(import.meta.dirname, '../../../src/hosts/imaging/index.ts'), [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
		await new Promise((ready) => host.once('message', ready))
	})
	afterAll(async () => {
		host.kill('SIGKILL')
		await rm(folder, { recursive: true, force: true })
	})

	it('inspects, decodes and describes a film', async () => {
		expect(await call('inspect', { path: film })).toMatchObject({ facts: { kind: 'dicom', sha256: sha256Of(bytes), bytes: bytes.length, rows: PHANTOM.rows } })
		const output = join(folder, 'film.frame')
		const { header, milliseconds } = await call('decode', { path: film, sha256: sha256Of(bytes), frameIndex: 0, output })
		expect(milliseconds).toBeGreaterThan(0)
		const frame = decodeFrame(new Uint8Array(await readFile(output)).buffer)
		expect(frame.header).toEqual(header)
		expect((await call('metadata', { path: film })).find(({ keyword }) => keyword === 'PatientName')?.value).toBe('Phantom^Chest')
		expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
	})

	it('renders the film exactly as it is displayed, whole and small, turned and with its map in register', async () => {
		const framePath = join(folder, 'film.frame')
		const output = join(folder, 'film.png')
		const plain = { framePath, output, maxSide: 4000, window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false, map: null }
		expect(await call('render', plain)).toEqual({ width: PHANTOM.columns, height: PHANTOM.rows })
		const frame = decodeFrame(new Uint8Array(await readFile(framePath)).buffer)
		const { data } = await sharp(output).extractChannel(0).raw().toBuffer({ resolveWithObject: true })
		expect(Buffer.compare(data, Buffer.from(displayGrey(frame)))).toBe(0)

		// The only hot cell of the map is the upper left one; after a quarter turn clockwise it is at the upper right.
		const map = { width: 2, height: 2, values: [1, 0, 0, 0], opacity: 1, threshold: 0.9 }
		const small = await call('render', { ...plain, maxSide: 200, rotation: 90, map })
		expect(small).toEqual({ width: 200, height: Math.round((200 * PHANTOM.columns) / PHANTOM.rows) })
		const turned = await sharp(output).raw().toBuffer({ resolveWithObject: true })
		const colourAt = (x: number, y: number): number[] => [...turned.data.subarray((y * turned.info.width + x) * 3, (y * turned.info.width + x) * 3 + 3)]
		const [red, , blue] = colourAt(195, 4)
		expect((red ?? 0) - (blue ?? 0)).toBeGreaterThan(60)
		for (const [x, y] of [[4, 4], [4, 165], [195, 165]] as const) expect(new Set(colourAt(x, y)).size, `${x}, ${y}`).toBe(1)
	})

	it('makes a small picture of a file as a frame of it is rendered, of the bytes that are meant and no others', async () => {
		const [frame, rendered, output] = [join(folder, 'small.frame'), join(folder, 'rendered.png'), join(folder, 'small.png')]
		await call('decode', { path: film, sha256: sha256Of(bytes), frameIndex: 0, output: frame })
		await call('render', { framePath: frame, output: rendered, maxSide: 64, window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false, map: null })
		const { width, height } = await call('picture', { path: film, sha256: sha256Of(bytes), output, maxSide: 64 })
		expect(Math.max(width, height)).toBe(64)
		expect((await readFile(output)).equals(await readFile(rendered))).toBe(true)
		const other = join(folder, 'other.png')
		await expect(call('picture', { path: film, sha256: 'ab'.repeat(32), output: other, maxSide: 64 })).rejects.toMatchObject({ user: true, message: 'The file is no longer what it was when it was looked at.' })
		expect(await readdir(folder)).not.toContain('other.png')
	})

	it('unpacks an archive and inspects what was in it', async () => {
		const path = join(folder, 'study.bin')
		const into = join(folder, 'unpacked')
		await mkdir(into)
		await writeFile(path, zipSync({ 'film.dcm': bytes, 'letter.txt': new TextEncoder().encode('Dear colleague') }, { level: 1 }))
		expect(await call('inspect', { path })).toEqual({ archive: 'zip' })
		const { files } = await call('unzip', { path, into })
		expect(await call('inspect', { path: files[0]?.path ?? '' })).toMatchObject({ facts: { sha256: sha256Of(bytes) } })
		expect(await call('inspect', { path: files[1]?.path ?? '' })).toMatchObject({ refused: expect.stringContaining('a text'), sha256: null })
	})

	it('refuses with a sentence and leaves nothing behind', async () => {
		const path = join(folder, 'cut')
		const output = join(folder, 'cut.frame')
		await writeFile(path, bytes.subarray(0, bytes.length / 2))
		await expect(call('decode', { path, sha256: sha256Of(bytes), frameIndex: 0, output })).rejects.toMatchObject({ user: true, message: expect.stringContaining('cut off') })
		await expect(call('inspect', { path: folder })).rejects.toMatchObject({ user: true, message: 'It is not a file.' })
		await expect(call('decode', { path: film, sha256: sha256Of(bytes), frameIndex: 0, output: join(folder, 'missing', 'film.frame') })).rejects.toMatchObject({ user: false })
		expect((await readdir(folder)).filter((name) => name.startsWith('cut.') || name.endsWith('.part'))).toEqual([])
	})
})
