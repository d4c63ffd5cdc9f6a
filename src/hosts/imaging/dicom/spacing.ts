import type { Spacing } from '../../../common/contract/frame.ts'
import type { DataSet } from './dataSet.ts'
import { sourceOf } from './functionalGroups.ts'
import { tags } from './tags.ts'
import { numberValues, textValue } from './values.ts'

/** Modalities whose image is a projection: their spacing depends on where between tube and detector one measures. */
const PROJECTION = new Set(['CR', 'DX', 'RG', 'MG', 'IO', 'PX', 'RF', 'XA', 'DR', 'XC'])

function pair(sources: DataSet[], tag: number): [number, number] | null {
	const [row, column] = numberValues(sourceOf(sources, tag), tag)
	return row !== undefined && column !== undefined && row > 0 && column > 0 && row < 1000 && column < 1000 ? [row, column] : null
}

/** The spacing that the file states and what it means (PS3.3 10.7), or null: none is ever made up. */
export function pixelSpacing(sources: DataSet[], modality: string): Spacing | null {
	const stated = pair(sources, tags.pixelSpacing)
	const imager = pair(sources, tags.imagerPixelSpacing)
	const scanned = pair(sources, tags.nominalScannedPixelSpacing)
	if (stated) {
		const [row, column] = stated
		return { row, column, source: 'PixelSpacing', meaning: meaningOfPixelSpacing(sources, modality, stated, imager) }
	}
	if (imager) return { row: imager[0], column: imager[1], source: 'ImagerPixelSpacing', meaning: 'at the detector, not corrected for magnification' }
	if (scanned) return { row: scanned[0], column: scanned[1], source: 'NominalScannedPixelSpacing', meaning: 'on the scanned film, not corrected for magnification' }
	return null
}

function meaningOfPixelSpacing(sources: DataSet[], modality: string, stated: [number, number], imager: [number, number] | null): string {
	if (!PROJECTION.has(modality)) return 'in the plane of the image'
	const type = textValue(sourceOf(sources, tags.pixelSpacingCalibrationType), tags.pixelSpacingCalibrationType)
	if (type === 'FIDUCIAL') return 'calibrated with an object of known size'
	if (type === 'GEOMETRY') return 'corrected for an assumed magnification'
	if (imager && imager[0] === stated[0] && imager[1] === stated[1]) return 'at the detector, not corrected for magnification'
	if (imager) return 'calibrated, the file does not say how'
	return 'the file does not say whether at the detector or in the patient'
}
