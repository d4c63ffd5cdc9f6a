import { UserError } from '../../../../common/contract/procedures.ts'
import { huffmanTable, type HuffmanTable } from './bitReader.ts'

export interface JpegComponent {
	id: number
	horizontal: number
	vertical: number
	quantisation: number
}

/** The frame header of a JPEG code stream. */
export interface JpegFrame {
	process: 'sequential' | 'progressive' | 'lossless'
	precision: number
	rows: number
	columns: number
	components: JpegComponent[]
}

export interface JpegScan {
	/** Index into the frame's components, and tables chosen for it. */
	components: { index: number; dc: HuffmanTable | undefined; ac: HuffmanTable | undefined }[]
	/** First and last coefficient; of lossless scans the predictor. */
	spectralStart: number
	spectralEnd: number
	approximationHigh: number
	/** Point transform of lossless scans. */
	approximationLow: number
	restartInterval: number
	/** Of the entropy-coded bytes. */
	position: number
}

export interface JpegTables {
	quantisation: (Uint16Array | undefined)[]
}

/** Order of coefficients in the stream (T.81 figure A.6). */
export const ZIGZAG = Uint8Array.from([
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22,
	15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
])

const damaged = (): UserError => new UserError('The JPEG pixel data have a damaged header.')

/**
 * Walks through the markers of a JPEG code stream (T.81 annex B); `onScan` decodes a scan and returns the position after it, or null to stop.
 * @returns the Adobe colour transform (APP14) or null, and whether a JFIF marker is there.
 * @throws UserError where the stream is damaged or of a process that is not Huffman-coded sequential, progressive or lossless.
 */
export function readJpeg(
	bytes: Uint8Array,
	onFrame: (frame: JpegFrame) => void,
	onScan: (scan: JpegScan, tables: JpegTables) => number | null,
): { adobeTransform: number | null; jfif: boolean } {
	if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new UserError('The pixel data are not JPEG as the file states.')
	const quantisation: (Uint16Array | undefined)[] = []
	const dcTables: (HuffmanTable | undefined)[] = []
	const acTables: (HuffmanTable | undefined)[] = []
	let frame: JpegFrame | null = null
	let restartInterval = 0
	let adobeTransform: number | null = null
	let jfif = false
	let position = 2
	for (;;) {
		// Bytes between segments are skipped up to the next marker; the stream may also end without its end mark.
		while (position < bytes.length && bytes[position] !== 0xff) position++
		while (bytes[position] === 0xff && bytes[position + 1] === 0xff) position++
		const marker = bytes[position + 1]
		if (marker === undefined || marker === 0xd9) return { adobeTransform, jfif }
		position += 2
		if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue
		const length = ((bytes[position] ?? 0) << 8) | (bytes[position + 1] ?? 0)
		const end = position + length
		if (length < 2 || end > bytes.length) throw damaged()
		const segment = bytes.subarray(position + 2, end)
		position = end
		if (marker === 0xdb) readQuantisation(segment, quantisation)
		else if (marker === 0xc4) readHuffman(segment, dcTables, acTables)
		else if (marker === 0xdd) restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0)
		else if (marker === 0xe0 && segment[0] === 0x4a && segment[1] === 0x46) jfif = true
		else if (marker === 0xee && segment.length >= 12 && segment[0] === 0x41 && segment[1] === 0x64) adobeTransform = segment[11] ?? null
		else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) {
			if (frame) throw damaged()
			frame = readFrame(marker, segment)
			onFrame(frame)
		} else if (marker === 0xda) {
			if (!frame) throw damaged()
			const scan = readScan(segment, frame, dcTables, acTables)
			const after = onScan({ ...scan, restartInterval, position }, { quantisation })
			if (after === null) return { adobeTransform, jfif }
			position = after
		}
	}
}

function readQuantisation(segment: Uint8Array, tables: (Uint16Array | undefined)[]): void {
	let position = 0
	while (position < segment.length) {
		const header = segment[position++] as number
		const wide = header >> 4 !== 0
		if (position + (wide ? 128 : 64) > segment.length) throw damaged()
		const table = new Uint16Array(64)
		for (let index = 0; index < 64; index++) {
			const high = wide ? (segment[position++] as number) << 8 : 0
			table[ZIGZAG[index] as number] = high | (segment[position++] as number)
		}
		tables[header & 3] = table
	}
}

function readHuffman(segment: Uint8Array, dcTables: (HuffmanTable | undefined)[], acTables: (HuffmanTable | undefined)[]): void {
	let position = 0
	while (position + 17 <= segment.length) {
		const header = segment[position++] as number
		const counts = segment.slice(position, position + 16)
		position += 16
		const total = counts.reduce((sum, count) => sum + count, 0)
		if (total > 256 || position + total > segment.length) throw damaged()
		const table = huffmanTable(counts, segment.slice(position, position + total))
		position += total
		if (header >> 4 === 0) dcTables[header & 3] = table
		else acTables[header & 3] = table
	}
}

function readFrame(marker: number, segment: Uint8Array): JpegFrame {
	const processes: Record<number, JpegFrame['process']> = { 0xc0: 'sequential', 0xc1: 'sequential', 0xc2: 'progressive', 0xc3: 'lossless' }
	const process = processes[marker]
	if (!process) throw new UserError('The pixel data use a rare JPEG process (arithmetic or hierarchical) that this program does not decode.')
	const count = segment[5] ?? 0
	const frame: JpegFrame = {
		process,
		precision: segment[0] ?? 0,
		rows: ((segment[1] ?? 0) << 8) | (segment[2] ?? 0),
		columns: ((segment[3] ?? 0) << 8) | (segment[4] ?? 0),
		components: [],
	}
	if (count < 1 || count > 4 || segment.length < 6 + count * 3 || frame.rows === 0 || frame.columns === 0) throw damaged()
	for (let index = 0; index < count; index++) {
		const sampling = segment[7 + index * 3] as number
		const component = { id: segment[6 + index * 3] as number, horizontal: sampling >> 4, vertical: sampling & 15, quantisation: (segment[8 + index * 3] as number) & 3 }
		if (component.horizontal < 1 || component.horizontal > 4 || component.vertical < 1 || component.vertical > 4) throw damaged()
		frame.components.push(component)
	}
	const allowed = process === 'lossless' ? frame.precision >= 2 && frame.precision <= 16 : frame.precision === 8 || frame.precision === 12
	if (!allowed) throw damaged()
	return frame
}

function readScan(segment: Uint8Array, frame: JpegFrame, dcTables: (HuffmanTable | undefined)[], acTables: (HuffmanTable | undefined)[]): Omit<JpegScan, 'restartInterval' | 'position'> {
	const count = segment[0] ?? 0
	if (count < 1 || count > 4 || segment.length < 4 + count * 2) throw damaged()
	const components: JpegScan['components'] = []
	for (let entry = 0; entry < count; entry++) {
		const index = frame.components.findIndex(({ id }) => id === segment[1 + entry * 2])
		if (index < 0 || components.some((other) => other.index === index)) throw damaged()
		const choice = segment[2 + entry * 2] as number
		components.push({ index, dc: dcTables[(choice >> 4) & 3], ac: acTables[choice & 3] })
	}
	const approximation = segment[3 + count * 2] as number
	return {
		components,
		spectralStart: segment[1 + count * 2] as number,
		spectralEnd: segment[2 + count * 2] as number,
		approximationHigh: approximation >> 4,
		approximationLow: approximation & 15,
	}
}
