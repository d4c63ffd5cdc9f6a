import { UserError } from '../../../common/contract/procedures.ts'
import type { Codec } from '../dicom/transferSyntax.ts'
import { decodeWithWasm, type Decoded } from './codecModule.ts'
import { jpeg2000CodeStream, jpeg2000Header, jpegLsHeader, type CodeStreamHeader } from './headers.ts'
import { decodeJpeg, type DecodedJpeg } from './jpeg/decodeJpeg.ts'

interface Expected {
	rows: number
	columns: number
	components: number
}

/** A decoded frame, and what its JPEG markers say of colour where there are any. */
export type DecodedFrame = Decoded & Partial<Pick<DecodedJpeg, 'adobeTransform' | 'jfif' | 'process'>>

/**
 * Decodes the code stream of one frame, without colour conversion (JPEG 2000 undoes its own component transform, as it always does).
 * @throws UserError where it is damaged, cut off, or of another size than the header states.
 */
export async function decodeCodeStream(codec: Exclude<Codec, 'native' | 'rle'>, encoded: Uint8Array, expected: Expected): Promise<DecodedFrame> {
	const decoded = await decodeAs(codec, encoded, expected)
	if (decoded.rows !== expected.rows || decoded.columns !== expected.columns || decoded.components !== expected.components) throw otherSize(decoded)
	if (decoded.samples.length < expected.rows * expected.columns * expected.components) throw new UserError('The decoder gave fewer pixels than the image has.')
	return decoded
}

function decodeAs(codec: Exclude<Codec, 'native' | 'rle'>, encoded: Uint8Array, expected: Expected): Promise<DecodedFrame> | DecodedFrame {
	switch (codec) {
		case 'jpeg': return decodeJpeg(encoded, expected)
		case 'jpeg-ls':
			check(jpegLsHeader(encoded), expected)
			return decodeWithWasm('@cornerstonejs/codec-charls/decodewasmjs', 'JpegLSDecoder', 'JPEG-LS', encoded)
		case 'jpeg2000': {
			const stream = jpeg2000CodeStream(encoded)
			check(jpeg2000Header(stream), expected)
			return decodeWithWasm('@cornerstonejs/codec-openjpeg/decodewasmjs', 'J2KDecoder', 'JPEG 2000', stream)
		}
		case 'htj2k': {
			const stream = jpeg2000CodeStream(encoded)
			check(jpeg2000Header(stream), expected)
			return decodeWithWasm('@cornerstonejs/codec-openjph/wasmjs', 'HTJ2KDecoder', 'HTJ2K', stream)
		}
	}
}

function check(header: CodeStreamHeader, expected: Expected): void {
	if (header.rows !== expected.rows || header.columns !== expected.columns || header.components !== expected.components) throw otherSize(header)
	if (header.bits > 16) throw new UserError(`The compressed pixel data have ${header.bits} bits per sample; up to 16 are supported.`)
}

function otherSize(found: Expected): UserError {
	return new UserError(`The compressed pixel data are ${found.columns} x ${found.rows} with ${found.components} components, which is not what the header says.`)
}
