import type { Answers } from './answerSamples.ts'

/**
 * predictions.csv: a row per image with its id, split, patient or group, source, the columns of the data set that are asked for, truth and logits, one column each
 * per label. Empty truth: not known. Text that a spreadsheet would take for a formula gets an apostrophe in front.
 * @param columns attributes of the samples, each as "column NAME".
 */
export function predictionsCsv({ samples, logits }: Pick<Answers, 'samples' | 'logits'>, labels: readonly string[], columns: readonly string[] = []): string {
	const header = ['id', 'split', 'group', 'source', ...columns.map((column) => `column ${column}`), ...labels.map((label) => `truth ${label}`), ...labels.map((label) => `logit ${label}`)]
	const rows = samples.map(({ id, split, group, source, truth, attributes }, row) => [
		...[id, split, group, source, ...columns.map((column) => attributes[column] ?? '')].map(harmless),
		...labels.map((_, label) => (truth[label] === null || truth[label] === undefined ? '' : String(truth[label]))),
		...labels.map((_, label) => String(logits[row * labels.length + label])),
	])
	return `${[header.map(harmless), ...rows].map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`
}

/** The same of the validation and then the test images of a run, with every column of the data set that results are given for. */
export function runPredictionsCsv({ validation, test }: Record<'validation' | 'test', Pick<Answers, 'samples' | 'logits'>>, labels: readonly string[]): string {
	const samples = [...validation.samples, ...test.samples]
	const logits = new Float32Array(validation.logits.length + test.logits.length)
	logits.set(validation.logits)
	logits.set(test.logits, validation.logits.length)
	// The licence is for the card; it is no group of patients.
	const columns = [...new Set(samples.flatMap(({ attributes }) => Object.keys(attributes)))].filter((column) => column !== 'licence')
	return predictionsCsv({ samples, logits }, labels, columns)
}

function harmless(text: string): string {
	return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(field: string): string {
	return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
