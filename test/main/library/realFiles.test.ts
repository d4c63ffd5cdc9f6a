import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeFrame } from '../../../src/common/imaging/frameFile.ts'
import { openFrameCache } from '../../../src/main/library/frameCache.ts'
import { importPaths } from '../../../src/main/library/import.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { getStudy } from '../../../src/main/library/studies.ts'
import { forkHost } from '../../../src/main/shell/forkHost.ts'
import { createSupervisor, type Supervisor } from '../../../src/main/supervisor/supervisor.ts'
import { sharedData } from '../../support/sharedData.ts'
import { temporaryFolder } from './synthetic.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe.skipIf(!sharedData)('real files through the real imaging host', () => {
	const home = temporaryFolder()
	let library: Library
	let hosts: Supervisor
	beforeAll(() => {
		library = openLibrary(home.path)
		hosts = createSupervisor({
			spawn: forkHost, onChange: () => {},
			entries: { imaging: join(ROOT, 'src/hosts/imaging/index.ts'), inference: join(ROOT, 'src/hosts/inference/index.ts'), training: join(ROOT, 'src/hosts/training/index.ts'), review: join(ROOT, 'src/hosts/training/review/index.ts') },
		})
	})
	afterAll(() => {
		hosts.stop()
		library.close()
		home.remove()
	})

	test('damaged and odd files are imported or refused with a reason, twice the same', async () => {
		const folder = join(sharedData ?? '', 'dicom/malformed_or_edge')
		const files = [{ path: folder, name: 'odd' }]
		const first = await importPaths({ importId: 'first', files, library, hosts })
		expect(first.state).toBe('finished')
		expect(first.added + first.duplicates + first.refused.length).toBe(first.filesTotal)
		expect(first.filesTotal).toBeGreaterThanOrEqual(readdirSync(folder).length)
		for (const { name, reason } of first.refused) expect(reason, name).toMatch(/^[A-Z].*\.$/s)
		const second = await importPaths({ importId: 'second', files, library, hosts })
		expect(second).toMatchObject({ state: 'finished', added: 0, duplicates: first.added + first.duplicates, refused: first.refused, studyIds: first.studyIds })
		console.info(`${first.added} of ${first.filesTotal} odd files are in, refused: ${first.refused.map(({ name, reason }) => `${name}: ${reason}`).join(' | ')}`)
	})

	test('every stored frame of the imported files can be had', async () => {
		const frames = await openFrameCache({ home: home.path, library, hosts })
		const { studyIds, state } = await importPaths({ importId: 'codecs', files: [{ path: join(sharedData ?? '', 'dicom/codec_matrix'), name: 'codecs' }], library, hosts })
		expect(state).toBe('finished')
		for (const studyId of studyIds) {
			for (const { instances } of getStudy(library, studyId).series) {
				for (const instance of instances) {
					const { path } = await frames.frame(instance, 0)
					expect(decodeFrame(new Uint8Array(readFileSync(path)).buffer).header).toMatchObject({ sha256: instance.sha256, rows: instance.rows, columns: instance.columns })
				}
			}
		}
	})
})
