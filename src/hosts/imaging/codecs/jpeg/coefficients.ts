import { UserError } from '../../../../common/contract/procedures.ts'
import { BitReader, type HuffmanTable } from './bitReader.ts'
import { ZIGZAG, type JpegFrame, type JpegScan } from './codeStream.ts'

/** Coefficients of one component, blocks of 64 in natural order, as many as whole MCUs need. */
export interface Plane {
	blocksAcross: number
	blocksDown: number
	/** Blocks that the image itself needs; scans of one component hold only these. */
	usedAcross: number
	usedDown: number
	coefficients: Int16Array
	seen: boolean
}

export function allocatePlanes(frame: JpegFrame): Plane[] {
	const { widest, highest, across, down } = units(frame)
	return frame.components.map(({ horizontal, vertical }) => ({
		blocksAcross: across * horizontal,
		blocksDown: down * vertical,
		usedAcross: Math.ceil(Math.ceil((frame.columns * horizontal) / widest) / 8),
		usedDown: Math.ceil(Math.ceil((frame.rows * vertical) / highest) / 8),
		coefficients: new Int16Array(across * horizontal * down * vertical * 64),
		seen: false,
	}))
}

/** Largest sampling factors and number of MCUs of an interleaved scan. */
export function units(frame: JpegFrame): { widest: number; highest: number; across: number; down: number } {
	const widest = Math.max(...frame.components.map(({ horizontal }) => horizontal))
	const highest = Math.max(...frame.components.map(({ vertical }) => vertical))
	return { widest, highest, across: Math.ceil(frame.columns / (8 * widest)), down: Math.ceil(frame.rows / (8 * highest)) }
}

/** State that blocks of a scan share. */
interface ScanState {
	reader: BitReader
	scan: JpegScan
	prediction: number[]
	endOfBandRun: number
}

type BlockDecoder = (state: ScanState, plane: Plane, at: number, entry: number, dc: HuffmanTable | undefined, ac: HuffmanTable | undefined) => void

/** A sequential or progressive scan (T.81 annexes F and G) into the planes; returns the position after it. */
export function decodeCoefficientScan(bytes: Uint8Array, frame: JpegFrame, scan: JpegScan, planes: Plane[]): number {
	const progressive = frame.process === 'progressive'
	if (progressive) {
		const { spectralStart, spectralEnd, approximationLow } = scan
		if (spectralStart > spectralEnd || spectralEnd > 63 || approximationLow > 13) throw damaged()
		if (spectralStart === 0 ? spectralEnd !== 0 : scan.components.length !== 1) throw damaged()
	}
	const state: ScanState = { reader: new BitReader(bytes, scan.position), scan, prediction: [0, 0, 0, 0], endOfBandRun: 0 }
	const decodeBlock = chooseDecoder(progressive, scan)
	const { across, down } = units(frame)
	const single = scan.components.length === 1 ? scan.components[0] : undefined
	const singlePlane = single && planes[single.index]
	const unitsAcross = singlePlane ? singlePlane.usedAcross : across
	const unitsDown = singlePlane ? singlePlane.usedDown : down
	const total = unitsAcross * unitsDown
	for (let unit = 0; unit < total; unit++) {
		if (scan.restartInterval > 0 && unit > 0 && unit % scan.restartInterval === 0) {
			state.reader.restart()
			state.prediction.fill(0)
			state.endOfBandRun = 0
		}
		const row = Math.floor(unit / unitsAcross)
		const column = unit % unitsAcross
		if (single && singlePlane) {
			decodeBlock(state, singlePlane, (row * singlePlane.blocksAcross + column) * 64, 0, single.dc, single.ac)
			continue
		}
		for (let entry = 0; entry < scan.components.length; entry++) {
			const { index, dc, ac } = scan.components[entry] as JpegScan['components'][number]
			const component = frame.components[index]
			const plane = planes[index]
			if (!component || !plane) throw damaged()
			for (let blockRow = 0; blockRow < component.vertical; blockRow++) {
				for (let blockColumn = 0; blockColumn < component.horizontal; blockColumn++) {
					const at = (row * component.vertical + blockRow) * plane.blocksAcross + column * component.horizontal + blockColumn
					decodeBlock(state, plane, at * 64, entry, dc, ac)
				}
			}
		}
	}
	for (const { index } of scan.components) {
		const plane = planes[index]
		if (plane && (!progressive || scan.spectralStart === 0)) plane.seen = true
	}
	return state.reader.position
}

