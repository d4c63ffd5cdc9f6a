import sharp from 'sharp'
import { UserError } from '../../../common/contract/procedures.ts'
import type { FileKind } from '../../../common/contract/frame.ts'
import type { MetadataRow } from '../../../common/contract/study.ts'
import { tidyText } from '../dicom/values.ts'
import { LIMITS } from '../limits.ts'

/** What a PNG, JPEG or TIFF file says of itself, as rows of the metadata table. @throws UserError where it cannot be read. */
export async function rasterMetadataRows(bytes: Uint8Array, kind: FileKind): Promise<MetadataRow[]> {
	try {
		const found = await sharp(bytes, { limitInputPixels: LIMITS.side * LIMITS.side }).metadata()
		const rows: [keyword: string, value: string | number | boolean | undefined][] = [
			['Format', kind.toUpperCase()], ['Columns', found.width], ['Rows', found.height], ['Colour space', found.space], ['Channels', found.channels],
			['Sample type', found.depth], ['Alpha', found.hasAlpha], ['Progressive', found.isProgressive], ['Chroma subsampling', found.chromaSubsampling],
			['Compression', found.compression], ['Pages', found.pages], ['EXIF orientation', found.orientation], ['Printing density (dpi)', found.density],
			...(found.comments ?? []).slice(0, 64).map(({ keyword, text }): [string, string] => [tidyText(keyword), text]),
		]
		return rows.filter(([, value]) => value !== undefined).map(([keyword, value]) => ({ tag: '', keyword, vr: '', value: tidyText(String(value)), depth: 0 }))
	} catch (error) {
		throw new UserError('The header of the file is damaged.', String(error))
	}
}
