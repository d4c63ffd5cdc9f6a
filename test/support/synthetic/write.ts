/** Writes the synthetic DICOM files into a folder: node test/support/synthetic/write.ts FOLDER */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { phantomDicomFile } from '../../../src/common/imaging/phantomDicom.ts'
import { syntheticFiles } from './syntheticDicom.ts'

const folder = process.argv[2]
if (!folder) throw new Error('Name a folder.')
await mkdir(folder, { recursive: true })
for (const { name, bytes } of await syntheticFiles()) await writeFile(join(folder, `${name}.dcm`), bytes)
await writeFile(join(folder, 'phantom.dcm'), phantomDicomFile())
