import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { CandidateReference, ChosenFilms, ComparisonRequest, LibraryFilm } from '../../common/contract/promotion.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { recipeSchema } from '../../common/contract/training/recipe.ts'
import { prepared } from '../library/database.ts'
import type { Library } from '../library/library.ts'

/**
 * What the training host is told of the films that a person chose.
 * @param passedOver SHA-256 of models for other kinds of images: films that they alone have read are not asked for.
 * @throws UserError where there are none.
 */
export function comparedFilms(chosen: ChosenFilms, candidate: CandidateReference, { home, library, passedOver }: { home: string; library: Library; passedOver: readonly string[] }): ComparisonRequest['films'] {
	if (chosen.kind === 'folder') {
		if (!isAbsolute(chosen.folder)) throw new UserError('Name the folder of the films by its whole path.')
		return chosen
	}
	if (chosen.kind === 'data') {
		if (!isAbsolute(chosen.data.folder)) throw new UserError('Name the folder of the data set by its whole path.')
		return chosen
	}
	if (chosen.kind === 'run') return { kind: 'data', data: dataOfRun(home, candidate) }
	const films = analysedFilms(library, chosen.most, passedOver)
	if (films.length === 0) throw new UserError('No film of the library has been analysed yet, so there is nothing to compare two models on.')
	return { kind: 'library', films }
}

function dataOfRun(home: string, { origin, id }: CandidateReference) {
	if (origin !== 'run') throw new UserError('An imported pack has no data set here. Choose a folder or a data set.')
	try {
		return recipeSchema.parse(JSON.parse(readFileSync(join(home, 'runs', id, 'recipe.json'), 'utf8'))).data
	} catch (error) {
		throw new UserError(`The recipe of the run ${id} cannot be read, so its data is not known. Choose a folder or a data set.`, String(error))
	}
}

/** Images that a student has analysed, the latest analysis first; those of removed studies are not among them. */
function analysedFilms(library: Library, most: number, passedOver: readonly string[]): LibraryFilm[] {
	const rows = prepared<[string], { studyId: number; instanceId: number; frameIndex: number; patient: number; sha256: string }>(library.database, `
		SELECT a.study_id AS studyId, a.instance_id AS instanceId, a.frame_index AS frameIndex, s.patient_row AS patient, i.sha256
		FROM analyses a JOIN studies s ON s.id = a.study_id AND s.deleted_at IS NULL JOIN instances i ON i.id = a.instance_id
		WHERE a.role = 'student' AND a.model_sha256 NOT IN (SELECT value FROM json_each(?)) ORDER BY a.id DESC
	`).iterate(JSON.stringify(passedOver))
	const films = new Map<string, LibraryFilm>()
	for (const { studyId, instanceId, frameIndex, patient, sha256 } of rows) {
		films.set(`${instanceId}/${frameIndex}`, { studyId, instanceId, frameIndex, group: `p${patient}`, path: library.objects.pathOf(sha256) })
		if (films.size === most) break
	}
	return [...films.values()]
}
