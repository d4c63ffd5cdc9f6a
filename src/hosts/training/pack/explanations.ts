import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { modelManifestSchema, type ModelManifest } from '../../../common/contract/model.ts'
import type { Mean, ModelExplanations } from '../../../common/contract/modelExplanations.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { ExplanationSetReport } from '../../../common/contract/training/explanationSet.ts'
import { writeDurably, writeJsonDurably } from '../runs/durable.ts'
import { rounded } from './calibratePack.ts'

/** The part of a card that this file writes; the card's other parts begin in the same way. */
const HEADING = '## Explanations'
const BEFORE = '## Licences'

/** With fewer images than this, means and their intervals say little. */
const FEW = 20

const METHODS: Record<ModelExplanations['faithfulness'][number]['method'], string> = { 'score-cam': 'Score-CAM', 'recipro-cam': 'Recipro-CAM', random: 'Score-CAM\'s values in random places' }

function own<Row extends { model: string }>(rows: readonly Row[]): Row[] {
	return rows.filter((row) => row.model === 'model')
}

/** What a pack says of its maps: the rows of the model itself over all films. */
export function explanationsOf(report: ExplanationSetReport): ModelExplanations {
	const [model] = report.models
	if (!model) throw new Error('The report is of no model.')
	return {
		mode: report.mode,
		layer: model.layer.name,
		data: { split: report.data.split, films: report.data.films, groups: report.data.groups, sha256: report.data.sha256 },
		softwareVersion: report.softwareVersion,
		faithfulness: own(report.faithfulness).filter(({ group }) => group.column === 'all').map(({ method, deletion, insertion, overRandom, drop, increase, better }) => (
			{ method, deletion: short(deletion), insertion: short(insertion), overRandom: short(overRandom), drop: short(drop), increase: short(increase), better: short(better) }
		)),
		located: own(report.located).filter(({ method }) => method === 'score-cam').map(({ set, truth, split, energy, area, hits }) => ({ set, truth, split, energy: short(energy), area: short(area), hits: short(hits) })),
		randomisation: own(report.randomisation).map(({ stage, n, rankCorrelation, median, medianAbsolute }) => (
			{ stage, n, rankCorrelation: short(rankCorrelation), median: median === null ? null : rounded(median, 4), medianAbsolute: medianAbsolute === null ? null : rounded(medianAbsolute, 4) }
		)),
	}
}

function short({ value, interval, n }: Mean): Mean {
	return { value: value === null ? null : rounded(value, 4), interval: interval && [rounded(interval[0], 4), rounded(interval[1], 4)], n }
}

/** The card's part about the maps, ending with an empty line. */
export function explanationsCard({ mode, layer, data, faithfulness, located, randomisation }: ModelExplanations): string {
	const of = data.split === 'all' ? 'images of the data set' : `images of the ${data.split} split`
	const random = randomisation.length === 0 ? 'The parameter-randomisation check was not made.' : `Parameter-randomisation check (Adebayo et al. 2018): rank correlation of the maps of ${randomisation[0]?.n ?? 0} images with those of the same network whose parameters are random from the scores downwards. A map that stays alike does not show what the network has learnt.${(randomisation[0]?.n ?? 0) < FEW ? ' Few images: rough.' : ''}

| random so far | images with a map to compare | median | median of the absolute | mean |
|---|---|---|---|---|
${randomisation.map(({ stage, n, median, medianAbsolute, rankCorrelation }) => `| ${stage} | ${rankCorrelation.n} of ${n} | ${number(median, 2)} | ${number(medianAbsolute, 2)} | ${told(rankCorrelation, 2)} |`).join('\n')}`
	return `${HEADING}
Maps of the layer ${line(layer)}, Score-CAM as ${mode} defines it, of the label to which the network gives most probability; ${data.films} ${of}, ${data.groups} patients or groups. 95 % intervals by bootstrap over these. docs/explanations.md has the definitions.${data.films < FEW ? ' Measured on few images: the numbers are rough, and so are their intervals.' : ''}

| map | deletion area (low is good) | insertion area (high is good) | insertion - deletion, more than random | average drop % (low) | increase in confidence % (high) | better than chance, % of the images |
|---|---|---|---|---|---|---|
${faithfulness.map((row) => `| ${METHODS[row.method]} | ${told(row.deletion, 3)} | ${told(row.insertion, 3)} | ${row.method === 'random' ? '' : told(row.overRandom, 3)} | ${told(row.drop, 1)} | ${told(row.increase, 1)} | ${told(row.better, 1)} |`).join('\n')}
${located.length === 0 ? '' : `
| where it should be hot | split | images | share of the map inside | share of the image inside (chance) | hottest point inside |
|---|---|---|---|---|---|
${located.map(({ set, truth, split, energy, area, hits }) => `| ${truth}, ${line(set)} | ${split ?? 'not stated'} | ${energy.n} | ${told(energy, 3)} | ${told(area, 3)} | ${told(hits, 2)} |`).join('\n')}
`}
${random}

`
}

