import { stat } from 'node:fs/promises'
import { CHESTXRAY14_LABELS, CHEXPERT_LABELS, MANIFEST_COLUMNS, TRUTH_VALUES } from '../../../../common/contract/training/data.ts'
import { insideFolder, plainName, splitNamed } from '../paths.ts'
import { candidate, inWords, type Candidate } from './knownLayouts.ts'
import { IMAGE } from './peek.ts'
import type { Column, Profile } from './profile.ts'

/** Names in use for a column, by what tells names apart, where it has not its usual one. */
const OTHER_NAMES = {
	label: ['class', 'classname', 'diagnosis', 'finding', 'findings', 'findinglabels', 'target', 'category'],
	split: ['set', 'subset', 'partition', 'fold'],
	group: ['patientid', 'subject', 'subjectid', 'case', 'caseid', 'patientnumber'],
	source: ['site', 'hospital', 'institution', 'centre', 'center', 'dataset'],
} as const

/** Columns that results are worth looking at for. */
const SUBGROUPS = new Set([
	'sex', 'gender', 'patientgender', 'agegroup', 'view', 'viewposition', 'projection', 'evaldomain', 'site', 'hospital', 'institution', 'centre', 'center', 'scanner', 'device', 'manufacturer', 'modality', 'ethnicity',
])
/** A column with more values than these tells no groups apart. */
const LARGEST_SUBGROUPS = 20

/** Names that are looked for in the folder, and the share of them that has to be there. */
const TRIED = 20
const THERE = 0.5

/** A column that may be none. */
type Found = string | null

/** Recipes by which a table may be read, best first, and whether its labels are more than a guess; or why it is no list of images. */
export async function manifestCandidates(folder: string, profile: Profile): Promise<{ candidates: Candidate[]; guessed: boolean } | { fault: string }> {
	const { file: name } = profile
	if (profile.rows === 0) return { fault: `${name} lists no image.` }
	const file = await fileColumn(folder, profile)
	if ('fault' in file) return file
	const roles = {
		file: file.column,
		label: columnFor(profile, 'label', ({ name: own }) => own !== file.column),
		split: columnFor(profile, 'split', ({ values }) => values.every((value) => value === '' || splitNamed(value) !== null)),
		group: columnFor(profile, 'group', () => true),
		source: columnFor(profile, 'source', () => true),
	}
	const taken = new Set(Object.values(roles))
	const found = roles.label === null ? [] : profile.of(roles.label)
	const several = found.some((value) => value.includes('|'))
	const { names: labels, guessed } = labelColumns(profile, taken, found)
	const given = {
		layout: 'manifest', folder, manifest: name,
		columns: {
			...Object.fromEntries(Object.entries(roles).filter(([role, column]) => column !== null && !isUsual(profile, role as keyof typeof roles, column)).map(([role, column]) => [role, column])),
			attributes: profile.columns.filter((column) => !taken.has(column.name) && isSubgroup(column)).map((column) => column.name).slice(0, 20),
		},
	}
	const rest = `${withColumns(roles)}${roles.group === null ? ' No column names a patient, so each image counts as one of its own.' : ''}`
	const single = roles.label === null || several || found.every((value) => value === '') ? [] : candidate({ ...given, task: 'multiclass' }, `${name} names one label for each image, in the column ${roles.label}.${rest}`)
	const multiple = labels.length > 0 && !(guessed && several) ? candidate({ ...given, task: 'multilabel', labels }, `${name} has a column for each of ${labels.length === 1 ? 'one label' : `${labels.length} labels`}: ${inWords(labels)}.${rest}`)
		: several ? candidate({ ...given, task: 'multilabel' }, `${name} names the labels of each image in the column ${roles.label}.${rest}`) : []
	if (single.length + multiple.length === 0) return { fault: `${name} names images, but no column of it is a label.` }
	// What readers decided is written with a column per label, and a label where one alone is present: without one, most of what is known is there alone.
	return { candidates: found.includes('') && !guessed ? [...multiple, ...single] : [...single, ...multiple], guessed: guessed && single.length === 0 && !several }
}

