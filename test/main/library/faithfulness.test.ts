import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CamState, StoredCam } from '../../../src/common/contract/analysis.ts'
import { faithfulnessSchema } from '../../../src/common/contract/explanation.ts'
import { UserError } from '../../../src/common/contract/procedures.ts'
import { saveAnalysis, saveCam, storedCams } from '../../../src/main/library/analyses.ts'
import { checkDatabase } from '../../../src/main/library/database.ts'
import { saveFaithfulness, storedFaithfulness } from '../../../src/main/library/faithfulness.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { getInstance } from '../../../src/main/library/studies.ts'
import { faithfulnessOf } from '../../support/faithfulness.ts'
import { writeOlderLibrary } from '../../support/olderLibrary.ts'
import { addSynthetic, predictionOf, temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let library: Library
let analysisId: number
let cam: StoredCam
beforeEach(async () => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
	analysisId = await analyse('a')
	cam = saveCam(library, analysisId, mapOf())
})
afterEach(() => {
	library.close()
	folder.remove()
})

async function analyse(salt: string): Promise<number> {
	const { instanceId } = await addSynthetic(library, { salt })
	const prediction = predictionOf(getInstance(library, instanceId).sha256, [{ probability: 0.8, positive: true }])
	return saveAnalysis(library, { instanceId, frameIndex: 0, role: 'student', softwareVersion: '0.1.0', modelTitle: 'Toy', prediction }).id
}

function mapOf(change: Partial<CamState> = {}): CamState {
	return {
		layer: 'last', mode: 'paper', height: 1, width: 2, channels: 8, passes: 8, channelsDone: 8, exact: true, errorBound: 0,
		maps: { covid19: [0.2, 1], normal: [1, 0] }, peaks: { covid19: 0.5, normal: 1 }, seconds: 1, ...change,
	}
}

/** As a faulty disk does it: without the checks and triggers that hold for those who write. */
function write(sql: string, ...values: unknown[]): void {
	library.database.exec('PRAGMA ignore_check_constraints = ON; DROP TRIGGER IF EXISTS faithfulness_goes_with_its_map')
	library.database.prepare(sql).run(...values)
	library.database.exec('PRAGMA ignore_check_constraints = OFF')
}

test('what was measured of a map comes back as it was, also after a restart', () => {
	expect(storedFaithfulness(library, analysisId)).toEqual([])
	const measured = faithfulnessOf()
	expect(saveFaithfulness(library, cam, 'covid19', measured)).toEqual(measured)
	saveFaithfulness(library, cam, 'normal', faithfulnessOf({ label: 'normal', verdict: 'no better than chance', chance: 0.4 }))
	saveFaithfulness(library, cam, 'covid19', faithfulnessOf({ seconds: 3 }))
	library.close()
	library = openLibrary(folder.path)
	const kept = storedFaithfulness(library, analysisId)
	expect(kept.map((one) => faithfulnessSchema.parse(one).label)).toEqual(['covid19', 'normal'])
	expect(kept[0]).toEqual({ ...measured, seconds: 3 })
})

test('a library from before is brought up to date with its maps, which can then be measured', () => {
	const older = temporaryFolder()
	writeOlderLibrary(library, older.path, 1)
	library.close()
	folder.remove()
	folder = older
	library = openLibrary(older.path)
	expect(readdirSync(library.paths.backups)).toEqual([expect.stringMatching(/^library-v1-/)])
	expect(storedCams(library, analysisId)).toEqual([cam])
	saveFaithfulness(library, cam, 'covid19', faithfulnessOf())
	expect(storedFaithfulness(library, analysisId)).toHaveLength(1)
	checkDatabase(library.paths)
})

test('each definition, layer and analysis has numbers of its own', async () => {
	const other = saveCam(library, analysisId, mapOf({ mode: 'torchcam', maps: { covid19: [1, 0.1], normal: [0, 1] } }))
	const early = saveCam(library, analysisId, mapOf({ layer: 'early' }))
	const elsewhere = await analyse('b')
	saveFaithfulness(library, cam, 'covid19', faithfulnessOf())
	expect(() => saveFaithfulness(library, other, 'covid19', faithfulnessOf())).toThrow('of another map')
	expect(() => saveFaithfulness(library, early, 'covid19', faithfulnessOf())).toThrow('of another map')
	expect(() => saveFaithfulness(library, cam, 'effusion', faithfulnessOf({ label: 'effusion' }))).toThrow('of another map')
	expect(() => saveFaithfulness(library, cam, 'normal', faithfulnessOf())).toThrow('of another map')
	saveFaithfulness(library, other, 'covid19', faithfulnessOf({ mode: 'torchcam', verdict: 'no better than chance' }))
	expect(storedFaithfulness(library, analysisId).map(({ mode, verdict }) => [mode, verdict])).toEqual([['torchcam', 'no better than chance'], ['paper', 'better']])
	expect(storedFaithfulness(library, elsewhere)).toEqual([])
})

