import { maskOfBoxes, type FilmMask } from '../../../../common/cam/energy.ts'
import { UserError } from '../../../../common/contract/procedures.ts'
import { plainName } from '../../data/paths.ts'
import { readMask } from './maskFile.ts'
import type { Finding, TruthRegion } from './truthFilm.ts'

/** Boxes are drawn on a grid of at most this side: their edges are no more exact. */
const LONGEST_SIDE = 1024

/** Where something is, as pixels, and the SHA-256 of the mask's file ('' for boxes). */
interface RegionMask {
	mask: FilmMask
	sha256: string
}

/** @throws UserError naming the mask's file and what is wrong with it. */
export async function maskOfRegion(region: TruthRegion, film: { width: number; height: number }): Promise<RegionMask> {
	if (region.kind === 'mask') {
		return readMask(region.path, film).catch((error: unknown) => {
			throw error instanceof UserError ? new UserError(`${region.id}: ${error.message}`, error.detail) : error
		})
	}
	const frame = region.frame ?? film
	if (Math.abs((frame.width * film.height) / (frame.height * film.width) - 1) > 0.01) {
		throw new UserError(`The boxes are of an image of ${frame.width} x ${frame.height} pixels and the film has ${film.width} x ${film.height}: they are not of the same shape.`)
	}
	const scale = Math.min(1, LONGEST_SIDE / Math.max(film.width, film.height))
	const width = Math.max(1, Math.round(film.width * scale))
	const height = Math.max(1, Math.round(film.height * scale))
	const [across, down] = [width / frame.width, height / frame.height]
	return { mask: maskOfBoxes(region.boxes.map((box) => ({ x: box.x * across, y: box.y * down, width: box.width * across, height: box.height * down })), width, height), sha256: '' }
}

/** The first of the names that is one of the labels (compared without case and punctuation); null where none is. */
export function labelNamed(names: readonly string[], labels: readonly string[]): string | null {
	for (const name of names) {
		const found = labels.find((label) => label === name) ?? labels.find((label) => plainName(label) === plainName(name))
		if (found !== undefined) return found
	}
	return null
}

/** Findings of one label as one region: boxes together; of several masks it is not known whether they say the same, so there may be only one. */
export function regionsByLabel(findings: readonly Finding[], labels: readonly string[]): { regions: Map<string, TruthRegion>; unknown: string[] } {
	const regions = new Map<string, TruthRegion>()
	const unknown: string[] = []
	for (const { names, region } of findings) {
		const label = labelNamed(names, labels)
		if (label === null) {
			unknown.push(names[0] ?? '')
			continue
		}
		const known = regions.get(label)
		if (known && (known.kind !== 'boxes' || region.kind !== 'boxes')) throw new UserError(`There is more than one region of ${label}.`)
		regions.set(label, known?.kind === 'boxes' && region.kind === 'boxes' ? { ...known, boxes: [...known.boxes, ...region.boxes] } : region)
	}
	return { regions, unknown }
}
