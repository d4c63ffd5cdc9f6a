import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataSetBytes, dicomFile, type DicomElement } from '../../src/common/imaging/dicomWriter.ts'
import { phantomPixels } from '../../src/common/imaging/phantom.ts'
import { phantomDicomFile, phantomElements } from '../../src/common/imaging/phantomDicom.ts'
import type { TestWorkstation } from './workstation.ts'

/** The phantom with some elements of its header in place of its own. */
export function phantomWith(own: DicomElement[]): Uint8Array {
	const pixels: DicomElement = { tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(Uint16Array.from(phantomPixels()).buffer) }
	const elements = [...phantomElements(), pixels].filter(({ tag }) => !own.some((element) => element.tag === tag)).concat(own).toSorted((a, b) => a.tag - b.tag)
	return dicomFile('1.2.840.10008.1.2.1', '1.2.840.10008.5.1.4.1.1.1.1', '2.25.4711', dataSetBytes(elements))
}

/** Imports one film, the phantom unless told otherwise. @returns its study and image. */
export async function importFilm(workstation: TestWorkstation, bytes: Uint8Array = phantomDicomFile(), name = 'film.dcm'): Promise<{ studyId: number; instanceId: number }> {
	const folder = join(workstation.home, 'incoming')
	await mkdir(folder, { recursive: true })
	const path = join(folder, name)
	await writeFile(path, bytes)
	const done = workstation.next('import.changed', ({ state }) => state !== 'running')
	workstation.importPaths([path])
	const { studyIds: [studyId = 0], refused, failure } = await done
	if (studyId === 0) throw new Error(`The film was not imported: ${failure}${refused.map(({ reason }) => reason).join(' ')}`)
	const study = await workstation.call('studies.get', { studyId })
	return { studyId, instanceId: Math.max(...study.series.flatMap(({ instances }) => instances.map(({ id }) => id))) }
}