describe('a map that is made again', () => {
	test('does not keep the numbers of the one before it', () => {
		const kept = saveCam(library, analysisId, mapOf({ layer: 'early' }))
		saveFaithfulness(library, cam, 'covid19', faithfulnessOf())
		saveFaithfulness(library, kept, 'covid19', faithfulnessOf({ layer: 'early' }))
		expect(saveCam(library, analysisId, mapOf({ maps: { covid19: [1, 0.3], normal: [1, 0] } })).id).toBe(cam.id)
		expect(storedFaithfulness(library, analysisId).map(({ layer }) => layer)).toEqual(['early'])
	})

	test('while it was measured does not get the numbers of the one before it', () => {
		saveCam(library, analysisId, mapOf({ maps: { covid19: [1, 0.3], normal: [1, 0] } }))
		expect(() => saveFaithfulness(library, cam, 'covid19', faithfulnessOf())).toThrow(UserError)
		expect(storedFaithfulness(library, analysisId)).toEqual([])
		// The other label's map came out the same: its numbers hold.
		saveFaithfulness(library, cam, 'normal', faithfulnessOf({ label: 'normal' }))
		expect(storedFaithfulness(library, analysisId)).toHaveLength(1)
	})
})

test.each([
	['not whole', { exact: false, errorBound: 0.1, channelsDone: 4 }],
	['a preview', { preview: 'recipro-cam' as const }],
])('a map that is %s is not kept', (_, change) => {
	expect(() => saveCam(library, analysisId, mapOf({ layer: 'early', ...change }))).toThrow('Only a map with every channel in it is kept.')
	expect(storedCams(library, analysisId)).toHaveLength(1)
})

describe('a damaged row', () => {
	test.each([
		['no JSON', '{"verdict":"bet'],
		['no measurement', '{"verdict":"better"}'],
		['a chance above 1', JSON.stringify(faithfulnessOf({ chance: 40 }))],
		['another label', JSON.stringify(faithfulnessOf({ label: 'normal' }))],
		['another definition', JSON.stringify(faithfulnessOf({ mode: 'official' }))],
		['another layer', JSON.stringify(faithfulnessOf({ layer: 'early' }))],
	])('of numbers (%s) counts as not measured, and is replaced', (_, measured) => {
		saveFaithfulness(library, cam, 'covid19', faithfulnessOf())
		saveFaithfulness(library, cam, 'normal', faithfulnessOf({ label: 'normal' }))
		write(`UPDATE faithfulness SET measured = ? WHERE label = 'covid19'`, measured)
		expect(storedFaithfulness(library, analysisId).map(({ label }) => label)).toEqual(['normal'])
		saveFaithfulness(library, cam, 'covid19', faithfulnessOf())
		expect(storedFaithfulness(library, analysisId)).toHaveLength(2)
	})

	test.each([
		['values cut short', 'UPDATE maps SET map_values = substr(map_values, 1, 9) WHERE id = ?'],
		['values that are none', `UPDATE maps SET map_values = CAST(substr(map_values, 1, 12) || x'0000c07f' AS BLOB) WHERE id = ?`],
		['another definition', `UPDATE maps SET state = json_set(state, '$.mode', 'official') WHERE id = ?`],
		['no state', `UPDATE maps SET state = '[]' WHERE id = ?`],
		['half a state', `UPDATE maps SET state = substr(state, 1, 20) WHERE id = ?`],
		['no labels', `UPDATE maps SET labels = '{}' WHERE id = ?`],
	])('of a map (%s) counts as no map, its numbers as not measured, and is replaced', (_, damage) => {
		saveCam(library, analysisId, mapOf({ layer: 'early' }))
		saveFaithfulness(library, cam, 'covid19', faithfulnessOf())
		write(damage, cam.id)
		expect(storedCams(library, analysisId).map(({ state }) => state.layer)).toEqual(['early'])
		expect(storedFaithfulness(library, analysisId)).toEqual([])
		expect(saveCam(library, analysisId, mapOf()).state).toEqual(cam.state)
	})
})
