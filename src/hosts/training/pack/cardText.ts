export function grouped(value: number): string {
	return value.toLocaleString('en')
}

/** Text of others stays on its line. */
export function inline(text: string): string {
	return text.replace(/\s+/g, ' ').trim()
}

export function cell(text: string): string {
	return inline(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|')
}
