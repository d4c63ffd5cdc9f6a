import type { Answers } from './answerSamples.ts'

/**
 * predictions.csv: a row per image with its id, split, patient or group, source, truth and logits, one column each per label. Empty truth: not known.
 * Text that a spreadsheet would take for a formula gets an apostrophe in front.
 */
export function predictionsCsv({ samples, logits }: Pick<Answers, 'samples' | 'logits'>, labels: readonly string[]): string {
	const header = ['id', 'split', 'group', 'source', ...labels.map((label) => `truth ${label}`), ...labels.map((label) => `logit ${label}`)]
	const rows = samples.map(({ id, split, group, source, truth }, row) => [
		...[id, split, group, source].map(harmless),
		...labels.map((_, label) => (truth[label] === null || truth[label] === undefined ? '' : String(truth[label]))),
		...labels.map((_, label) => String(logits[row * labels.length + label])),
	])
	return `${[header.map(harmless), ...rows].map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`
}

function harmless(text: string): string {
	return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(field: string): string {
	return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
