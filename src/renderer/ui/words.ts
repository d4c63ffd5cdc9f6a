import { personName } from '../../common/text/personName.ts'

const NUMBER = new Intl.NumberFormat('en-GB')

/** "100,000". */
export function number(value: number): string {
	return NUMBER.format(value)
}

/** "1 file", "2,000 files". */
export function count(value: number, noun: string, plural = nounPlural(noun)): string {
	return `${number(value)} ${value === 1 ? noun : plural}`
}

function nounPlural(noun: string): string {
	return noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
}

/** "12.3 GB" (powers of 1000, as disks are sold). */
export function bytes(value: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB']
	let index = 0
	let rest = value
	while (rest >= 999.5 && index < units.length - 1) {
		rest /= 1000
		index += 1
	}
	return `${index === 0 || rest >= 99.95 ? Math.round(rest) : rest.toFixed(1)} ${units[index]}`
}

/** An instant in local time as "2026-11-21 08:30"; '' for text that is no instant. */
export function localTime(instant: string): string {
	const date = new Date(instant)
	if (Number.isNaN(date.getTime())) return ''
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

function two(value: number): string {
	return String(value).padStart(2, '0')
}

/** The last part of a path of any system. */
export function folderName(path: string): string {
	return path.split(/[/\\]/).findLast((part) => part !== '') ?? path
}

/** Text of others within a sentence of ours: whatever direction it asks for ends with it. */
export function isolated(text: string): string {
	return `\u2068${text.replaceAll(/[\u2066-\u2069]/g, '')}\u2069`
}

/** A patient's name as one writes it, or what stands in for it. */
export function named(name: string): string {
	return personName(name) || 'No name'
}

/** "Female", "Male", "Other" of DICOM's F, M, O; anything else as it is. */
export function sexInWords(sex: string): string {
	return { F: 'Female', M: 'Male', O: 'Other' }[sex.trim().toUpperCase()] ?? sex
}

const AGE_UNITS = { Y: 'year', M: 'month', W: 'week', D: 'day' } as const

/** DICOM's age string "062Y" as "62 years"; anything else as it is. */
export function ageInWords(age: string): string {
	const match = /^0*(\d+)([YMWD])$/.exec(age.trim())
	const unit = AGE_UNITS[match?.[2] as keyof typeof AGE_UNITS]
	return match && unit ? count(Number(match[1]), unit) : age
}

export const READING_STATES = { unread: 'Unread', draft: 'Draft', signed: 'Signed' } as const
