/** Rows of a CSV text with quoted fields (RFC 4180) as records by the names in its first line. */
export function parseCsv(text: string): Record<string, string>[] {
	const lines: string[][] = [[]]
	let field = ''
	let quoted = false
	for (let index = 0; index < text.length; index++) {
		const character = text[index] as string
		if (quoted) {
			if (character !== '"') field += character
			else if (text[index + 1] === '"') field += text[++index]
			else quoted = false
		} else if (character === '"') quoted = true
		else if (character === ',' || character === '\n') {
			lines.at(-1)?.push(field.replace(/\r$/, ''))
			field = ''
			if (character === '\n') lines.push([])
		} else field += character
	}
	lines.at(-1)?.push(field)
	const [names = [], ...rows] = lines.filter((line) => line.some((value) => value !== ''))
	return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ''])))
}
