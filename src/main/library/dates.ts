/** A date of a file (YYYYMMDD, YYYY.MM.DD of ACR-NEMA, YYYY-MM-DD) as YYYY-MM-DD; '' where it is no day of the calendar. */
export function normalisedDate(text: string): string {
	const match = /^(\d{4})([-.]?)(\d{2})\2(\d{2})$/.exec(text.trim())
	if (!match) return ''
	const [year, month, day] = [Number(match[1]), Number(match[3]), Number(match[4])]
	const date = new Date(0)
	date.setUTCFullYear(year, month - 1, day)
	if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return ''
	return `${match[1]}-${match[3]}-${match[4]}`
}

/** A time of a file (HH, HHMM, HHMMSS with a fraction, or with colons) as HH:MM:SS, what is not stated being 00; '' where it is no time. */
export function normalisedTime(text: string): string {
	const match = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.\d{1,6})?)?)?$/.exec(text.trim())
	if (!match) return ''
	const [hour, minute, second] = [match[1] ?? '00', match[2] ?? '00', match[3] ?? '00']
	if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return ''
	return `${hour}:${minute}:${second}`
}

/**
 * The patient's age at the study in DICOM's form (nnnY, nnnM, nnnW, nnnD), from two dates YYYY-MM-DD: years from two years on,
 * months below, days in the first month; '' where a date is missing or the study was before the birth.
 */
export function ageAt(birthDate: string, studyDate: string): string {
	if (birthDate === '' || studyDate === '' || studyDate < birthDate) return ''
	const [birthYear = 0, birthMonth = 0, birthDay = 0] = birthDate.split('-').map(Number)
	const [year = 0, month = 0, day = 0] = studyDate.split('-').map(Number)
	const months = (year - birthYear) * 12 + (month - birthMonth) - (day < birthDay ? 1 : 0)
	if (months >= 24) {
		const years = Math.floor(months / 12)
		return years > 150 ? '' : `${pad(years)}Y`
	}
	if (months >= 1) return `${pad(months)}M`
	return `${pad(Math.round((Date.parse(studyDate) - Date.parse(birthDate)) / 86_400_000))}D`
}

function pad(number: number): string {
	return String(number).padStart(3, '0')
}