/** @throws UserError where the folder is no pack, or its model.json and CARD.md cannot be written: hours of measuring should not end so. */
export function checkPack(directory: string): void {
	readManifest(directory)
	for (const name of ['model.json', 'CARD.md']) {
		try {
			accessSync(join(directory, name), constants.R_OK | constants.W_OK)
		} catch (error) {
			throw new UserError(`${join(directory, name)} is missing or cannot be written, so the pack cannot say what was measured.`, String(error))
		}
	}
}

/**
 * Writes what was measured of a pack's maps into its model.json and CARD.md, in place of what stood there; the graph stays as it is.
 * @throws UserError where the folder is no pack, or the report is of another graph.
 */
export function addExplanations(directory: string, report: ExplanationSetReport): ModelManifest {
	const manifest = readManifest(directory)
	if (report.models[0]?.sha256 !== manifest.sha256) throw new UserError(`The maps that were measured are not those of the network in ${directory}: its SHA-256 differs.`)
	const explanations = explanationsOf(report)
	const next: ModelManifest = modelManifestSchema.parse({ ...manifest, explanations })
	const card = withPart(readFileSync(join(directory, 'CARD.md'), 'utf8'), explanationsCard(explanations))
	writeJsonDurably(join(directory, 'model.json'), next)
	writeDurably(join(directory, 'CARD.md'), [new TextEncoder().encode(card)])
	return next
}

function readManifest(directory: string): ModelManifest {
	try {
		return modelManifestSchema.parse(JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8')))
	} catch (error) {
		throw new UserError(`${directory} is no model pack: its model.json cannot be read.`, String(error))
	}
}

/** In place of the same part of the card; else before the licences, or at the end. */
function withPart(card: string, part: string): string {
	const old = card.indexOf(`\n${HEADING}\n`)
	const after = old < 0 ? -1 : card.indexOf('\n## ', old + 1)
	const rest = old < 0 ? card : `${card.slice(0, old + 1)}${after < 0 ? '' : card.slice(after + 1)}`
	const place = rest.indexOf(`\n${BEFORE}\n`)
	return place < 0 ? `${rest.trimEnd()}\n\n${part.trimEnd()}\n` : `${rest.slice(0, place + 1)}${part}${rest.slice(place + 1)}`
}

function told({ value, interval }: Mean, digits: number): string {
	return interval ? `${number(value, digits)} (${interval.map((end) => end.toFixed(digits)).join(' to ')})` : number(value, digits)
}

function number(value: number | null, digits: number): string {
	return value === null ? 'not defined' : value.toFixed(digits)
}

/** Text of others stays on its line and in its cell. */
function line(text: string): string {
	return text.replace(/\s+/g, ' ').trim().replaceAll('\\', '\\\\').replaceAll('|', '\\|')
}
