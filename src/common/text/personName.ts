/**
 * A DICOM person name (PS3.5 6.2.1.2) as one writes it: "DOE^JANE^^DR" becomes "DOE, JANE (DR)"; the alphabetic,
 * ideographic and phonetic groups are parted by " / ". Names without carets stay as they are.
 */
export function personName(name: string): string {
	return name.split('=').map(groupText).filter((group) => group !== '').join(' / ')
}

function groupText(group: string): string {
	const [family = '', given = '', middle = '', prefix = '', suffix = '', ...rest] = group.split('^').map((part) => part.trim())
	const first = [given, middle].filter(Boolean).join(' ')
	const titles = [prefix, suffix, ...rest].filter(Boolean).join(', ')
	const main = [family, first].filter(Boolean).join(', ')
	return titles ? `${main} (${titles})`.trim() : main
}