const damaged = (): UserError => new UserError('The JPEG pixel data are damaged.')

function chooseDecoder(progressive: boolean, scan: JpegScan): BlockDecoder {
	if (!progressive) return sequentialBlock
	if (scan.spectralStart === 0) return scan.approximationHigh === 0 ? firstDc : refineDc
	return scan.approximationHigh === 0 ? firstAc : refineAc
}

function differenceOf(state: ScanState, dc: HuffmanTable | undefined): number {
	if (!dc) throw damaged()
	const length = state.reader.symbol(dc)
	if (length > 16) throw damaged()
	return state.reader.readSigned(length)
}

const sequentialBlock: BlockDecoder = (state, plane, at, entry, dc, ac) => {
	if (!ac) throw damaged()
	const { reader } = state
	const { coefficients } = plane
	const value = (state.prediction[entry] as number) + differenceOf(state, dc)
	state.prediction[entry] = value
	coefficients[at] = value
	for (let index = 1; index < 64; index++) {
		const symbol = reader.symbol(ac)
		const length = symbol & 15
		const run = symbol >> 4
		if (length === 0) {
			if (run < 15) return
			index += 15
			continue
		}
		index += run
		if (index > 63) throw damaged()
		coefficients[at + (ZIGZAG[index] as number)] = reader.readSigned(length)
	}
}

const firstDc: BlockDecoder = (state, plane, at, entry, dc) => {
	const value = (state.prediction[entry] as number) + differenceOf(state, dc)
	state.prediction[entry] = value
	plane.coefficients[at] = value << state.scan.approximationLow
}

const refineDc: BlockDecoder = (state, plane, at) => {
	if (state.reader.read(1)) plane.coefficients[at] = (plane.coefficients[at] as number) | (1 << state.scan.approximationLow)
}

const firstAc: BlockDecoder = (state, plane, at, _entry, _dc, ac) => {
	if (!ac) throw damaged()
	if (state.endOfBandRun > 0) {
		state.endOfBandRun--
		return
	}
	const { reader, scan } = state
	for (let index = scan.spectralStart; index <= scan.spectralEnd; index++) {
		const symbol = reader.symbol(ac)
		const length = symbol & 15
		const run = symbol >> 4
		if (length === 0) {
			if (run < 15) {
				state.endOfBandRun = (1 << run) - 1 + reader.read(run)
				return
			}
			index += 15
			continue
		}
		index += run
		if (index > 63) throw damaged()
		plane.coefficients[at + (ZIGZAG[index] as number)] = reader.readSigned(length) << scan.approximationLow
	}
}

const refineAc: BlockDecoder = (state, plane, at, _entry, _dc, ac) => {
	if (!ac) throw damaged()
	const { reader, scan } = state
	const { coefficients } = plane
	const one = 1 << scan.approximationLow
	const refine = (position: number): void => {
		const value = coefficients[position] as number
		if (reader.read(1) && (Math.abs(value) & one) === 0) coefficients[position] = value + (value > 0 ? one : -one)
	}
	let index = scan.spectralStart
	if (state.endOfBandRun === 0) {
		for (; index <= scan.spectralEnd; index++) {
			const symbol = reader.symbol(ac)
			let run = symbol >> 4
			let fresh = 0
			if ((symbol & 15) !== 0) fresh = reader.read(1) ? one : -one
			else if (run < 15) {
				state.endOfBandRun = (1 << run) + reader.read(run)
				break
			}
			for (; index <= scan.spectralEnd; index++) {
				const position = at + (ZIGZAG[index] as number)
				if (coefficients[position] !== 0) refine(position)
				else if (--run < 0) break
			}
			if (fresh !== 0 && index <= scan.spectralEnd) coefficients[at + (ZIGZAG[index] as number)] = fresh
		}
	}
	if (state.endOfBandRun > 0) {
		for (; index <= scan.spectralEnd; index++) {
			const position = at + (ZIGZAG[index] as number)
			if (coefficients[position] !== 0) refine(position)
		}
		state.endOfBandRun--
	}
}
