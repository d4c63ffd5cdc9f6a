/** The little of Markdown that model cards use, as data: nothing of it is ever read as HTML. */
export type Block =
	| { kind: 'heading'; level: number; text: string }
	| { kind: 'paragraph'; text: string }
	| { kind: 'list'; items: string[] }
	| { kind: 'table'; rows: string[][] }
	| { kind: 'code'; text: string }

export type Span = { kind: 'plain' | 'strong' | 'code'; text: string }

/** Headings, paragraphs, flat lists, tables and fenced code; anything else is a paragraph as it stands. */
export function blocksOf(text: string): Block[] {
	const blocks: Block[] = []
	const lines = text.split(/\r?\n/)
	let index = 0
	const take = (matches: (line: string) => boolean): string[] => {
		const taken: string[] = []
		for (let line = lines[index]; line !== undefined && matches(line); line = lines[index]) {
			taken.push(line)
			index += 1
		}
		return taken
	}
	while (index < lines.length) {
		const line = lines[index] ?? ''
		const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line)
		if (line.trim() === '') index += 1
		else if (heading) {
			blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' })
			index += 1
		} else if (line.startsWith('```')) {
			index += 1
			blocks.push({ kind: 'code', text: take((next) => !next.startsWith('```')).join('\n') })
			index += 1
		} else if (isItem(line)) {
			const items: string[] = []
			for (const part of take((next) => isItem(next) || /^\s+\S/.test(next))) {
				if (isItem(part)) items.push(part.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, ''))
				else items.push(`${items.pop() ?? ''} ${part.trim()}`)
			}
			blocks.push({ kind: 'list', items })
		} else if (isTableRow(line)) {
			const rows = take(isTableRow).filter((row) => !/^[\s|:-]+$/.test(row))
			blocks.push({ kind: 'table', rows: rows.map(cellsOf) })
		} else {
			blocks.push({ kind: 'paragraph', text: take((next) => next.trim() !== '' && !isItem(next) && !isTableRow(next) && !/^(#{1,6}\s|```)/.test(next)).map((part) => part.trim()).join(' ') })
		}
	}
	return blocks
}

/** Cells between bars; a bar or backslash with a backslash before it is itself. */
function cellsOf(row: string): string[] {
	const cells: string[] = ['']
	for (const part of row.trim().replace(/^\|/, '').match(/\\[\\|]|[^]/g) ?? []) {
		if (part === '|') cells.push('')
		else cells[cells.length - 1] += part.length === 2 ? part.slice(1) : part
	}
	// The last bar ends the row.
	return cells.slice(0, -1).map((cell) => cell.trim())
}

/** **strong** and `code` within a line. */
export function spansOf(text: string): Span[] {
	return text.split(/(\*\*(?!\s)[^*]+(?<!\s)\*\*|`[^`]+`)/).filter((part) => part !== '').map((part): Span => {
		if (part.length > 4 && part.startsWith('**') && part.endsWith('**')) return { kind: 'strong', text: part.slice(2, -2) }
		if (part.length > 2 && part.startsWith('`') && part.endsWith('`')) return { kind: 'code', text: part.slice(1, -1) }
		return { kind: 'plain', text: part }
	})
}

function isItem(line: string): boolean {
	return /^\s*(?:[-*+]|\d+[.)])\s+\S/.test(line)
}

function isTableRow(line: string): boolean {
	return /^\s*\|.*\|\s*$/.test(line)
}
