import type { FilmRegion } from '../../../../common/contract/primitives.ts'
import type { InputRecipe } from '../../../../common/contract/training/recipe.ts'
import { equalise } from '../../../../common/imaging/equalise.ts'
import { cropPlane, pixelBoxOf } from '../../../../common/imaging/region.ts'
import type { ShownImage } from './openImage.ts'

/** What a network is shown of a film. */
export interface ShownPart {
	region: FilmRegion
	/** Painted black, to see what the rest tells; null: nothing is. */
	hidden: FilmRegion | null
}

/** The part of an image before it is made small, with its grey values changed as the network wants them; without a part all of it. */
export function showPart(image: ShownImage, part: ShownPart | null, tones: InputRecipe['tones']): ShownImage {
	const { planes, ...shown } = part ? cut(image, part) : image
	return { ...shown, planes: tones === 'equalised' ? planes.map(equalise) : planes }
}

function cut({ sha256, width, height, planes }: ShownImage, { region, hidden }: ShownPart): ShownImage {
	const box = pixelBoxOf(region, width, height)
	const left = planes.map((plane) => cropPlane(hidden ? painted(plane, width, height, hidden) : plane, width, height, region).plane)
	return { sha256, width: box.width, height: box.height, planes: left }
}

function painted(plane: Uint8Array, width: number, height: number, hidden: FilmRegion): Uint8Array {
	const box = pixelBoxOf(hidden, width, height)
	const result = plane.slice()
	for (let row = box.y; row < box.y + box.height; row++) result.fill(0, row * width + box.x, row * width + box.x + box.width)
	return result
}
