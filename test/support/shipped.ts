import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { modelManifestSchema, type ModelManifest } from '../../src/common/contract/model.ts'

/** Folder of the student that reads chest films where nobody has chosen another. */
export const shippedStudent = resolve(import.meta.dirname, '../../resources/models/cxr3-ofa595')

export function shippedManifest(): ModelManifest {
	return modelManifestSchema.parse(JSON.parse(readFileSync(join(shippedStudent, 'model.json'), 'utf8')))
}
