import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RESEARCH_USE } from '../../../../common/contract/primitives.ts'
import { UserError } from '../../../../common/contract/procedures.ts'
import { explanationMethodSchema, type ExplainedModel, type ExplanationMethod, type ExplanationSetReport } from '../../../../common/contract/training/explanationSet.ts'
import { cssColour } from '../../../../common/imaging/colourMap.ts'
import { aboutLines, methodTitle, tablesOf, type TextTable } from '../../../../common/text/explanationTables.ts'
import { openImage, type ShownImage } from '../../data/images/openImage.ts'
import { writeDurably } from '../../runs/durable.ts'
import type { ExplainedBy, Measurements, Task } from '../measurements.ts'
import { calledLabel, faithfulnessOf, mapBy, mapsOf } from '../measureFilm.ts'
import type { Records } from '../records.ts'
import { differenceOf } from '../rows.ts'
import { labelNamed, maskOfRegion, regionsByLabel } from '../truth/regionMask.ts'
import { curvesSvg, meanCurve, type Curve } from './curves.ts'
import { chooseExamples } from './examples.ts'
import { escaped, pageOf, tableOf } from './html.ts'
import { picture, type Outline } from './pictures.ts'

export interface Pages {
	report: ExplanationSetReport
	results: Measurements
	tasks: readonly Task[]
	networks: readonly ExplainedBy[]
	records: Records
}

const PICTURES = 'pictures'
const OWN_PICTURE = /^film\d{2}-\d\.png$/
const LOOKS: Record<ExplanationMethod, { colour: string; dash: string }> = {
	'score-cam': { colour: '#7ec9ff', dash: '' }, 'recipro-cam': { colour: '#f0b45a', dash: '7 4' }, random: { colour: '#9aa2a9', dash: '2 4' },
}
/** Tables that stand before the curves; the others are more of the same. */
const FIRST = new Set(['Deletion and insertion', 'Average drop and increase in confidence', 'Localisation'])

/** Writes index.html with the tables, the mean curves and example films, and the pictures that it shows, into a folder. */
export async function writePages(folder: string, pages: Pages, signal: AbortSignal): Promise<void> {
	const { report, results } = pages
	await mkdir(join(folder, PICTURES), { recursive: true })
	// Of an earlier run, and nothing else: the folder may hold other things.
	for (const name of await readdir(join(folder, PICTURES))) if (OWN_PICTURE.test(name)) await rm(join(folder, PICTURES, name))
	const title = `Explanations of ${report.models.map((model) => model.title).join(' and ')}`
	const tables = tablesOf(report)
	const body = [
		`<h1>${escaped(title)}</h1>`,
		`<p class="research">${escaped(RESEARCH_USE)}</p>`,
		...aboutLines(report).map((line) => `<p>${escaped(line)}</p>`),
		'<p class="muted">A map shows what moved the network, not where disease is. Deletion replaces the hottest pixels first and should make the probability fall soon; insertion puts them back first and should make it rise soon. A map that knows nothing has as much energy inside a region as the region has area.</p>',
		'<h2>Tables</h2>',
		...tables.filter(({ title: own }) => FIRST.has(own)).map(htmlTable),
		'<div class="plots">', ...curves(results, report.models.length), '</div>',
		'<h2>Example films</h2>',
		'<p>Chosen by the stated numbers of the Score-CAM, none by hand. Outlines: lungs blue, the finding green. Maps are drawn at half opacity where they have at least 0.15 of their largest value.</p>',
		legend(),
		...await exampleSections(folder, pages, signal),
		'<h2>By label and more</h2>',
		...tables.filter(({ title: own }) => !FIRST.has(own)).map(htmlTable),
		...notes(report),
		`<footer>${escaped(RESEARCH_USE)} Negatoscope ${escaped(report.softwareVersion)}. ${report.models.map(({ id, sha256 }) => `${escaped(id)}: SHA-256 ${sha256}`).join('. ')}. Films: SHA-256 ${report.data.sha256}.</footer>`,
	]
	writeDurably(join(folder, 'index.html'), [new TextEncoder().encode(pageOf(title, body.join('\n')))])
}

/** Colours of the maps, from none to the largest value. */
function legend(): string {
	const stops = Array.from({ length: 17 }, (_, index) => cssColour('inferno', index / 16))
	return `<p class="muted">0 <span class="scale" style="background: linear-gradient(90deg, ${stops.join(', ')})"></span> 1, share of the map's largest value</p>`
}

function htmlTable({ title, words, header, rows }: TextTable): string {
	return tableOf(title, words, header, rows)
}

function curves({ faithfulness }: Measurements, models: number): string[] {
	const of = (model: ExplainedModel, kind: 'deletion' | 'insertion'): Curve[] => explanationMethodSchema.options.flatMap((method) => {
		const records = faithfulness.filter((one) => one.model === model && one.method === method && one.record.measured.verdict !== 'empty').map(({ record }) => record.measured[kind].probabilities)
		return records.length === 0 ? [] : [{ name: methodTitle({ method, model }, models), ...LOOKS[method], values: meanCurve(records) }]
	})
	const roles: ExplainedModel[] = models === 1 ? ['model'] : ['model', 'teacher']
	return roles.flatMap((model) => {
		const whose = models === 1 ? '' : model === 'model' ? ', student' : ', teacher'
		return [
			curvesSvg(`Deletion${whose}: mean probability of the called label while the hottest pixels are replaced by the mean colour; low is faithful.`, 'pixels replaced', of(model, 'deletion')),
			curvesSvg(`Insertion${whose}: mean probability while the hottest pixels are put back into the blurred film; high is faithful.`, 'pixels put back', of(model, 'insertion')),
		]
	})
}

