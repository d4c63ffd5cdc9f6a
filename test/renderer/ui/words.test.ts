import { describe, expect, it } from 'vitest'
import { ageInWords, bytes, count, folderName, isolated, localTime, named, sexInWords } from '../../../src/renderer/ui/words.ts'

describe('words', () => {
	it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [999_499, '999 kB'], [999_500, '1.0 MB'], [12_340_000_000, '12.3 GB'], [5e15, '5000 TB']])('%d bytes as %s', (value, text) => expect(bytes(value)).toBe(text))
	it('counts', () => expect([count(1, 'study'), count(100_000, 'study'), count(0, 'file')]).toEqual(['1 study', '100,000 studies', '0 files']))
	it('names a patient as one writes it, and one without a name', () => expect([named('DOE^JANE'), named(' '), named('<b>')]).toEqual(['DOE, JANE', 'No name', '<b>']))
	it('says ages', () => expect([ageInWords('062Y'), ageInWords('001M'), ageInWords('62'), ageInWords('abcY'), ageInWords('')]).toEqual(['62 years', '1 month', '62', 'abcY', '']))
	it('says sexes, and leaves what it does not know', () => expect([sexInWords('f'), sexInWords('男'), sexInWords('')]).toEqual(['Female', '男', '']))
	it('names the last part of a path', () => expect(['/films/chest/', 'C:\\Films\\chest', 'chest', '/'].map(folderName)).toEqual(['chest', 'chest', 'chest', '/']))
	it('keeps the direction of a name to the name', () => expect(isolated('a\u202Eb\u2069\u2068c')).toBe('\u2068a\u202Ebc\u2069'))
	it('writes no time for what is none', () => expect(localTime('yesterday')).toBe(''))
	it('writes local time', () => expect(localTime(new Date(2026, 0, 5, 7, 3).toISOString())).toBe('2026-01-05 07:03'))
})
