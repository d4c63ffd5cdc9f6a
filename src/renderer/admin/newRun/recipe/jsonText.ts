import { fieldOf, pathOf, type Draft, type Path } from './fields.ts'

/** The text of the expert view. */
export function textOf(draft: Draft): string {
	return JSON.stringify(draft, null, '\t')
}

/** A draft that a text states, or why it states none, and in which line (from 1; 0: not known). */
export function readText(text: string): { draft: Draft } | { fault: string; line: number } {
	try {
		const value: unknown = JSON.parse(text)
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { draft: value as Draft }
		return { fault: 'A recipe is a JSON object, from { to }.', line: 1 }
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error)
		const position = /at position (\d+)/.exec(message)?.[1]
		const line = position === undefined ? (/unexpected end/i.test(message) ? text.split('\n').length : 0) : lineAt(text, Number(position))
		return { fault: `${message.replace(/(,? "[\s\S]*" is not valid JSON| in JSON)?( at position \d+)?( \(line \d+ column \d+\))?$/, '')}.`, line }
	}
}

/** The line of a place in a text, from 1. */
export function lineAt(text: string, offset: number): number {
	return text.slice(0, offset).split('\n').length
}

/** Where the name of a field begins in a text that is JSON, or the value in a list; of the nearest field around it where it is not there. */
export function placeOf(text: string, field: string): number {
	const places = placesOf(text)
	for (let path = pathOf(field); path.length > 0; path = path.slice(0, -1)) {
		const place = places.get(fieldOf(path))
		if (place !== undefined) return place
	}
	return Math.max(0, text.indexOf('{'))
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+))/gy

/** By the name of each field. */
function placesOf(text: string): Map<string, number> {
	const places = new Map<string, number>()
	const pattern = new RegExp(TOKEN)
	let token = ''
	const is = (mark: string) => token === mark
	const ends = (mark: string) => is(mark) || is('')
	let start = 0
	function next(): string {
		const match = pattern.exec(text)
		token = match?.[1] ?? match?.[2] ?? match?.[3] ?? ''
		start = match ? pattern.lastIndex - token.length : text.length
		return token
	}
	function value(path: Path): void {
		if (is('{')) {
			for (next(); !ends('}'); ) {
				const own = [...path, String(JSON.parse(token))]
				places.set(fieldOf(own), start)
				next()
				next()
				value(own)
				if (is(',')) next()
			}
		} else if (is('[')) {
			next()
			for (let index = 0; !ends(']'); index++) {
				places.set(fieldOf([...path, index]), start)
				value([...path, index])
				if (is(',')) next()
			}
		}
		next()
	}
	next()
	value([])
	return places
}
