import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeFrame } from '../../../src/common/imaging/frameFile.ts'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { openFrameCache } from '../../../src/main/library/frameCache.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { fakeHosts, temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let library: Library
beforeEach(() => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
})
afterEach(() => {
	library.close()
	folder.remove()
})

const one = { sha256: '1'.repeat(64) }

test('decoded once, whoever asks and however often, and still there after a restart', async () => {
	const hosts = fakeHosts()
	const cache = await openFrameCache({ home: folder.path, library, hosts })
	const [first, second] = await Promise.all([cache.frame(one, 2), cache.frame(one, 2)])
	expect(first).toEqual({ path: join(library.paths.frames, `${one.sha256}-2.frame`), decodeMilliseconds: 7 })
	expect(second).toEqual(first)
	expect(await cache.frame(one, 2)).toEqual({ ...first, decodeMilliseconds: 0 })
	expect(new Uint8Array(decodeFrame(new Uint8Array(readFileSync(first.path)).buffer).pixels.buffer).length).toBeGreaterThan(0)
	const again = await openFrameCache({ home: folder.path, library, hosts })
	expect((await again.frame(one, 2)).decodeMilliseconds).toBe(0)
	expect((await again.frame(one, 3)).decodeMilliseconds).toBe(7)
	expect(hosts.calls).toHaveLength(2)
})

test.each([
	['cut off', (bytes: Buffer) => bytes.subarray(0, 100)],
	['with pixels that became zero', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, bytes.length - 8), Buffer.alloc(8)])],
])('a cached frame that is %s is made again', async (_, damage) => {
	const hosts = fakeHosts()
	const { path } = await (await openFrameCache({ home: folder.path, library, hosts })).frame(one, 0)
	const whole = readFileSync(path)
	writeFileSync(path, damage(whole))
	const cache = await openFrameCache({ home: folder.path, library, hosts })
	expect((await cache.frame(one, 0)).decodeMilliseconds).toBe(7)
	expect(readFileSync(path).equals(whole)).toBe(true)
	expect(hosts.calls).toHaveLength(2)
})

test('bounded: the longest unused go first', async () => {
	const hosts = fakeHosts()
	const cache = await openFrameCache({ home: folder.path, library, hosts })
	for (let index = 0; index < 6; index++) {
		const { path } = await cache.frame(one, index)
		const used = Date.now() / 1000 - 1000 - (index === 0 ? 0 : 100 - index)
		utimesSync(path, used, used)
	}
	const size = statSync(join(library.paths.frames, `${one.sha256}-0.frame`)).size
	await openFrameCache({ home: folder.path, library, hosts, limitBytes: Math.ceil((size * 3 * 16) / 15) + 16 })
	expect(readdirSync(library.paths.frames).filter((name) => name.endsWith('.frame')).toSorted()).toEqual([0, 4, 5].map((index) => `${one.sha256}-${index}.frame`))
	expect(readdirSync(library.paths.frames)).toHaveLength(6)
})

test('a frame that vanished is made again', async () => {
	const hosts = fakeHosts()
	const cache = await openFrameCache({ home: folder.path, library, hosts })
	const { path } = await cache.frame(one, 0)
	const { unlinkSync } = await import('node:fs')
	unlinkSync(path)
	expect((await cache.frame(one, 0)).decodeMilliseconds).toBe(7)
	expect(existsSync(path)).toBe(true)
})

test('a refusal reaches everyone who waits, and the next one asks again', async () => {
	let broken = true
	const hosts = fakeHosts(() => {
		if (broken) throw new UserError('The pixel data is cut off.')
	})
	const cache = await openFrameCache({ home: folder.path, library, hosts })
	const results = await Promise.allSettled([cache.frame(one, 0), cache.frame(one, 0)])
	expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
	broken = false
	expect((await cache.frame(one, 0)).decodeMilliseconds).toBe(7)
})
