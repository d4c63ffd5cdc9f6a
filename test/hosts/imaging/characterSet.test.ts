import { describe, expect, it } from 'vitest'
import { decodeText } from '../../../src/hosts/imaging/dicom/characterSet.ts'
import { tidyText } from '../../../src/hosts/imaging/dicom/values.ts'

function bytes(hexadecimal: string): Uint8Array {
	return Uint8Array.from(hexadecimal.split(' '), (pair) => Number.parseInt(pair, 16))
}

/** The examples of PS3.5 annexes H to K, and the same name in the other repertoires. */
describe('character sets', () => {
	it.each<[string, string[], string, string]>([
		['Japanese, ISO 2022 (H.3.1)', ['', 'ISO 2022 IR 87'],
			'59 61 6d 61 64 61 5e 54 61 72 6f 75 3d 1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42 3d 1b 24 42 24 64 24 5e 24 40 1b 28 42 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 42',
			'Yamada^Tarou=山田^太郎=やまだ^たろう'],
		['Japanese, katakana and kanji (H.3.2)', ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
			'd4 cf c0 de 5e c0 db b3 3d 1b 24 42 3b 33 45 44 1b 28 4a 5e 1b 24 42 42 40 4f 3a 1b 28 4a 3d 1b 24 42 24 64 24 5e 24 40 1b 28 4a 5e 1b 24 42 24 3f 24 6d 24 26 1b 28 4a',
			'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう'],
		['Korean, ISO 2022 (I.2)', ['', 'ISO 2022 IR 149'],
			'48 6f 6e 67 5e 47 69 6c 64 6f 6e 67 3d 1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7 3d 1b 24 29 43 c8 ab 5e 1b 24 29 43 b1 e6 b5 bf',
			'Hong^Gildong=洪^吉洞=홍^길동'],
		['Chinese, UTF-8 (J.1)', ['ISO_IR 192'], '57 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d e7 8e 8b 5e e5 b0 8f e6 9d b1 3d', 'Wang^XiaoDong=王^小東='],
		['Chinese, GB18030 (J.2)', ['GB18030'], '57 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d cd f5 5e d0 a1 b6 ab 3d', 'Wang^XiaoDong=王^小东='],
		['Chinese, GB 2312 in ISO 2022 (K.2)', ['', 'ISO 2022 IR 58'], '5a 68 61 6e 67 5e 58 69 61 6f 44 6f 6e 67 3d 1b 24 29 41 d5 c5 5e 1b 24 29 41 d0 a1 b6 ab 3d', 'Zhang^XiaoDong=张^小东='],
		['Western European', ['ISO_IR 100'], '42 75 63 5e 4a e9 72 f4 6d 65', 'Buc^Jérôme'],
		['Cyrillic', ['ISO_IR 144'], 'bb ee dc d1 d5 e0 d3', 'Люмберг'],
		['Greek', ['ISO_IR 126'], 'c4 e9 ef ed f5 f3 e9 ef f2', 'Διονυσιος'],
		['Arabic', ['ISO_IR 127'], 'e2 c8 c7 e6 ea', 'قباني'],
		['Hebrew', ['ISO_IR 138'], 'f9 f8 e5 ef', 'שרון'],
		['nothing stated', [], '44 6f 65 5e 4a 61 6e 65', 'Doe^Jane'],
		['something unknown', ['ISO_IR 999'], '44 6f 65', 'Doe'],
	])('%s', (_name, sets, input, expected) => {
		expect(decodeText(bytes(input), sets)).toBe(expected)
	})

	it('takes control characters and turned text direction out of what is shown', () => {
		expect(tidyText(' a\u0000b\u0007\u202Ec\u2066 ')).toBe('abc')
		expect(tidyText('x'.repeat(5000))).toHaveLength(1024)
	})
})
