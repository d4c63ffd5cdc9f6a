/** Defined terms of Specific Character Set (PS3.3 C.12.1.1.2) to the names that TextDecoder knows. */
const SINGLE: Record<string, string> = {
	'': 'windows-1252', 'ISO_IR 6': 'windows-1252', 'ISO_IR 100': 'iso-8859-1', 'ISO_IR 101': 'iso-8859-2', 'ISO_IR 109': 'iso-8859-3',
	'ISO_IR 110': 'iso-8859-4', 'ISO_IR 144': 'iso-8859-5', 'ISO_IR 127': 'iso-8859-6', 'ISO_IR 126': 'iso-8859-7', 'ISO_IR 138': 'iso-8859-8',
	'ISO_IR 148': 'windows-1254', 'ISO_IR 203': 'iso-8859-15', 'ISO_IR 13': 'shift_jis', 'ISO_IR 166': 'windows-874', 'ISO_IR 192': 'utf-8',
	GB18030: 'gb18030', GBK: 'gbk',
}

/** Escape sequences of ISO 2022 (PS3.3 table C.12-3 and C.12-4): which half they change and what the bytes are then. */
const ESCAPES: [sequence: string, half: 'low' | 'high', coding: string][] = [
	['(B', 'low', 'ascii'], ['(J', 'low', 'ascii'], ['$B', 'low', 'jis0208'], ['$@', 'low', 'jis0208'], ['$(D', 'low', 'jis0212'],
	[')I', 'high', 'shift_jis'], ['$)C', 'high', 'euc-kr'], ['$)A', 'high', 'gb18030'],
	['-A', 'high', 'iso-8859-1'], ['-B', 'high', 'iso-8859-2'], ['-C', 'high', 'iso-8859-3'], ['-D', 'high', 'iso-8859-4'], ['-L', 'high', 'iso-8859-5'],
	['-G', 'high', 'iso-8859-6'], ['-F', 'high', 'iso-8859-7'], ['-H', 'high', 'iso-8859-8'], ['-M', 'high', 'windows-1254'], ['-T', 'high', 'windows-874'],
	['-b', 'high', 'iso-8859-15'],
]

const decoders = new Map<string, { decode(bytes: Uint8Array): string }>()

function decode(coding: string, bytes: Uint8Array): string {
	let decoder = decoders.get(coding)
	if (!decoder) decoders.set(coding, (decoder = new TextDecoder(coding)))
	return decoder.decode(bytes)
}

/** Where each part of a name or a value ends, the initial character sets apply again (PS3.5 6.1.2.5.3). */
const DELIMITERS = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x3d, 0x5c, 0x5e])

/**
 * Bytes of a text value as text. Unknown character sets are read as Latin-1, bytes that do not fit become U+FFFD;
 * neither is a reason to refuse an image.
 */
export function decodeText(bytes: Uint8Array, characterSets: readonly string[]): string {
	const first = (characterSets[0] ?? '').trim().toUpperCase()
	const initial = SINGLE[first.replace('ISO 2022 IR', 'ISO_IR')] ?? 'windows-1252'
	if (!bytes.includes(0x1b)) return decode(initial, bytes)

	let text = ''
	let low = 'ascii'
	let high = initial
	let start = 0
	const flush = (end: number): void => {
		if (end <= start) return
		const part = bytes.subarray(start, end)
		if (low === 'ascii') text += decode(high, part)
		else if (low === 'jis0208') text += decode('euc-jp', part.map((byte) => byte | 0x80))
		else text += decode('euc-jp', withPrefix(part))
	}
	let index = 0
	while (index < bytes.length) {
		const byte = bytes[index] as number
		if (byte === 0x1b) {
			const following = String.fromCharCode(...bytes.subarray(index + 1, index + 4))
			const found = ESCAPES.find(([sequence]) => following.startsWith(sequence))
			flush(index)
			if (found?.[1] === 'low') low = found[2]
			else if (found) high = found[2]
			index += found ? 1 + found[0].length : 1
			start = index
		} else if (low === 'ascii' && DELIMITERS.has(byte) && high !== initial) {
			flush(index)
			high = initial
			start = index++
		} else index++
	}
	flush(bytes.length)
	return text
}

/** JIS X 0212 in EUC-JP: each pair of bytes behind 0x8f. */
function withPrefix(pairs: Uint8Array): Uint8Array {
	const prefixed = new Uint8Array(Math.floor(pairs.length / 2) * 3)
	for (let pair = 0; pair * 2 + 1 < pairs.length; pair++) {
		prefixed[pair * 3] = 0x8f
		prefixed[pair * 3 + 1] = (pairs[pair * 2] as number) | 0x80
		prefixed[pair * 3 + 2] = (pairs[pair * 2 + 1] as number) | 0x80
	}
	return prefixed
}
