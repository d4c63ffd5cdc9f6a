import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ageAt, normalisedDate, normalisedTime } from '../../../src/main/library/dates.ts'
import { foldedWords, searchExpression } from '../../../src/main/library/words.ts'

test.each([
	['MÜLLER^Jörg', ['muller', 'jorg']],
	['Mu\u0308ller', ['muller']],
	['Øvergård Łukasz Straße', ['overgard', 'lukasz', 'strasse']],
	['İSTANBUL Yılmaz', ['istanbul', 'yilmaz']],
	['Yamada^Tarou=山田^太郎=やまだ^たろう', ['yamada', 'tarou', '山田', '太郎', 'やまた', 'たろう']],
	['ＡＢＣ１２', ['abc12']],
	['مُحَمَّد', ['محمد']],
	['ACC-2024/0012_b', ['acc', '2024', '0012', 'b']],
	[`"'*()^:-+{}\u0000`, []],
	['a\ud800b', ['a', 'b']],
])('%s folds to %j', (text, words) => expect(foldedWords(text)).toEqual(words))

test('folding twice changes nothing, and any text is bounded', () => {
	fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
		const words = foldedWords(text)
		expect(foldedWords(words.join(' '))).toEqual(words)
	}))
	expect(foldedWords('\ufdfa'.repeat(100_000)).join('').length).toBeLessThan(200_000)
	expect(foldedWords('x'.repeat(100_000))).toEqual(['x'.repeat(64)])
})

test('an expression holds nothing but quoted words', () => {
	expect(searchExpression('  ')).toBeNull()
	expect(searchExpression('Mül "NEAR( -x')).toBe('"mul"* AND "near"* AND "x"*')
})

test('dates and times of files', () => {
	expect(['20240229', '2024.02.29', '2024-02-29', ' 20240229 '].map(normalisedDate)).toEqual(Array(4).fill('2024-02-29'))
	expect(['20230229', '20241301', '00000000', '2024', '', '2024-0229', '2024022', 'DROP'].map(normalisedDate)).toEqual(Array(8).fill(''))
	expect(['101559.123456', '10:15:59', '1015', '10', '2460', '9'].map(normalisedTime)).toEqual(['10:15:59', '10:15:59', '10:15:00', '10:00:00', '', ''])
})

test('ages', () => {
	expect(ageAt('1980-06-15', '2024-06-14')).toBe('043Y')
	expect(ageAt('1980-06-15', '2024-06-15')).toBe('044Y')
	expect(ageAt('2023-01-31', '2024-02-29')).toBe('012M')
	expect(ageAt('2024-02-01', '2024-02-20')).toBe('019D')
	expect([ageAt('', '2024-01-01'), ageAt('2024-01-02', '2024-01-01'), ageAt('1800-01-01', '2024-01-01')]).toEqual(['', '', ''])
})
