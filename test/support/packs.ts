import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelManifest } from '../../src/common/contract/model.ts'
import { readModel, writeModel } from '../../src/onnx/model.ts'
import { writeCamPack } from './camPack.ts'
import { packDirectory, packManifest } from './inferenceFixtures.ts'

/**
 * Puts a copy of the built-in pack into the user's folder of packs: the same answers under another id, from a graph whose bytes differ
 * in the name of its producer.
 */
export function addUserPack(home: string, id: string, change: Partial<ModelManifest> = {}): ModelManifest {
	return addPack(join(home, 'models'), id, change)
}

/** The same in any folder of packs. */
export function addPack(folder: string, id: string, change: Partial<ModelManifest> = {}): ModelManifest {
	const directory = join(folder, id)
	mkdirSync(directory, { recursive: true })
	const graph = writeModel({ ...readModel(readFileSync(join(packDirectory, 'model.onnx'))), producerName: id })
	const manifest: ModelManifest = { ...packManifest, id, title: id, sha256: createHash('sha256').update(graph).digest('hex'), ...change }
	writeFileSync(join(directory, 'model.onnx'), graph)
	writeFileSync(join(directory, 'model.json'), JSON.stringify(manifest))
	return manifest
}

/** Puts a pack of a network of a few channels, which explains an image within a moment, into the user's folder of packs; its answers mean nothing. */
export function addSmallPack(home: string, id: string, role: ModelManifest['role'], channels: number): ModelManifest {
	const directory = join(home, 'models', id)
	mkdirSync(directory, { recursive: true })
	const manifest: ModelManifest = { ...writeCamPack(directory, channels), id, title: id, role, golden: { ...packManifest.golden, tolerance: 1e6 }, abstention: { ...packManifest.abstention, threshold: 0 } }
	writeFileSync(join(directory, 'model.json'), JSON.stringify(manifest))
	return manifest
}

/** Golden logits that no copy of the built-in network gives. */
export const WRONG_GOLDEN: ModelManifest['golden'] = { ...packManifest.golden, logits: packManifest.golden.logits.map((logit) => logit + 1) }
