import type { Recognition } from '../../../../common/contract/training/dataSets.ts'
import { PADCHEST_TABLE } from '../layouts/padchest.ts'
import { recogniseFolders, recogniseKnown, type Candidate } from './knownLayouts.ts'
import { manifestCandidates } from './manifests.ts'
import { peekInto } from './peek.ts'
import { profileOf } from './profile.ts'

/** Tables of a folder that are looked into. */
const TABLES = 12
/** Values of a column that are shown. */
const EXAMPLES = 8
/** The name that a list of images has where it was made for this program. */
const MANIFEST = 'manifest.csv'

/** Tables of published sets, which are read by their own layouts. */
const OF_KNOWN_SETS = [PADCHEST_TABLE, /^data_entry_2017.*\.csv$/i]

/**
 * Which layouts a folder may be read by, best first: a manifest.csv, a published data set, another table that names images, folders of labels. Looks at names and at the
 * beginning of tables alone, a bounded number of them, so that it takes seconds for any folder; whether the images can be read is for a survey to say.
 * @param folder absolute. @throws UserError where it cannot be read; the reason of the signal.
 */
export async function recogniseDataSet(folder: string, signal?: AbortSignal): Promise<Recognition> {
	const peek = await peekInto(folder)
	const files = (await peek.contents('')).files.filter((name) => /\.(csv|tsv)$/i.test(name))
	// Asked for by its name: among very many files it may not have been seen.
	const names = [...((await peek.isFile(MANIFEST)) ? [MANIFEST] : []), ...files.filter((name) => name !== MANIFEST)].slice(0, TABLES)
	const manifests: Candidate[] = []
	const others: Candidate[] = []
	const guesses: Candidate[] = []
	const faults: string[] = []
	const tables: Recognition['tables'] = []
	for (const file of names) {
		signal?.throwIfAborted()
		const profile = await profileOf(folder, file)
		if ('fault' in profile) {
			faults.push(profile.fault)
			continue
		}
		tables.push({ file, columns: profile.columns.map(({ name, values, more }) => ({ name, values: values.slice(0, EXAMPLES), more: more || values.length > EXAMPLES })) })
		if (OF_KNOWN_SETS.some((own) => own.test(file))) continue
		const found = await manifestCandidates(folder, profile)
		if ('fault' in found) faults.push(found.fault)
		else (found.guessed ? guesses : file === MANIFEST ? manifests : others).push(...found.candidates)
	}
	signal?.throwIfAborted()
	const known = await recogniseKnown(folder, peek)
	const candidates = [...manifests, ...known, ...others, ...(known.length === 0 ? await recogniseFolders(folder, peek) : []), ...guesses]
	const refusal = candidates.length > 0 ? '' : `No data set is recognised in ${folder}: it has no table that names images and their labels, is none of the published sets that are known, and has no folders of images by label. ${faults.join(' ')}`.trimEnd()
	return { folder, candidates, tables, refusal }
}
