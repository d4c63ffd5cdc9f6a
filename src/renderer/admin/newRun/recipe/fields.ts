/** A recipe as a person writes it: JSON that may not be valid yet. */
export type Draft = Readonly<Record<string, unknown>>
export type Path = readonly (string | number)[]

/** The path of a field as problems name it: teachers[0].pack. */
export function pathOf(field: string): Path {
	return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, index]) => (index === undefined ? text : Number(index)))
}

/** How problems name the field at a path. */
export function fieldOf(path: Path): string {
	return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('')
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands at a field; undefined where nothing does. */
export function valueAt(draft: unknown, field: string): unknown {
	return pathOf(field).reduce<unknown>((value, part) => (Array.isArray(value) ? value[Number(part)] : isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined), draft)
}

/** The draft with another value at a field, and everything else as it was; undefined takes the field away, and what it leaves empty. */
export function withValue(draft: Draft, field: string, value: unknown): Draft {
	return changed(draft, pathOf(field), value) as Draft
}

function changed(whole: unknown, [part, ...rest]: Path, value: unknown): unknown {
	if (part === undefined) return value
	if (typeof part === 'number') {
		const list: unknown[] = Array.isArray(whole) ? whole : []
		const next = changed(list[part], rest, value)
		return next === undefined ? list.toSpliced(part, 1) : part < list.length ? list.with(part, next) : [...list, next]
	}
	const own = isObject(whole) ? whole : {}
	const next = changed(own[part], rest, value)
	const { [part]: _, ...others } = own
	if (next === undefined || (rest.length > 0 && value === undefined && isObject(next) && Object.keys(next).length === 0)) return others
	// A field that is there keeps its place in the text.
	return Object.hasOwn(own, part) ? Object.fromEntries(Object.entries(own).map(([key, before]) => [key, key === part ? next : before])) : { ...own, [part]: next }
}

export function textAt(draft: unknown, field: string): string {
	const value = valueAt(draft, field)
	return typeof value === 'string' ? value : ''
}

export function listAt(draft: unknown, field: string): unknown[] {
	const value = valueAt(draft, field)
	return Array.isArray(value) ? value : []
}
