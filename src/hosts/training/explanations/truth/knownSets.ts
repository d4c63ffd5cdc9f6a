import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../../../common/contract/procedures.ts'
import { dataRecipeSchema, type DataRecipeOf } from '../../../../common/contract/training/data.ts'
import { listCovidQuEx } from '../../data/layouts/covidQuEx.ts'
import { foldersOf, insideFolder, plainName, splitNamed } from '../../data/paths.ts'
import { openTable, type Row } from '../../data/table.ts'
import { boxOf } from './manifestTruth.ts'
import { newTruthListing, type TruthFilm, type TruthListing } from './truthFilm.ts'

/**
 * Pneumonia by its cause, as Cohen's collection names it: each is a name for pneumonia where a model does not have it. SARS-CoV-2 is a label of its own.
 */
const CAUSES_OF_PNEUMONIA = ['Pneumocystis', 'SARS', 'Streptococcus', 'Legionella', 'Klebsiella']
/** RSNA's readers drew boxes around opacities that may be pneumonia; the challenge was to find pneumonia by them. */
const NAMES_OF_OPACITY = ['Lung Opacity', 'Pneumonia']
/** COVID-QU-Ex's class of all other pneumonia, viral and bacterial. */
const OTHER_PNEUMONIA = 'Non-COVID'

interface KnownSet {
	/** Whether it lies in the folder. */
	found(folder: string): boolean
	list(folder: string, listing: TruthListing): Promise<void>
}

/** Sets whose files say where something is, each as its authors laid it out; `folder` holds one or more of them. */
const SETS: Record<string, KnownSet> = {
	ieee_seg: { found: (folder) => existsSync(join(folder, 'ieee_seg', 'manifest.csv')), list: listIeeeSegmentations },
	v7_lungs: { found: (folder) => existsSync(join(folder, 'v7_lungs', 'manifest.csv')), list: listV7Lungs },
	nih_boxes: { found: (folder) => existsSync(join(folder, 'nih_boxes_256px.csv')), list: listNihBoxes },
	covid_qu_ex: { found: (folder) => covidQuExIn(folder) !== null, list: listCovidQuExMasks },
}

export function hasKnownSets(folder: string): boolean {
	return Object.values(SETS).some(({ found }) => found(folder))
}

/**
 * The films of the known sets in a folder.
 * @throws UserError where a table of one of them cannot be read.
 */
export async function listKnownSets(folder: string): Promise<TruthListing> {
	const listing = newTruthListing()
	for (const { found, list } of Object.values(SETS)) if (found(folder)) await list(folder, listing)
	return listing
}

/** ieee_seg: a table of films with masks of lesions (ground glass 1, consolidation 2) and of lungs under the same name; of Cohen's collection. */
async function listIeeeSegmentations(folder: string, listing: TruthListing): Promise<void> {
	const root = join(folder, 'ieee_seg')
	await eachRow(join(root, 'manifest.csv'), ['id', 'finding', 'patient', 'split'], listing, (row, refuse) => {
		const image = insideFolder(root, `images/${row.get('id')}.png`)
		const lesion = insideFolder(root, `lesion/${row.get('id')}.png`)
		const lungs = insideFolder(root, `lung/${row.get('id')}.png`)
		if ('refused' in image || 'refused' in lesion || 'refused' in lungs) return refuse('column id: it is no file name.')
		const names = row.get('finding').split(',').map((name) => name.trim()).filter((name) => name !== '').flatMap((name) => (CAUSES_OF_PNEUMONIA.includes(name) ? [name, 'Pneumonia'] : [name]))
		const drawn = row.get('classes')
		const bothLungs = drawn === '' || ['Left Lung', 'Right Lung'].every((lung) => drawn.includes(lung))
		// Some films were looked at and have no lesion.
		const marked = ['ggo_px_frac', 'consol_px_frac'].some((column) => Number(row.get(column)) > 0)
		return add(listing, {
			set: 'ieee_seg', id: `ieee_seg/${image.id}`, path: image.path, split: splitNamed(row.get('split')), group: row.get('patient') || image.id, names,
			// A film on which one lung was drawn says nothing of the other.
			lungs: bothLungs ? { kind: 'mask', id: `ieee_seg/${lungs.id}`, path: lungs.path } : null, ...(row.get('cxr3_id') === '' ? {} : { film: row.get('cxr3_id') }), findings: marked && names.length > 0 ? [{ names, region: { kind: 'mask', id: `ieee_seg/${lesion.id}`, path: lesion.path } }] : [],
		})
	})
}

/** v7_lungs: masks of the lungs on films of cxr3, which lies beside the folder. */
async function listV7Lungs(folder: string, listing: TruthListing): Promise<void> {
	const root = join(folder, 'v7_lungs')
	const cxr3 = join(dirname(folder), 'cxr3')
	const films = new Map<string, { file: string; label: string; group: string; split: string }>()
	if (existsSync(join(cxr3, 'manifest.csv'))) {
		await eachRow(join(cxr3, 'manifest.csv'), ['id', 'file', 'label', 'patient_or_group', 'split'], listing, (row) => void films.set(row.get('id'), { file: row.get('file'), label: row.get('label'), group: row.get('patient_or_group'), split: row.get('split') }))
	}
	await eachRow(join(root, 'manifest.csv'), ['mask', 'cxr3_id'], listing, (row, refuse) => {
		const film = films.get(row.get('cxr3_id'))
		if (!film) return leaveOut(listing, 'v7_lungs: lung mask whose film is not in ../cxr3')
		const image = insideFolder(cxr3, film.file)
		const lungs = insideFolder(root, row.get('mask'))
		if ('refused' in lungs) return refuse(`column mask: ${lungs.refused}`)
		if ('refused' in image) return refuse(`its film: ${image.refused}`)
		return add(listing, {
			set: 'v7_lungs', id: `cxr3/${image.id}`, path: image.path, split: splitNamed(film.split), group: film.group || image.id, names: [film.label], film: row.get('cxr3_id'), lungs: { kind: 'mask', id: `v7_lungs/${lungs.id}`, path: lungs.path }, findings: [],
		})
	})
}

