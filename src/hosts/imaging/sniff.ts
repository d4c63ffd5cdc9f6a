import type { FileKind } from '../../common/contract/frame.ts'
import { guessEncoding, hasPreamble } from './dicom/part10.ts'

/** Bytes from the beginning of a file that are enough to tell what it is. */
export const SNIFFED_BYTES = 4096

export type Sniffed = { kind: FileKind } | { archive: 'zip' } | { refused: string }

/** Beginnings of files that are not images, or images of a kind that is not read; * stands for any byte. */
const OTHERS: [beginning: string, name: string][] = [
	['25504446', 'a PDF document'],
	['474946383', 'a GIF image'],
	['424d********0000', 'a Windows bitmap'],
	['52494646********57454250', 'a WebP image'],
	['52494646', 'a sound or video file'],
	['49492b00', 'a BigTIFF image'],
	['4d4d002b', 'a BigTIFF image'],
	['ff4fff51', 'a bare JPEG 2000 code stream'],
	['0000000c6a502020', 'a JPEG 2000 image'],
	['ff0a', 'a JPEG XL image'],
	['0000000c4a584c20', 'a JPEG XL image'],
	['********66747970', 'a video or an HEIF image'],
	['1f8b', 'a gzip archive'],
	['377abcaf271c', 'a 7-Zip archive'],
	['526172211a07', 'a RAR archive'],
	['fd377a585a00', 'an xz archive'],
	['425a68', 'a bzip2 archive'],
	['28b52ffd', 'a Zstandard archive'],
	['4d5a', 'a Windows program'],
	['7f454c46', 'a Linux program'],
	['53514c69746520666f726d6174', 'an SQLite database'],
	['894844460d0a1a0a', 'an HDF5 file'],
	['5c010000', 'a NIfTI image'],
	['d0cf11e0a1b11ae1', 'an old Office document'],
	['4e52524430', 'an NRRD image'],
]

/**
 * What the bytes are, by content only. `head` is the beginning of the file (SNIFFED_BYTES or all of it), `size` its whole length.
 * Anything that is not an image or a ZIP archive is refused with a sentence that says what it looks like.
 */
export function sniff(head: Uint8Array, size: number): Sniffed {
	if (size === 0) return { refused: 'The file is empty.' }
	if (hasPreamble(head)) return { kind: 'dicom' }
	const beginning = Array.from(head.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
	if (beginning.startsWith('89504e470d0a1a0a')) return { kind: 'png' }
	if (beginning.startsWith('ffd8fff7')) return { refused: 'It looks like a bare JPEG-LS code stream, which says nothing of what it shows.' }
	if (beginning.startsWith('ffd8ff')) return { kind: 'jpeg' }
	if (beginning.startsWith('49492a00') || beginning.startsWith('4d4d002a')) return { kind: 'tiff' }
	if (/^504b(0304|0506|0708)/.test(beginning)) return { archive: 'zip' }
	const other = OTHERS.find(([pattern]) => [...pattern].every((digit, index) => digit === '*' || digit === beginning[index]))
	if (other) return { refused: `It looks like ${other[1]}, which is not read; DICOM, PNG, JPEG, TIFF and ZIP are.` }
	if (guessEncoding(head, 0)) return { kind: 'dicom' }
	if (head.every((byte) => byte === 0)) return { refused: 'The file begins with nothing but zeros; it may not have been copied completely.' }
	const kind = looksLikeText(head) ? textKind(head) : 'no known kind of image'
	return { refused: `It looks like ${kind}; DICOM, PNG, JPEG, TIFF and ZIP are read.` }
}

function looksLikeText(head: Uint8Array): boolean {
	return head.every((byte) => byte === 9 || byte === 10 || byte === 12 || byte === 13 || byte === 27 || byte >= 32)
}

function textKind(head: Uint8Array): string {
	const beginning = new TextDecoder('latin1').decode(head.subarray(0, 256)).trimStart().toLowerCase()
	if (beginning.startsWith('<!doctype html') || beginning.startsWith('<html')) return 'a web page'
	if (beginning.startsWith('<')) return 'an XML text'
	if (beginning.startsWith('{') || beginning.startsWith('[')) return 'a JSON text'
	return 'a text'
}
