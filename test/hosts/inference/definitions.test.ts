import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { camModeSchema, type CamMode, type CamState } from '../../../src/common/contract/analysis.ts'
import { createInferenceEngine } from '../../../src/hosts/inference/engine.ts'
import { frameOf, packDirectory, packManifest, syntheticFrame, temporaryFolder, writeFrame } from '../../support/inferenceFixtures.ts'
import { expectMap, type StoredMap } from '../../support/mapGolden.ts'
import { sharedData } from '../../support/sharedData.ts'

interface Golden {
	/** synthetic, or a film's path in ../shared/data. */
	image: string
	layer: string
	/** By the label's place and the definition. */
	maps: Record<string, Record<CamMode, StoredMap>>
}

const { student } = JSON.parse(readFileSync(new URL('../../golden/scorecam.json', import.meta.url), 'utf8')) as { student: Golden[] }
const folder = temporaryFolder()
const engine = createInferenceEngine()
const quiet = { progress: () => {}, signal: new AbortController().signal }

beforeAll(async () => {
	await engine.load({ directory: packDirectory, manifest: packManifest }, quiet)
})
afterAll(() => folder.remove())

async function framePathOf(image: string): Promise<string> {
	if (image === 'synthetic') return writeFrame(folder.path, syntheticFrame())
	const { data, info } = await sharp(join(sharedData ?? '', image)).greyscale().raw().toBuffer({ resolveWithObject: true })
	return writeFrame(folder.path, frameOf(Uint8Array.from(data), info.width, info.height), 'film.frame')
}

function largestDifference(first: CamState, second: CamState): number {
	return Math.max(...packManifest.labels.flatMap(({ name }) => (first.maps[name] ?? []).map((value, index) => Math.abs(value - (second.maps[name]?.[index] ?? Number.NaN)))))
}

/** engine.test.ts holds the paper's map of a film; every pass of the wide layer takes its time. */
const modesOf = ({ image }: Golden) => camModeSchema.options.filter((mode) => image === 'synthetic' || mode !== 'paper')

describe('the student\'s maps by each definition against the programs themselves', () => {
	for (const golden of student) {
		it.skipIf(golden.image !== 'synthetic' && !sharedData)(`${golden.image}, ${golden.layer}`, async () => {
			const framePath = await framePathOf(golden.image)
			const states = new Map<CamMode, CamState>()
			for (const mode of modesOf(golden)) {
				const state = await engine.explain({ modelSha256: packManifest.sha256, framePath, layer: golden.layer, mode }, quiet)
				expect(state).toMatchObject({ mode, layer: golden.layer, exact: true, errorBound: 0 })
				for (const [label, { name }] of packManifest.labels.entries()) {
					expectMap({ height: state.height, width: state.width, values: state.maps[name] ?? [] }, golden.maps[label]![mode], `${mode}, ${name}`)
				}
				states.set(mode, state)
			}
			// Where maps have one size they can be told apart: each definition is its own.
			expect(largestDifference(states.get('official')!, states.get('pytorch-grad-cam')!)).toBeGreaterThan(2e-3)
			if (golden.image === 'synthetic') expect(largestDifference(states.get('paper')!, states.get('torchcam')!)).toBeGreaterThan(2e-3)
		})
	}
})
