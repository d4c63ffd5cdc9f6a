import { createRequire } from 'node:module'
import type { Samples } from './jpegEncoder.ts'

interface WasmEncoder {
	getDecodedBuffer(frame: object): Uint8Array
	getEncodedBuffer(): Uint8Array
	encode(): void
	delete(): void
	setNearLossless(value: number): void
	setInterleaveMode(value: number): void
	setQuality(lossless: boolean, quality: number): void
	setDecompositions(value: number): void
}

const require = createRequire(import.meta.url)

async function encodeWithWasm(path: string, encoderName: string, image: Samples, bits: number, signed: boolean, configure: (encoder: WasmEncoder) => void): Promise<Uint8Array> {
	const factory = require(path) as (options: object) => Promise<Record<string, new () => WasmEncoder>>
	const module = await factory({ print: () => undefined, printErr: () => undefined })
	const Encoder = module[encoderName]
	if (!Encoder) throw new Error(`${path} has no ${encoderName}`)
	const encoder = new Encoder()
	const { rows, columns, components, values } = image
	const words = bits > 8 ? new Uint8Array(Uint16Array.from(values, (value) => value & 0xffff).buffer) : Uint8Array.from(values)
	encoder.getDecodedBuffer({ width: columns, height: rows, bitsPerSample: bits, componentCount: components, isSigned: signed, isUsingColorTransform: components > 1 }).set(words)
	configure(encoder)
	encoder.encode()
	const encoded = encoder.getEncodedBuffer().slice()
	encoder.delete()
	return encoded
}

export function encodeJpegLs(image: Samples, bits: number, near: number): Promise<Uint8Array> {
	return encodeWithWasm('@cornerstonejs/codec-charls/wasmjs', 'JpegLSEncoder', image, bits, false, (encoder) => {
		encoder.setNearLossless(near)
		encoder.setInterleaveMode(image.components > 1 ? 2 : 0)
	})
}

export function encodeJpeg2000(image: Samples, bits: number, signed: boolean, lossless: boolean): Promise<Uint8Array> {
	return encodeWithWasm('@cornerstonejs/codec-openjpeg/wasmjs', 'J2KEncoder', image, bits, signed, (encoder) => {
		encoder.setDecompositions(3)
		encoder.setQuality(lossless, 0)
	})
}

export function encodeHtj2k(image: Samples, bits: number, signed: boolean, lossless: boolean): Promise<Uint8Array> {
	return encodeWithWasm('@cornerstonejs/codec-openjph/wasmjs', 'HTJ2KEncoder', image, bits, signed, (encoder) => {
		encoder.setDecompositions(3)
		encoder.setQuality(lossless, lossless ? 0 : 0.0005)
	})
}

/** RLE Lossless of PS3.5 annex G: one segment per byte of a sample, most significant first. */
export function encodeRle(image: Samples, bytesPerSample: number): Uint8Array {
	const pixels = image.rows * image.columns
	const segments: number[][] = []
	for (let component = 0; component < image.components; component++) {
		for (let byte = bytesPerSample - 1; byte >= 0; byte--) {
			segments.push(packBits(Array.from({ length: pixels }, (_, pixel) => ((image.values[pixel * image.components + component] as number) >> (8 * byte)) & 0xff)))
		}
	}
	const header = new Uint32Array(16)
	header[0] = segments.length
	let offset = 64
	for (const [index, segment] of segments.entries()) {
		header[index + 1] = offset
		offset += segment.length
	}
	return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()])
}

function packBits(values: number[]): number[] {
	const packed: number[] = []
	let index = 0
	while (index < values.length) {
		let run = 1
		while (run < 128 && values[index + run] === values[index]) run++
		if (run > 1) {
			packed.push(257 - run, values[index] as number)
			index += run
			continue
		}
		const start = index
		while (index < values.length && index - start < 128 && values[index] !== values[index + 1]) index++
		packed.push(index - start - 1, ...values.slice(start, index))
	}
	return packed.length % 2 === 0 ? packed : [...packed, 128]
}
