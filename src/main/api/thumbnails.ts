import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FrameCache } from '../library/frameCache.ts'
import type { Library } from '../library/library.ts'
import { getInstance } from '../library/studies.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'

const SIDE = 256

/** Small pictures of first frames, made when they are first asked for and kept in the cache folder. */
export interface Thumbnails {
	/** @returns path of a PNG of at most 256 pixels. */
	path(instanceId: number): Promise<string>
}

export async function openThumbnails(options: { home: string; library: Library; frames: FrameCache; hosts: HostCaller }): Promise<Thumbnails> {
	const folder = join(options.home, 'cache', 'thumbnails')
	await mkdir(folder, { recursive: true })
	return {
		async path(instanceId) {
			const instance = getInstance(options.library, instanceId)
			const output = join(folder, `${instance.sha256}.png`)
			const isThere = await access(output).then(() => true, () => false)
			if (!isThere) {
				const { path } = await options.frames.frame(instance, 0)
				await options.hosts.call(
					'imaging',
					'render',
					{ framePath: path, output, maxSide: SIDE, window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false, map: null },
					{ subject: instance.fileName },
				)
			}
			return output
		},
	}
}
