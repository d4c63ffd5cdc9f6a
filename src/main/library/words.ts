/** Letters that do not decompose into a base letter and marks, and what people type for them. */
const SPELLED: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i', þ: 'th', ð: 'd' }

const LONGEST_TEXT = 2_000
const LONGEST_WORD = 64

/**
 * Words of a text as the search compares them: runs of letters and digits of any script, lower case, without accents and
 * other marks, compatibility forms (full-width, ligatures) as their plain ones. Text beyond 2,000 characters and words
 * beyond 64 are cut.
 */
export function foldedWords(text: string): string[] {
	const folded = text
		.slice(0, LONGEST_TEXT)
		.normalize('NFKD')
		.toLowerCase()
		.replaceAll(/\p{M}+/gu, '')
		.replaceAll(/[øłđßæœıþð]/g, (letter) => SPELLED[letter] ?? letter)
	return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, LONGEST_WORD).join(''))
}

/**
 * A query for the search table that asks for every word of the input as the beginning of a word; null where the input has
 * no words. Nothing of the input but letters and digits gets into it.
 */
export function searchExpression(input: string): string | null {
	const words = [...new Set(foldedWords(input))].slice(0, 16)
	return words.length === 0 ? null : words.map((word) => `"${word}"*`).join(' AND ')
}
