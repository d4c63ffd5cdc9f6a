import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lungManifestSchema, type LungManifest } from '../../src/common/contract/lungs.ts'
import { rampInput } from '../../src/hosts/inference/selfTest.ts'
import { createGraphBuilder } from '../../src/onnx/builder.ts'
import { writeModel } from '../../src/onnx/model.ts'

const SIDE = 64

/** Writes a pack (lungs.json and model.onnx) whose network takes what is darker than the middle for lung, into the folder lungs of a folder of packs. */
export function writeDarknessLungPack(models: string): { directory: string; manifest: LungManifest } {
	const directory = join(models, 'lungs')
	mkdirSync(directory, { recursive: true })
	const build = createGraphBuilder()
	const image = build.input('input', [1, 3, SIDE, SIDE])
	build.output(build.node('Conv', [image, build.floats([-4, -4, -4], [1, 3, 1, 1])], { kernel_shape: [1, 1] }, 'logits'))
	const graph = writeModel(build.model({ freeBatch: true }))
	writeFileSync(join(directory, 'model.onnx'), graph)
	const ramp = rampInput({ height: SIDE, width: SIDE, channels: 3 })
	const logits = Array.from({ length: SIDE * SIDE }, (_, place) => -4 * [0, 1, 2].reduce((sum, channel) => sum + (ramp[channel * SIDE * SIDE + place] ?? 0), 0))
	const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length
	const manifest = lungManifestSchema.parse({
		schemaVersion: 1, id: 'darkness', version: '1.0.0', title: 'Darkness', architecture: 'one convolution', parameters: 3, macs: 3 * SIDE * SIDE,
		input: { name: 'input', side: SIDE, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, output: { name: 'logits', threshold: 0.5 }, heart: 'outside',
		golden: {
			input: 'ramp-v1', grid: { rows: 1, columns: 1, logits: [logits[(SIDE / 2) * SIDE + SIDE / 2] ?? 0] }, mean,
			deviation: Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length), tolerance: 1e-3,
		},
		metrics: [], training: 'Set by hand.', trainingRun: null, limitations: ['Knows dark from bright.'], licence: 'none', sha256: createHash('sha256').update(graph).digest('hex'),
	} satisfies LungManifest)
	writeFileSync(join(directory, 'lungs.json'), JSON.stringify(manifest))
	return { directory, manifest }
}

/** A bright film, width x height, with two dark upright rectangles for lungs; in shares of its sides, from left to right. */
export const PAINTED_LUNGS = [{ left: 0.15, top: 0.2, right: 0.45, bottom: 0.8 }, { left: 0.55, top: 0.2, right: 0.85, bottom: 0.8 }] as const

export function paintedFilm(width: number, height: number, lungs: readonly { left: number; top: number; right: number; bottom: number }[] = PAINTED_LUNGS): Uint8Array {
	return Uint8Array.from({ length: width * height }, (_, place) => {
		const x = ((place % width) + 0.5) / width
		const y = (Math.floor(place / width) + 0.5) / height
		return lungs.some(({ left, top, right, bottom }) => x > left && x < right && y > top && y < bottom) ? 40 : 200
	})
}
