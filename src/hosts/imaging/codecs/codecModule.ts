import { createRequire } from 'node:module'
import { UserError } from '../../../common/contract/procedures.ts'

/** What the WebAssembly decoders of @cornerstonejs/codec-* have in common. */
export interface WasmDecoder {
	getEncodedBuffer(length: number): Uint8Array
	getDecodedBuffer(): Uint8Array
	getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned?: boolean }
	decode(): void
	delete(): void
}

export interface WasmDecoderExtras {
	getInterleaveMode?(): number
	getErrorMessage?(): string
}

type CodecModule = Record<string, new () => WasmDecoder & WasmDecoderExtras>
type CodecFactory = (options: { print(text: string): void; printErr(text: string): void }) => Promise<CodecModule>

/** One decoded frame: samples interleaved unless planar. */
export interface Decoded {
	columns: number
	rows: number
	components: number
	/** Bits per sample of the code stream. */
	bits: number
	signed: boolean
	samples: Uint8Array | Uint16Array | Int8Array | Int16Array
	planar?: boolean
}

// Not called require: the build puts a shim of that name into every chunk.
const nodeRequire = createRequire(import.meta.url)
const modules = new Map<string, CodecModule>()

/** The codecs complain on the console; what they say is of no use to a reader, and the command line's stdout is not theirs. */
function silent(): void {}

/** Loads a codec once. */
async function codecModule(path: string): Promise<CodecModule> {
	const known = modules.get(path)
	if (known) return known
	const exported = nodeRequire(path) as CodecFactory | { default: CodecFactory }
	const factory = typeof exported === 'function' ? exported : exported.default
	const loaded = await factory({ print: silent, printErr: silent })
	modules.set(path, loaded)
	return loaded
}

/**
 * Runs a WebAssembly decoder over one code stream. After any fault its module is dropped, since its memory can be in any state.
 * @throws UserError where the code stream is damaged.
 */
export async function decodeWithWasm(path: string, decoderName: string, format: string, encoded: Uint8Array): Promise<Decoded> {
	const loaded = await codecModule(path)
	const Decoder = loaded[decoderName]
	if (!Decoder) throw new Error(`${path} has no ${decoderName}.`)
	try {
		const decoder = new Decoder()
		decoder.getEncodedBuffer(encoded.length).set(encoded)
		decoder.decode()
		const information = decoder.getFrameInfo()
		const bytes = decoder.getDecodedBuffer().slice()
		const planar = decoder.getInterleaveMode?.() === 0 && information.componentCount > 1
		decoder.delete()
		const signed = information.isSigned === true
		return {
			columns: information.width, rows: information.height, components: information.componentCount, bits: information.bitsPerSample, signed, planar,
			samples: typed(bytes, information.bitsPerSample > 8, signed),
		}
	} catch (error) {
		modules.delete(path)
		throw new UserError(`The ${format} pixel data are damaged or cut off.`, String(error))
	}
}

function typed(bytes: Uint8Array, wide: boolean, signed: boolean): Decoded['samples'] {
	if (!wide) return signed ? new Int8Array(bytes.buffer) : bytes
	const count = Math.floor(bytes.byteLength / 2)
	return signed ? new Int16Array(bytes.buffer, 0, count) : new Uint16Array(bytes.buffer, 0, count)
}
