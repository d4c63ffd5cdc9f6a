import type { Annotation } from '../../common/contract/annotation.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { inTransaction, prepared } from './database.ts'
import type { Library } from './library.ts'

/** What readers drew on an image, in the order of drawing. */
export function getAnnotations(library: Library, instanceId: number, frameIndex: number): Annotation[] {
	const rows = prepared<[number, number], Omit<Annotation, 'points'> & { points: string }>(
		library.database, 'SELECT uid, tool, points, label, text FROM annotations WHERE instance_id = ? AND frame_index = ? ORDER BY id',
	).all(instanceId, frameIndex)
	return rows.map((row) => ({ ...row, points: JSON.parse(row.points) as Annotation['points'] }))
}

/** Replaces what is kept of an image, all or nothing. @throws UserError where there is no such image. */
export function saveAnnotations(library: Library, instanceId: number, frameIndex: number, annotations: readonly Annotation[]): void {
	const { database } = library
	const now = new Date().toISOString()
	inTransaction(database, () => {
		const instance = prepared<[number], { frames: number }>(database, 'SELECT frames FROM instances WHERE id = ?').get(instanceId)
		if (!instance || frameIndex >= instance.frames) throw new UserError('The image that was measured is not in the library.')
		prepared(database, 'DELETE FROM annotations WHERE instance_id = ? AND frame_index = ?').run(instanceId, frameIndex)
		const insert = prepared(database, `
			INSERT INTO annotations (instance_id, frame_index, uid, tool, points, label, text, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (instance_id, frame_index, uid) DO UPDATE SET tool = excluded.tool, points = excluded.points, label = excluded.label, text = excluded.text
		`)
		for (const { uid, tool, points, label, text } of annotations) insert.run(instanceId, frameIndex, uid, tool, JSON.stringify(points), label, text, now)
	})
}
