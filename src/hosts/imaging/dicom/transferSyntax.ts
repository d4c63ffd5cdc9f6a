import type { Encoding } from './dataSet.ts'

export type Codec = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg2000' | 'htj2k'

export interface TransferSyntax extends Encoding {
	uid: string
	name: string
	deflated: boolean
	codec: Codec
	/** Of native pixel data; differs from the header's in GE's private syntax only. */
	littleEndianPixels: boolean
	/** The syntax can lose information; whether it did is for the file to say. */
	canLose: boolean
}

function syntax(uid: string, name: string, codec: Codec, differences: Partial<TransferSyntax> = {}): [string, TransferSyntax] {
	return [uid, { uid, name, codec, explicit: true, littleEndian: true, littleEndianPixels: true, deflated: false, canLose: false, ...differences }]
}

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2'
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1'
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2'

const SUPPORTED = new Map<string, TransferSyntax>([
	syntax(IMPLICIT_LITTLE, 'Implicit VR Little Endian', 'native', { explicit: false }),
	syntax(EXPLICIT_LITTLE, 'Explicit VR Little Endian', 'native'),
	syntax('1.2.840.10008.1.2.1.98', 'Encapsulated Uncompressed Explicit VR Little Endian', 'native'),
	syntax('1.2.840.10008.1.2.1.99', 'Deflated Explicit VR Little Endian', 'native', { deflated: true }),
	syntax(EXPLICIT_BIG, 'Explicit VR Big Endian', 'native', { littleEndian: false, littleEndianPixels: false }),
	syntax('1.2.840.113619.5.2', 'GE implicit VR little endian with big endian pixels', 'native', { explicit: false, littleEndianPixels: false }),
	syntax('1.2.840.10008.1.2.5', 'RLE Lossless', 'rle'),
	syntax('1.2.840.10008.1.2.4.50', 'JPEG Baseline (Process 1)', 'jpeg', { canLose: true }),
	syntax('1.2.840.10008.1.2.4.51', 'JPEG Extended (Process 2 and 4)', 'jpeg', { canLose: true }),
	syntax('1.2.840.10008.1.2.4.53', 'JPEG Spectral Selection (Process 6 and 8)', 'jpeg', { canLose: true }),
	syntax('1.2.840.10008.1.2.4.55', 'JPEG Full Progression (Process 10 and 12)', 'jpeg', { canLose: true }),
	syntax('1.2.840.10008.1.2.4.57', 'JPEG Lossless (Process 14)', 'jpeg'),
	syntax('1.2.840.10008.1.2.4.70', 'JPEG Lossless (Process 14, Selection Value 1)', 'jpeg'),
	syntax('1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless', 'jpeg-ls'),
	syntax('1.2.840.10008.1.2.4.81', 'JPEG-LS Near-Lossless', 'jpeg-ls', { canLose: true }),
	syntax('1.2.840.10008.1.2.4.90', 'JPEG 2000 Lossless', 'jpeg2000'),
	syntax('1.2.840.10008.1.2.4.91', 'JPEG 2000', 'jpeg2000', { canLose: true }),
	syntax('1.2.840.10008.1.2.4.201', 'High-Throughput JPEG 2000 Lossless', 'htj2k'),
	syntax('1.2.840.10008.1.2.4.202', 'High-Throughput JPEG 2000 RPCL Lossless', 'htj2k'),
	syntax('1.2.840.10008.1.2.4.203', 'High-Throughput JPEG 2000', 'htj2k', { canLose: true }),
])

const UNSUPPORTED: [prefix: string, name: string][] = [
	['1.2.840.10008.1.2.4.100', 'MPEG-2 video'], ['1.2.840.10008.1.2.4.101', 'MPEG-2 video'],
	['1.2.840.10008.1.2.4.102', 'MPEG-4 video'], ['1.2.840.10008.1.2.4.103', 'MPEG-4 video'], ['1.2.840.10008.1.2.4.104', 'MPEG-4 video'],
	['1.2.840.10008.1.2.4.105', 'MPEG-4 video'], ['1.2.840.10008.1.2.4.106', 'MPEG-4 video'],
	['1.2.840.10008.1.2.4.107', 'HEVC video'], ['1.2.840.10008.1.2.4.108', 'HEVC video'],
	['1.2.840.10008.1.2.4.110', 'JPEG XL'], ['1.2.840.10008.1.2.4.111', 'JPEG XL'], ['1.2.840.10008.1.2.4.112', 'JPEG XL'],
	['1.2.840.10008.1.2.4.92', 'JPEG 2000 Part 2 multi-component'], ['1.2.840.10008.1.2.4.93', 'JPEG 2000 Part 2 multi-component'],
	['1.2.840.10008.1.2.4.94', 'JPIP, whose pixels are on a server'], ['1.2.840.10008.1.2.4.95', 'JPIP, whose pixels are on a server'],
	['1.2.840.10008.1.2.4.204', 'JPIP, whose pixels are on a server'], ['1.2.840.10008.1.2.4.205', 'JPIP, whose pixels are on a server'],
	['1.2.840.10008.1.2.7', 'SMPTE ST 2110 video'], ['1.2.840.10008.1.2.8.1', 'Deflated Image Frame compression'],
	['1.2.840.10008.1.2.6', 'a text encoding'],
]

/** The transfer syntax of a UID, or what it is called where this program cannot decode it. */
export function transferSyntax(uid: string): TransferSyntax | { unsupported: string } {
	const known = SUPPORTED.get(uid)
	if (known) return known
	const named = UNSUPPORTED.find(([prefix]) => uid === prefix || uid.startsWith(`${prefix}.`))
	return { unsupported: named ? `${named[1]} (${uid})` : `the transfer syntax ${uid.slice(0, 64)}` }
}