/** The column that names the images: the usual one, or the first whose values are files of the folder. */
async function fileColumn(folder: string, profile: Profile): Promise<{ column: string } | { fault: string }> {
	const usual = profile.columns.find(({ name }) => (MANIFEST_COLUMNS.file as readonly string[]).includes(name))
	const candidates = usual ? [usual] : profile.columns.filter(({ values }) => values.some((value) => IMAGE.test(value)))
	for (const { name } of candidates) {
		const names = profile.of(name).filter((value) => value !== '').slice(0, TRIED)
		const there = (await Promise.all(names.map((value) => isImageOf(folder, value)))).filter(Boolean).length
		if (names.length > 0 && there >= THERE * names.length) return { column: name }
	}
	const [example] = usual ? profile.of(usual.name) : []
	return { fault: example === undefined ? `No column of ${profile.file} names files in the folder.` : `${profile.file} names files that are not in the folder, ${example.slice(0, 100)} for example.` }
}

async function isImageOf(folder: string, name: string): Promise<boolean> {
	const inside = insideFolder(folder, name)
	return 'path' in inside && ((await stat(inside.path).catch(() => null))?.isFile() ?? false)
}

function columnFor({ header, columns }: Profile, role: keyof typeof OTHER_NAMES, fits: (column: Column) => boolean): Found {
	const usual = MANIFEST_COLUMNS[role].find((name) => header.includes(name))
	if (usual !== undefined) return usual
	return columns.find((column) => OTHER_NAMES[role].some((name) => name === plainName(column.name)) && fits(column))?.name ?? null
}

function isUsual({ header }: Profile, role: keyof typeof MANIFEST_COLUMNS, column: Found): boolean {
	return MANIFEST_COLUMNS[role].find((name) => header.includes(name)) === column
}

/** 1 and 0, perhaps -1 and nothing. */
function isTruth({ values, more }: Column): boolean {
	return !more && values.every((value) => TRUTH_VALUES.has(value.toLowerCase()))
}

function isPresent({ values }: Column): boolean {
	return values.some((value) => TRUTH_VALUES.get(value.toLowerCase()) === 1)
}

function isSubgroup({ name, values, more }: Column): boolean {
	return !more && values.length > 1 && values.length <= LARGEST_SUBGROUPS && SUBGROUPS.has(plainName(name))
}

/**
 * Columns that are a label each: those of a published set where all are there; those that the label column speaks of and what lies between them, for a rare one may not be
 * spoken of so early; else all that look like one, which is a guess.
 */
function labelColumns({ header, columns }: Profile, taken: ReadonlySet<Found>, found: readonly string[]): { names: string[]; guessed: boolean } {
	const published = [CHESTXRAY14_LABELS, CHEXPERT_LABELS].find((labels) => labels.every((label) => header.includes(label)))
	if (published) return { names: [...published], guessed: false }
	const truths = columns.filter((column) => !taken.has(column.name) && isTruth(column))
	const spoken = new Set(found.flatMap((value) => value.split('|').map((part) => part.trim())))
	const places = truths.flatMap(({ name }) => (spoken.has(name) ? [header.indexOf(name)] : []))
	const between = truths.filter(({ name }) => header.indexOf(name) >= Math.min(...places) && header.indexOf(name) <= Math.max(...places))
	if (between.length > 0) return { names: between.map(({ name }) => name), guessed: false }
	return { names: truths.filter(isPresent).map(({ name }) => name), guessed: true }
}

function withColumns({ split, group, source }: { split: Found; group: Found; source: Found }): string {
	const further = [split && `splits (${split})`, group && `patients or groups (${group})`, source && `sources (${source})`].filter((part) => part !== null)
	return further.length === 0 ? '' : ` It gives ${inWords(further)} too.`
}
