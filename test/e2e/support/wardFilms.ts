import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'

const COLUMNS = ['file', 'label', 'split', 'patient_or_group', 'source'] as const
const COUNTS = { train: 24, val: 8, test: 8 }

type Row = Record<(typeof COLUMNS)[number], string>

/**
 * A small data set of real films of ../shared/data with a manifest: of each of three labels a film each of 24 patients to train on, of 8 to validate with and of 8 to test with.
 * @returns the films of the test split.
 */
export async function wardFilms(data: string, folder: string): Promise<string[]> {
	const rows = parse<Row>(await readFile(join(data, 'cxr3', 'manifest.csv')), { columns: true })
	const single = [...Map.groupBy(rows, (row) => row.patient_or_group).values()].flatMap(([row]) => (row ? [row] : []))
	const taken = ['covid19', 'normal', 'pneumonia'].flatMap((label) => Object.entries(COUNTS).flatMap(([split, count]) => single.filter((row) => row.label === label && row.split === split).slice(0, count)))
	for (const { file } of taken) {
		await mkdir(dirname(join(folder, file)), { recursive: true })
		await copyFile(join(data, 'cxr3', file), join(folder, file))
	}
	await writeFile(join(folder, 'manifest.csv'), [COLUMNS.join(','), ...taken.map((row) => COLUMNS.map((column) => `"${row[column]}"`).join(',')), ''].join('\n'))
	return taken.filter(({ split }) => split === 'test').map(({ file }) => join(folder, file))
}
