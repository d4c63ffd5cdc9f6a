/** A name as part of a path: lower-case letters, digits and dashes, at most `length`; `otherwise` where nothing of it is left. */
export function slugOf(name: string, otherwise: string, length = 60): string {
	return name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').slice(0, length).replace(/^-+|-+$/g, '') || otherwise
}

/** The id itself, or with the first number that makes it free: cxr3, cxr3-2, cxr3-3; at most 64 characters. */
export function freeId(id: string, isTaken: (id: string) => boolean): string {
	if (!isTaken(id)) return id
	for (let number = 2; ; number++) {
		const ending = `-${number}`
		const candidate = `${id.slice(0, 64 - ending.length)}${ending}`
		if (!isTaken(candidate)) return candidate
	}
}
