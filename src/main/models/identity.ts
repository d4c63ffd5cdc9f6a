import { createHash } from 'node:crypto'
import type { ModelManifest } from '../../common/contract/model.ts'
import type { ComparedModel } from '../../common/contract/promotion.ts'

/** Which pack it is, down to its operating points: the hash of the graph, and of everything else that model.json says. */
export function comparedModel(manifest: ModelManifest): ComparedModel {
	const { id, version, sha256, title, role } = manifest
	return { id, version, sha256, title, role, manifestSha256: hashOf(manifest) }
}

/** Whether two packs differ in nothing but their id. */
export function isSamePack(one: ModelManifest, other: ModelManifest): boolean {
	return hashOf({ ...one, id: other.id }) === hashOf(other)
}

/** Of a manifest as its schema orders it, so that the way in which a file was written does not matter. */
function hashOf(manifest: ModelManifest): string {
	return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