async function exampleSections(folder: string, pages: Pages, signal: AbortSignal): Promise<string[]> {
	const sections: string[] = []
	let number = 0
	for (const { title, criterion, examples } of chooseExamples(pages.results, pages.tasks)) {
		sections.push(`<h3>${escaped(title)}</h3>`, `<p class="muted">${escaped(`Chosen by: ${criterion}.`)}</p>`)
		for (const { task, value } of examples) {
			signal.throwIfAborted()
			const image = await openImage(task.path, pages.networks[0]?.explained.network.manifest.input.colour ?? 'grey')
			sections.push(await exampleFigure(folder, `film${String(++number).padStart(2, '0')}`, task, value, image, pages, signal))
		}
	}
	return sections
}

interface Panel {
	method: ExplanationMethod | 'film'
	title: string
	png: Uint8Array
}

/** Both networks' Score-CAMs stand side by side. */
const ORDER: readonly Panel['method'][] = ['film', ...explanationMethodSchema.options]

/** The film, its maps side by side, and what was measured. */
async function exampleFigure(folder: string, name: string, task: Task, value: string, image: ShownImage, { networks, records }: Pages, signal: AbortSignal): Promise<string> {
	const outlines = await outlinesOf(task, image, networks)
	const found: Panel[] = [{ method: 'film', title: outlines.length === 0 ? 'film' : `film, ${outlines.map(({ truth }) => truth).join(' and ')} outlined`, png: await picture(image, null, outlines) }]
	const lines: string[] = []
	const finding = outlines.find(({ truth }) => truth === 'finding')
	let label = ''
	for (const { role, explained } of networks) {
		const maps = await mapsOf(explained, image, records, signal)
		const labels = explained.network.manifest.labels.map((own) => own.name)
		const called = calledLabel(explained, maps)
		// The teacher's map is of the student's label, so that they can be compared.
		if (role === 'model') label = finding && !task.film ? finding.label : called
		const shown = labels.includes(label) ? label : called
		const probability = maps.probabilities[labels.indexOf(shown)] ?? 0
		const whose = networks.length === 1 ? '' : role === 'model' ? 'student: ' : 'teacher: '
		lines.push(`${whose}${called} called; probability of ${shown} ${probability.toFixed(3)}`)
		for (const method of explanationMethodSchema.options) {
			if (role === 'teacher' && method !== 'score-cam') continue
			const map = mapBy(explained, method, maps, shown)
			if (!map) continue
			const record = task.film && shown === called ? await faithfulnessOf(explained, image, method, shown, records, signal) : null
			const score = record ? `, insertion - deletion ${differenceOf(record).toFixed(3)}${record.measured.verdict === 'better' ? '' : ` (${record.measured.verdict})`}` : ''
			found.push({ method, title: `${methodTitle({ method, model: role }, networks.length)}, ${shown}${score}`, png: await picture(image, map, outlines) })
		}
	}
	const panels = found.toSorted((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method))
	for (const [index, { png }] of panels.entries()) writeDurably(join(folder, PICTURES, `${name}-${index}.png`), [png])
	const truth = task.film?.truth.join(', ') || task.located[0]?.names[0] || 'not stated'
	return `<figure><div class="panels">
${panels.map(({ title }, index) => `<div><img src="${PICTURES}/${name}-${index}.png" alt="${escaped(title)}" loading="lazy"><span>${escaped(title)}</span></div>`).join('\n')}
</div><figcaption><strong>${escaped(task.film?.id ?? task.located[0]?.id ?? '')}</strong>: ${escaped(`true label ${truth}; ${lines.join('; ')}; ${value}`)}</figcaption></figure>`
}

/** What is known to be where; a mask that is refused was told in the report. */
async function outlinesOf({ located }: Task, image: ShownImage, networks: readonly ExplainedBy[]): Promise<(Outline & { label: string })[]> {
	const labels = networks[0]?.explained.network.manifest.labels.map(({ name }) => name) ?? []
	const found: (Outline & { label: string })[] = []
	for (const { lungs, findings } of located) {
		try {
			if (lungs) found.push({ truth: 'lungs', label: '', ...await maskOfRegion(lungs, image) })
			const { regions } = regionsByLabel(findings, labels)
			for (const [name, region] of regions) found.push({ truth: 'finding', label: labelNamed([name], labels) ?? name, ...await maskOfRegion(region, image) })
		} catch (error) {
			if (!(error instanceof UserError)) throw error
		}
	}
	return found
}

function notes({ refused, leftOut }: ExplanationSetReport): string[] {
	return [
		...detailsOf(`${refused.length} refused`, refused.map(({ id, reason }) => `${id}: ${reason}`)),
		...detailsOf('Not used', leftOut.map(({ what, count }) => `${what}: ${count}`)),
	]
}

function detailsOf(title: string, lines: readonly string[]): string[] {
	return lines.length === 0 ? [] : [`<details><summary>${escaped(title)}</summary><ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul></details>`]
}
