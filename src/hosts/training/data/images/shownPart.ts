import type { FilmRegion } from '../../../../common/contract/primitives.ts'
import type { InputRecipe } from '../../../../common/contract/training/recipe.ts'
import { pixelBoxOf } from '../../../../common/imaging/region.ts'
import { partOf } from '../../../inference/preprocess.ts'
import type { ShownImage } from './openImage.ts'

/** What a network is shown of a film. */
export interface ShownPart {
	region: FilmRegion
	/** Painted black, to see what the rest tells; null: nothing is. */
	hidden: FilmRegion | null
}

/** The part of an image before it is made small, with its grey values changed as the network wants them; without a part all of it. */
export function showPart({ sha256, planes, width, height }: ShownImage, part: ShownPart | null, tones: InputRecipe['tones']): ShownImage {
	const hidden = part?.hidden
	const left = hidden ? planes.map((plane) => painted(plane, width, height, hidden)) : planes
	return { sha256, ...partOf({ planes: left, width, height }, part?.region ?? null, tones) }
}

function painted(plane: Uint8Array, width: number, height: number, hidden: FilmRegion): Uint8Array {
	const box = pixelBoxOf(hidden, width, height)
	const result = plane.slice()
	for (let row = box.y; row < box.y + box.height; row++) result.fill(0, row * width + box.x, row * width + box.x + box.width)
	return result
}
