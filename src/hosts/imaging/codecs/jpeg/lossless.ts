import { UserError } from '../../../../common/contract/procedures.ts'
import { BitReader } from './bitReader.ts'
import type { JpegFrame, JpegScan } from './codeStream.ts'

/** A lossless scan (T.81 annex H) into the interleaved samples of the frame; returns the position after it. */
export function decodeLosslessScan(bytes: Uint8Array, frame: JpegFrame, scan: JpegScan, samples: Uint16Array): number {
	const predictor = scan.spectralStart
	if (predictor < 1 || predictor > 7) throw new UserError('The JPEG pixel data name a predictor that does not exist.')
	if (frame.components.some(({ horizontal, vertical }) => horizontal !== frame.components[0]?.horizontal || vertical !== frame.components[0].vertical)) {
		throw new UserError('The pixel data are lossless JPEG with subsampled colour, which this program does not decode.')
	}
	const reader = new BitReader(bytes, scan.position)
	const stride = frame.components.length
	const line = frame.columns * stride
	const shift = scan.approximationLow
	const initial = 1 << Math.max(frame.precision - shift - 1, 0)
	// Restarts may only fall on the ends of lines (T.81 H.1.1 with K), so the interval is counted in lines.
	if (scan.restartInterval % frame.columns !== 0) throw new UserError('The JPEG pixel data restart within a line.')
	const linesPerRestart = scan.restartInterval / frame.columns
	for (let row = 0; row < frame.rows; row++) {
		const restarts = linesPerRestart > 0 && row > 0 && row % linesPerRestart === 0
		if (restarts) reader.restart()
		const firstLine = row === 0 || restarts
		for (let column = 0; column < frame.columns; column++) {
			for (const { index, dc } of scan.components) {
				if (!dc) throw new UserError('The JPEG pixel data lack a code table.')
				const at = row * line + column * stride + index
				let prediction: number
				if (column === 0) prediction = firstLine ? initial : (samples[at - line] as number)
				else if (firstLine) prediction = samples[at - stride] as number
				else prediction = predict(predictor, samples[at - stride] as number, samples[at - line] as number, samples[at - line - stride] as number)
				const length = reader.symbol(dc)
				if (length > 16) throw new UserError('The JPEG pixel data are damaged.')
				samples[at] = prediction + (length === 16 ? 32768 : reader.readSigned(length))
			}
		}
	}
	return reader.position
}

/** T.81 table H.1: from the sample to the left, above, and above left. */
function predict(predictor: number, left: number, above: number, corner: number): number {
	switch (predictor) {
		case 1: return left
		case 2: return above
		case 3: return corner
		case 4: return left + above - corner
		case 5: return left + ((above - corner) >> 1)
		case 6: return above + ((left - corner) >> 1)
		default: return (left + above) >> 1
	}
}

/** Undoes the point transform once every scan is in. */
export function shiftSamples(samples: Uint16Array, shift: number): void {
	if (shift > 0) for (let index = 0; index < samples.length; index++) samples[index] = (samples[index] as number) << shift
}
