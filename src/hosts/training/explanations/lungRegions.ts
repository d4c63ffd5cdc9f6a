import type { LungPack } from '../../../common/contract/lungs.ts'
import type { ModelManifest } from '../../../common/contract/model.ts'
import type { FilmRegion } from '../../../common/contract/primitives.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { pixelBoxOf, regionOf } from '../../../common/imaging/region.ts'
import { lungCrop } from '../../../common/lungs/crop.ts'
import { openLungNetwork } from '../../inference/lungs.ts'
import type { ShownImage } from '../data/images/openImage.ts'

/** Finds the part of a film that a network sees. */
export interface LungRegions {
	/** Of the network that finds the lungs. */
	sha256: string
	/** Borders lie on the film's pixels. @param image In grey. @throws UserError where two lungs are not found. */
	regionOf(image: ShownImage, margin: number): Promise<FilmRegion>
	release(): Promise<void>
}

/**
 * Null where none of the networks sees the lungs alone.
 * @throws UserError where one does and there is no lung network.
 */
export async function openLungRegions(manifests: readonly ModelManifest[], pack: LungPack | null | undefined): Promise<LungRegions | null> {
	const needy = manifests.find(({ input }) => input.region)
	if (!needy) return null
	if (needy.input.region?.of === 'background') throw new UserError(`The network ${needy.title} was shown films without their lungs; it reads none.`)
	if (!pack || 'fault' in pack) throw new UserError(`The network ${needy.title} sees the lungs alone, and they cannot be looked for. ${pack?.fault ?? 'No lung network is installed.'}`)
	const network = await openLungNetwork(pack.directory, pack.manifest)
	/** By the film's SHA-256: two networks look at each. */
	const boxes = new Map<string, { box: FilmRegion | null; reasons: readonly string[] }>()
	return {
		sha256: pack.manifest.sha256,
		async regionOf(image, margin) {
			const found = boxes.get(image.sha256) ?? (await network.find(image.planes[0] ?? new Uint8Array(0), image.width, image.height)).findings
			boxes.set(image.sha256, found)
			if (!found.box) throw new UserError(found.reasons.join(' '))
			return regionOf(pixelBoxOf(lungCrop({ box: found.box }, margin), image.width, image.height), image.width, image.height)
		},
		release: () => network.release(),
	}
}
