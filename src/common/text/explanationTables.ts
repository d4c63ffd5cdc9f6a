import type { ComparisonRow, ExplanationMethod, ExplanationSetReport, FaithfulnessRow, LocalisationRow, Mean } from '../contract/training/explanationSet.ts'

/** A table of words and numbers; the first columns are words. */
export interface TextTable {
	title: string
	words: number
	header: string[]
	rows: string[][]
}

const METHOD_TITLES: Record<ExplanationMethod, string> = { 'score-cam': 'Score-CAM', 'recipro-cam': 'Recipro-CAM', random: 'random' }

/** The method with the model's place: "Score-CAM, teacher". The model that the command is about is called the student where there is a teacher beside it. */
export function methodTitle({ method, model }: Pick<FaithfulnessRow, 'method' | 'model'>, models: number): string {
	return models === 1 ? METHOD_TITLES[method] : `${METHOD_TITLES[method]}, ${model === 'model' ? 'student' : 'teacher'}`
}

/** value (low to high); a dash where it is not defined. */
function meanText({ value, interval }: Mean, digits: number): string {
	if (value === null) return '–'
	return interval ? `${fixed(value, digits)} (${fixed(interval[0], digits)} to ${fixed(interval[1], digits)})` : fixed(value, digits)
}

/** Without the sign of a zero. */
function fixed(value: number, digits: number): string {
	return value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1')
}

function groupTitle({ column, value }: FaithfulnessRow['group']): string {
	return column === 'all' ? value : `${column} ${value}`
}

function filmsOf({ n, empty }: Pick<FaithfulnessRow, 'n' | 'empty'>): string {
	return empty > 0 ? `${n}, ${empty} empty` : String(n)
}

/** Deletion and insertion. */
function rankingTable(title: string, rows: readonly FaithfulnessRow[], models: number): TextTable {
	return {
		title,
		words: 2,
		header: ['films', 'map', 'n', 'deletion AUC ↓', 'insertion AUC ↑', 'insertion − deletion ↑', 'more than random ↑', 'better than chance %'],
		rows: rows.map((row) => [
			groupTitle(row.group), methodTitle(row, models), filmsOf(row), meanText(row.deletion, 3), meanText(row.insertion, 3), meanText(row.difference, 3), row.method === 'random' ? '–' : meanText(row.overRandom, 3), meanText(row.better, 1),
		]),
	}
}

/** Average drop and increase in confidence. */
function maskingTable(title: string, rows: readonly FaithfulnessRow[], models: number): TextTable {
	return {
		title,
		words: 2,
		header: ['films', 'map', 'n', 'average drop % ↓', 'increase in confidence % ↑', 'drop %, hotter half alone ↓', 'increase %, hotter half alone ↑'],
		rows: rows.map((row) => [
			groupTitle(row.group), methodTitle(row, models), filmsOf(row), meanText(row.drop, 1), meanText(row.increase, 1), meanText(row.dropTopHalf, 1), meanText(row.increaseTopHalf, 1),
		]),
	}
}

function localisationTable(title: string, rows: readonly LocalisationRow[], models: number): TextTable {
	return {
		title,
		words: 4,
		header: ['set', 'truth', 'split', 'map', 'n', 'energy inside ↑', 'area (chance)', 'energy − area ↑', 'hottest point inside ↑'],
		rows: rows.map((row) => [
			row.set, row.truth, row.split ?? 'not stated', methodTitle(row, models), filmsOf(row), meanText(row.energy, 3), meanText(row.area, 3), meanText(row.gain, 3), meanText(row.hits, 3),
		]),
	}
}

function comparisonTable(title: string, rows: readonly ComparisonRow[]): TextTable {
	return {
		title,
		words: 1,
		header: ['films', 'n', 'correlation', 'rank correlation', 'overlap of the top fifth', 'same call'],
		rows: rows.map((row) => [groupTitle(row.group), String(row.n), meanText(row.correlation, 3), meanText(row.rankCorrelation, 3), meanText(row.topFifthOverlap, 3), meanText(row.sameCall, 3)]),
	}
}

function randomisationTable(title: string, rows: ExplanationSetReport['randomisation'], models: number): TextTable {
	return {
		title,
		words: 2,
		header: ['network', 'random so far', 'n', 'rank correlation with the trained network ↓', 'median', 'median of the absolute'],
		rows: rows.map(({ model, stage, n, rankCorrelation, median, medianAbsolute }) => [
			models === 1 ? 'model' : model === 'model' ? 'student' : 'teacher', stage, String(n), meanText(rankCorrelation, 3), ...[median, medianAbsolute].map((value) => value?.toFixed(3) ?? '–'),
		]),
	}
}

/** What the tables are of, in a sentence each. */
export function aboutLines({ models, data, localisation, mode }: ExplanationSetReport): string[] {
	const split = data.split === 'all' ? 'the whole data set' : `the ${data.split} split`
	return [
		...models.map(({ role, title, id, version, layer }) => `${models.length === 1 ? 'Model' : role === 'model' ? 'Student' : 'Teacher'}: ${title} (${id} ${version}), layer ${layer.name}, ${layer.channels} channels of ${layer.width} x ${layer.height}.`),
		`Faithfulness: ${data.films} of ${data.of} films of ${split} (${data.groups} patients or groups)${data.seed === null ? '' : `, drawn with seed ${data.seed}, the labels in turn`}. Score-CAM as ${mode} defines it, of the label to which the network gives most probability.`,
		...(localisation ? [`Localisation: ${localisation.films} films${localisation.split === 'all' ? '' : `, ${localisation.split} split${localisation.split === 'test' ? ' or none stated' : ''}`}. The map of the finding's own label against its mask or boxes; the map of the called label against the lungs.`] : []),
		...(data.split === 'train' || data.split === 'all' || localisation?.split === 'train' || localisation?.split === 'all' ? ['Films of the train split are among them: a network that was trained on this data has seen them.'] : []),
		'Rows: Score-CAM; Recipro-CAM, a baseline that takes no gradients either; random, the Score-CAM\'s values in random places. Means over films with 95 % intervals (bootstrap over patients or groups).',
	]
}

/** All tables of a report, in the order in which they are shown; without those that have no rows. */
export function tablesOf({ models: { length: models }, faithfulness, located, comparison, randomisation }: ExplanationSetReport): TextTable[] {
	const columns = [...new Set(faithfulness.map(({ group }) => group.column))]
	const words: Record<string, string> = { all: '', truth: ' by true label', called: ' by called label' }
	return [
		...columns.flatMap((column) => {
			const rows = faithfulness.filter(({ group }) => group.column === column)
			const of = words[column] ?? ` by ${column}`
			return [rankingTable(`Deletion and insertion${of}`, rows, models), maskingTable(`Average drop and increase in confidence${of}`, rows, models)]
		}),
		comparisonTable("Maps of student and teacher on the same films, of the student's label", comparison),
		localisationTable('Localisation', located, models),
		randomisationTable('Parameter randomisation: maps of a network whose parameters are random from the scores downwards', randomisation, models),
	].filter(({ rows }) => rows.length > 0)
}
