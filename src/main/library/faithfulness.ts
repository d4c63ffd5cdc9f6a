import type { StoredCam } from '../../common/contract/analysis.ts'
import { faithfulnessSchema, type Faithfulness } from '../../common/contract/explanation.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { storedCams } from './analyses.ts'
import { inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

/**
 * Keeps how faithful the map of one label is, in place of an earlier measurement of it.
 * @param cam The map that was measured, as it was kept when the measurement began.
 * @throws UserError where another map has taken its place meanwhile; nothing is kept then.
 * @throws Error where the numbers are not of this map.
 */
export function saveFaithfulness(library: Library, cam: StoredCam, label: string, measured: Faithfulness): Faithfulness {
	const { database } = library
	const numbers = faithfulnessSchema.parse(measured)
	const { layer, mode, maps } = cam.state
	if (numbers.layer !== layer || numbers.mode !== mode || numbers.label !== label || !Object.hasOwn(maps, label)) throw new Error('The faithfulness is of another map than the one that it is stored with.')
	return inTransaction(database, () => {
		const kept = storedCams(library, cam.analysisId).find(({ id }) => id === cam.id)?.state.maps[label]
		if (JSON.stringify(kept) !== JSON.stringify(maps[label])) {
			throw new UserError(`The map of ${label} was made anew while its faithfulness was measured. Ask for it again.`)
		}
		prepared(database, 'INSERT OR REPLACE INTO faithfulness (map_id, label, created_at, measured) VALUES (?, ?, ?, ?)').run(
			cam.id, label, new Date().toISOString(), JSON.stringify(numbers),
		)
		return numbers
	})
}

/** What is known of the maps that are kept with an analysis, newest map first. A row that is damaged, or whose map is, counts as not measured. */
export function storedFaithfulness(library: Library, analysisId: number): Faithfulness[] {
	const rows = prepared<[number], { mapId: number; label: string; measured: string }>(library.database, `
		SELECT f.map_id AS mapId, f.label, f.measured FROM faithfulness f JOIN maps m ON m.id = f.map_id WHERE m.analysis_id = ? AND json_valid(f.measured) ORDER BY f.map_id DESC, f.label
	`).all(analysisId)
	if (rows.length === 0) return []
	const states = new Map(storedCams(library, analysisId).map(({ id, state }) => [id, state]))
	return rows.flatMap(({ mapId, label, measured }) => {
		const { data } = faithfulnessSchema.safeParse(JSON.parse(measured))
		const state = states.get(mapId)
		return data && state && data.label === label && Object.hasOwn(state.maps, label) && data.layer === state.layer && data.mode === state.mode ? [data] : []
	})
}
