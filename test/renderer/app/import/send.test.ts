import { describe, expect, it } from 'vitest'
import type { RefusedFile } from '../../../../src/common/contract/import.ts'
import type { GatheredFile } from '../../../../src/renderer/app/import/gather.ts'
import { sendFiles, SendingEnded } from '../../../../src/renderer/app/import/send.ts'

function files(count: number): GatheredFile[] {
	return Array.from({ length: count }, (_, index) => ({ name: `f${index}`, open: () => Promise.resolve(new Blob([`${index}`])) }))
}

const later = () => new Promise((resolve) => setTimeout(resolve, 1))

describe('sendFiles', () => {
	it('sends each file once under its own index, never more than two at a time, and reads no further ahead', async () => {
		const sent = new Map<number, string>()
		let running = 0
		let most = 0
		let read = 0
		async function* source(): AsyncGenerator<GatheredFile> {
			for (const one of files(25)) {
				read += 1
				yield one
			}
		}
		let ahead = 0
		const result = await sendFiles({
			files: source(),
			signal: new AbortController().signal,
			async put(index, name) {
				running += 1
				most = Math.max(most, running)
				ahead = Math.max(ahead, read - sent.size)
				await later()
				sent.set(index, name)
				running -= 1
			},
			onProgress() {},
		})
		expect(result).toEqual({ found: 25, sent: 25 })
		expect([...sent].toSorted(([a], [b]) => a - b)).toEqual(files(25).map(({ name }, index) => [index, name]))
		expect(most).toBe(2)
		expect(ahead).toBeLessThanOrEqual(2)
	})

	it('notes a file that cannot be read or taken, and goes on', async () => {
		const refused: RefusedFile[] = []
		const given: GatheredFile[] = [
			{ name: 'gone', open: () => Promise.reject(new DOMException('not found', 'NotFoundError')) },
			...files(3),
			{ name: 'folder', refused: 'The folder could not be read.' },
		]
		const result = await sendFiles({
			files: given,
			signal: new AbortController().signal,
			put: (_, name) => (name === 'f1' ? Promise.reject(new Error('f1 is larger than 2 GiB and was not taken.')) : Promise.resolve()),
			onProgress: (progress) => void (progress.refused && refused.push(progress.refused)),
		})
		expect(result).toEqual({ found: 5, sent: 2 })
		expect(refused.map(({ name }) => name).toSorted()).toEqual(['f1', 'folder', 'gone'])
		expect(refused.find(({ name }) => name === 'gone')?.reason).toMatch(/still there/)
	})

	it('ends when it is cancelled', async () => {
		const controller = new AbortController()
		let puts = 0
		const sending = sendFiles({
			files: files(1000),
			signal: controller.signal,
			async put() {
				puts += 1
				if (puts === 4) controller.abort()
				await later()
			},
			onProgress() {},
		})
		await expect(sending).rejects.toThrow()
		expect(puts).toBeLessThanOrEqual(6)
	})

	it('ends where going on makes no sense', async () => {
		let puts = 0
		const sending = sendFiles({
			files: files(50),
			signal: new AbortController().signal,
			put() {
				puts += 1
				return Promise.reject(new SendingEnded('There is no space left.'))
			},
			onProgress() {},
		})
		await expect(sending).rejects.toThrow('no space')
		expect(puts).toBeLessThanOrEqual(2)
	})
})
