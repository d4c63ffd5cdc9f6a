import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import sharp from 'sharp'

interface Row {
	file: string
	label: string
	patient_or_group: string
	source: string
	split: string
	age_group: string
	eval_domain: string
}

const COLUMNS = ['file', 'label', 'patient_or_group', 'source', 'split', 'age_group', 'eval_domain'] as const

/** Films by label, source and split: COVID-19 comes from one source alone. */
const WANTED: [label: string, source: string, counts: Record<string, number>][] = [
	['covid19', 'hannover', { train: 20, val: 6, test: 6 }],
	['normal', 'kermany', { train: 12, val: 4, test: 4 }],
	['normal', 'nih14', { train: 10, val: 3, test: 3 }],
	['pneumonia', 'kermany', { train: 14, val: 4, test: 4 }],
	['pneumonia', 'nih14', { train: 10, val: 3, test: 3 }],
]

/** What a name in a table may be, and is shown as it stands. */
export const HOSTILE = '<img src=x onerror=document.title=1> a source with a name that nobody would choose but that a table may well hold, \u202Eback to front'

export interface FaultyFilms {
	folder: string
	/** Films that a survey lists. */
	films: number
	/** In training and, as another film, in the test split. */
	patient: string
	/** In training, and the same picture stored anew in the test split. */
	similar: [string, string]
	/** In the test split, and left out of training. */
	identical: [string, string]
	unreadable: string
}

/**
 * Some real films of ../shared/data with a manifest and what is to be found in it: a patient in two splits, a film that was stored anew and one that was copied into another split, and
 * a file that breaks off.
 */
export async function filmsWithFaults(data: string, folder: string): Promise<FaultyFilms> {
	const rows = parse<Row>(await readFile(join(data, 'cxr3', 'manifest.csv')), { columns: true })
	// One film of each patient, so that what is found was put there.
	const single = [...Map.groupBy(rows, (row) => row.patient_or_group).values()].flatMap(([row]) => (row ? [row] : []))
	const taken = WANTED.flatMap(([label, source, counts]) => Object.entries(counts).flatMap(([split, count]) => single.filter((row) => row.label === label && row.source === source && row.split === split).slice(0, count)))
	for (const label of ['covid19', 'normal', 'pneumonia']) await mkdir(join(folder, label), { recursive: true })
	for (const { file } of taken) await copyFile(join(data, 'cxr3', file), join(folder, file))
	const [first, second, third, fourth] = taken.filter(({ split, source }) => split === 'train' && source === 'kermany')
	const inTest = taken.find(({ split, source }) => split === 'test' && source === 'nih14')
	if (!first || !second || !third || !fourth || !inTest) throw new Error('There are not the films that were expected.')

	inTest.patient_or_group = first.patient_or_group
	third.source = HOSTILE
	const similar = 'normal/stored-anew.jpg'
	await sharp(join(folder, second.file)).jpeg({ quality: 60 }).toFile(join(folder, similar))
	const identical = 'normal/copied.jpg'
	await copyFile(join(folder, fourth.file), join(folder, identical))
	const unreadable = 'normal/breaks-off.jpg'
	await writeFile(join(folder, unreadable), (await readFile(join(folder, fourth.file))).subarray(0, 900))
	const added: Row[] = [
		{ ...second, file: similar, split: 'test', patient_or_group: 'stored-anew' },
		{ ...fourth, file: identical, split: 'test', patient_or_group: 'copied' },
		{ ...fourth, file: unreadable, split: 'train', patient_or_group: 'breaks-off' },
	]
	const text = [...taken, ...added].map((row) => COLUMNS.map((column) => `"${row[column]}"`).join(','))
	await writeFile(join(folder, 'manifest.csv'), [COLUMNS.join(','), ...text, ''].join('\n'))
	return {
		folder, films: taken.length + 1, patient: first.patient_or_group, similar: [second.file, similar], identical: [identical, fourth.file], unreadable,
	}
}
