import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256Schema } from '../../../common/contract/primitives.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { keepNewest } from '../../../common/newest.ts'
import { insideFolder } from '../data/paths.ts'
import { parseKept } from '../results/keptFiles.ts'
import { IMAGES, openRun, PREDICTIONS, type RunFolder } from '../runs/folder.ts'
import { readAnswered } from './answered.ts'

/** An image that a finished run has answered on. */
export interface AnsweredImage {
	/** Of the run. */
	directory: string
	/** Absolute, inside the folder of the run's data. The file may be gone. */
	path: string
	/** Of the file's bytes as they were then; null where the run did not note it. */
	sha256: string | null
	/** One per label, as the run's pack gave them. */
	logits: Float32Array
}

/** Finds images by what runs say of themselves; nothing else is ever named. */
export interface AnsweredImages {
	/** @throws UserError where the run has not answered on it, or has no answers. */
	find(runs: string, id: string, image: string): AnsweredImage
}

/** Runs that are remembered: one is looked at at a time. */
const REMEMBERED = 2

const hashesSchema = z.array(z.tuple([z.string(), sha256Schema]))

interface Answers {
	rows: ReadonlyMap<string, number>
	logits: Float32Array
	labels: number
	hashes: ReadonlyMap<string, string>
}

export function createAnsweredImages(): AnsweredImages {
	const known = new Map<string, Answers>()

	function answersOf(run: RunFolder): Answers {
		const key = [run.directory, ...[PREDICTIONS, IMAGES].map((name) => stampOf(join(run.directory, name)))].join('\n')
		const answers = known.get(key) ?? read(run)
		keepNewest(known, REMEMBERED, key, answers)
		return answers
	}

	return {
		find(runs, id, image) {
			const run = openRun(runs, id)
			const { rows, logits, labels, hashes } = answersOf(run)
			const row = rows.get(image)
			const place = insideFolder(run.recipe.data.folder, image)
			if (row === undefined || 'refused' in place) throw new UserError(`The run ${id} has not answered on an image ${image.slice(0, 200)}.`)
			return { directory: run.directory, path: place.path, sha256: hashes.get(image) ?? null, logits: logits.subarray(row * labels, (row + 1) * labels) }
		},
	}
}

function read(run: RunFolder): Answers {
	const { evaluation, predictions: { samples, logits } } = readAnswered(run)
	const hashes = existsSync(join(run.directory, IMAGES)) ? parseKept(run.directory, IMAGES, hashesSchema) : []
	return { rows: new Map(samples.map(({ id }, row) => [id, row])), logits, labels: evaluation.model.labels.length, hashes: new Map(hashes) }
}

function stampOf(path: string): string {
	const status = statSync(path, { throwIfNoEntry: false })
	return status ? `${status.ino} ${status.size} ${status.mtimeMs}` : ''
}
