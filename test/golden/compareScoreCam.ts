/**
 * Compares maps at 224 pixels with those of pytorch-grad-cam, torchcam, the authors' steps and the paper's algorithm, and prints a line for each network and definition:
 *
 *     VENV/bin/python test/golden/make_scorecam_golden.py --full FOLDER
 *     node test/golden/compareScoreCam.ts FOLDER
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { definitionOf } from '../../src/common/cam/definitions.ts'
import type { CamMode } from '../../src/common/contract/analysis.ts'
import { MODES, scoreCamOfZoo, type ScoreCamCase } from '../support/scoreCam.ts'

interface Full extends ScoreCamCase {
	label: number
	maps: Record<CamMode, [height: number, width: number]>
	versions: Record<string, string>
}

/** Of a map's range, which is 1 by every definition. */
const TOLERANCE = 1e-3

/** @returns whether all maps agree. */
async function compare(folder: string, name: string): Promise<boolean> {
	const full = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Full
	const expected = new Float32Array(Uint8Array.from(readFileSync(join(folder, `${name}.f32`))).buffer)
	const { layer, maps } = await scoreCamOfZoo(full, MODES.map(definitionOf))
	let offset = 0
	let agrees = true
	for (const [index, mode] of MODES.entries()) {
		const found = maps[index]?.[full.label]
		const [height, width] = full.maps[mode]
		if (found?.height !== height || found.width !== width) throw new Error(`${name}: the map by ${mode} has ${found?.height} x ${found?.width} cells instead of ${height} x ${width}.`)
		const apart = found.values.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[offset + at] as number))), 0)
		offset += height * width
		agrees &&= apart < TOLERANCE
		console.log(`${name.padEnd(16)} ${`${layer.channels} x ${layer.height} x ${layer.width}`.padEnd(14)} ${mode.padEnd(18)} ${`${height} x ${width}`.padEnd(10)} largest difference ${apart.toExponential(2)}`)
	}
	return agrees
}

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Name the folder that make_scorecam_golden.py --full has written.')
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')).toSorted()) {
	if (!(await compare(folder, file.replace(/\.json$/, '')))) process.exitCode = 1
}
