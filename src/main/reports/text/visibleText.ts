// Tab, line feed, and the marks that Arabic, Persian, Hebrew and Indic spelling needs; all else that draws nothing is spelled out.
const HARMLESS = new Set(['\t', '\n', '\u200c', '\u200d', '\u200e', '\u200f'])

/**
 * Text from a file or a person as text that can be printed: line ends become \n, and every control or format character,
 * direction overrides among them, becomes visible as [U+202E]. Half surrogates become U+FFFD.
 */
export function visibleText(text: string): string {
	return text
		.toWellFormed()
		.replaceAll(/\r\n?|\u2028|\u2029/g, '\n')
		.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => (HARMLESS.has(character) ? character : `[${codePointName(character)}]`))
		.replaceAll('\t', '    ')
}

function codePointName(character: string): string {
	return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
