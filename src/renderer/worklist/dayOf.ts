/**
 * The day that a typed date stands for as YYYY-MM-DD: a year or a month stands for its first or its last day. Null for
 * anything that is no date of the calendar.
 */
export function dayOf(text: string, end: 'first' | 'last'): string | null {
	const match = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text.trim())
	if (!match) return null
	const year = Number(match[1])
	const month = match[2] === undefined ? (end === 'first' ? 1 : 12) : Number(match[2])
	if (year < 1000 || month < 1 || month > 12) return null
	// Day 0 of the next month is the last one of this.
	const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
	const day = match[3] === undefined ? (end === 'first' ? 1 : last) : Number(match[3])
	if (day < 1 || day > last) return null
	return `${match[1]}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