/** nih_boxes_256px.csv: boxes on films of nih14, which lies beside the folder, in pixels of 256 x 256. */
async function listNihBoxes(folder: string, listing: TruthListing): Promise<void> {
	const parent = dirname(folder)
	const films = new Map<string, TruthFilm>()
	await eachRow(join(folder, 'nih_boxes_256px.csv'), ['image', 'finding', 'x', 'y', 'w', 'h', 'split'], listing, (row, refuse) => {
		const image = insideFolder(parent, row.get('image'))
		if ('refused' in image) return refuse(`column image: ${image.refused}`)
		const box = boxOf(['x', 'y', 'w', 'h'].map((column) => row.get(column)))
		if (!box) return refuse('its box is not four numbers with an area.')
		const finding = row.get('finding')
		const names = plainName(finding) === plainName(NAMES_OF_OPACITY[0] ?? '') ? NAMES_OF_OPACITY : [finding.replaceAll('_', ' ')]
		const known = films.get(image.id)
		const film = known ?? {
			set: 'nih_boxes', id: image.id, path: image.path, split: splitNamed(row.get('split')), group: `nih-${/^(\d+)_/.exec(basename(image.id))?.[1] ?? image.id}`, names, lungs: null, findings: [],
		}
		films.set(image.id, film)
		film.findings.push({ names, region: { kind: 'boxes', boxes: [box], frame: { width: 256, height: 256 } } })
		if (!known) add(listing, film)
	})
}

/** COVID-QU-Ex: beside each folder "images" one of lung masks and one of infection masks, under the same names; empty infection masks mean that there is none. */
async function listCovidQuExMasks(folder: string, listing: TruthListing): Promise<void> {
	const root = covidQuExIn(folder) as string
	const recipe = dataRecipeSchema.parse({ layout: 'covid-qu-ex', folder: root, tree: 'infection' }) as DataRecipeOf<'covid-qu-ex'>
	const { entries } = await listCovidQuEx(recipe, root)
	const siblings = new Map<string, { lungs: string | undefined; infection: string | undefined }>()
	for (const { id, path, truth, split, group } of entries) {
		const place = dirname(dirname(path))
		let masks = siblings.get(place)
		if (!masks) {
			const folders = await foldersOf(place)
			masks = { lungs: folders.find((name) => plainName(name) === 'lungmasks'), infection: folders.find((name) => plainName(name) === 'infectionmasks') }
			siblings.set(place, masks)
		}
		const region = (name: string) => ({ kind: 'mask' as const, id: `${dirname(dirname(id))}/${name}/${basename(id)}`, path: join(place, name, basename(path)) })
		const label = typeof truth === 'string' ? truth : ''
		add(listing, {
			set: 'covid_qu_ex', id: `${basename(root)}/${id}`, path, split, group: group ?? `covid_qu_ex/${id}`, names: plainName(label) === plainName(OTHER_PNEUMONIA) ? [label, 'Pneumonia'] : [label],
			lungs: masks.lungs === undefined ? null : region(masks.lungs),
			// Infections were drawn on films of COVID-19 alone.
			findings: masks.infection === undefined || plainName(label) !== 'covid19' ? [] : [{ names: [label], region: region(masks.infection) }],
		})
	}
}

/** The folder of COVID-QU-Ex's classes or splits: this one, or covid_qu_ex12 in it. */
function covidQuExIn(folder: string): string | null {
	const places = [join(folder, 'covid_qu_ex12'), folder]
	return places.find((place) => ['COVID-19', 'Train', 'Infection Segmentation Data'].some((name) => existsSync(join(place, name))) && isCovidQuEx(place)) ?? null
}

function isCovidQuEx(place: string): boolean {
	return ['', 'Train', 'Test', 'Val', 'Infection Segmentation Data/Infection Segmentation Data/Test', 'Infection Segmentation Data/Test'].some((part) => existsSync(join(place, part, 'COVID-19', 'lung masks')))
}

async function eachRow(path: string, columns: readonly string[], listing: TruthListing, take: (row: Row, refuse: (reason: string) => void) => void): Promise<void> {
	const table = await openTable(path)
	const missing = columns.find((column) => !table.header.includes(column))
	if (missing !== undefined) throw new UserError(`${path} has no column ${missing}. Its columns are ${table.header.slice(0, 50).join(', ')}.`)
	for await (const row of table.rows) {
		const refuse = (reason: string): void => void listing.refused.push({ id: `${table.name}, line ${row.line}`, reason })
		if (row.fault) refuse(row.fault)
		else take(row, refuse)
	}
}

function add(listing: TruthListing, film: TruthFilm): void {
	listing.films.push(film)
}

function leaveOut(listing: TruthListing, what: string): void {
	listing.leftOut.set(what, (listing.leftOut.get(what) ?? 0) + 1)
}
