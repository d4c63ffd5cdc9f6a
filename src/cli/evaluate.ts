import { resolve } from 'node:path'
import { evaluatedSplitSchema, type EvaluatedSplit, type EvaluationReport, type Results } from '../common/contract/training/evaluation.ts'
import { trainingPlaces } from '../main/training/places.ts'
import { oneLine, type Command } from './command.ts'
import { findModel } from './findModel.ts'
import { endProgress, EXIT, printAnswer, printProgress, UsageError } from './output.ts'

/** What is printed for a person, and first in the JSON. */
const SHOWN = ['accuracy', 'balancedAccuracy', 'macroF1', 'auroc', 'ece'] as const

export const evaluateCommand: Command = {
	options: { split: { type: 'string' }, by: { type: 'string' }, out: { type: 'string' } },
	words: [2, 2],
	async run(call) {
		const [model = '', data = ''] = call.words
		const out = call.text('out')
		const by = (call.text('by') ?? '').split(',').map((column) => column.trim()).filter((column) => column !== '')
		const report = await call.workstation.rooms.supervisor.call(
			'training',
			'evaluate',
			{ ...(await findModel(call, model)), folder: resolve(data), split: splitOf(call.text('split')), by, output: out === null ? null : resolve(out), places: trainingPlaces(call.workstation.rooms) },
			{
				subject: model,
				onProgress: ({ done, of, secondsLeft }) => printProgress(`Evaluation: ${done} of ${of} images${secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`}`),
			},
		)
		endProgress()
		printAnswer(call.json, answerOf(report), linesOf(report))
		return report.data.refused.length === 0 ? EXIT.done : EXIT.someRefused
	},
}

/** @throws UsageError where it is no split. */
export function splitOf(word: string | null, option = 'split'): EvaluatedSplit | null {
	if (word === null) return null
	const split = evaluatedSplitSchema.safeParse(word === 'val' ? 'validation' : word)
	if (!split.success) throw new UsageError(`--${option} takes ${evaluatedSplitSchema.options.join(', ')}.`)
	return split.data
}

/** The one split's results at the top, so that a script finds accuracy where it looks for it. */
function answerOf({ splits: [results], ...about }: EvaluationReport): object {
	return { ...results, ...about }
}

function linesOf({ model, data, splits: [results], predictions }: EvaluationReport): string[] {
	if (!results) return []
	return [
		`${model.title} (${model.id} ${model.version}) on the ${results.split === 'all' ? 'whole data set' : `${results.split} split`}: ${model.parameters.toLocaleString('en')} parameters, ${(model.bytes / 1024 ** 2).toFixed(1)} MiB${model.latency ? `, ${model.latency.medianMilliseconds.toFixed(1)} ms an image` : ''}`,
		describe(results),
		`answered, where it does not abstain: ${number('share', results.abstention.coverage, results.abstention.intervals?.coverage ?? null)}, ${number('accuracy', results.abstention.accuracy, results.abstention.intervals?.accuracy ?? null)}`,
		...(results.likeness ? [`like the training images (distance of at most ${results.likeness.limit}): ${number('share', results.likeness.share, results.likeness.intervals.share)}, ${number('accuracy', results.likeness.accuracy, results.likeness.intervals.accuracy)}`] : []),
		...results.labels.map((label) => `  ${oneLine(label.name)}: ${label.positives} of ${label.positives + label.negatives}, ${(['recall', 'specificity', 'precision', 'auroc', 'auprc'] as const).map((metric) => number(metric, label[metric], label.intervals[metric])).join(', ')}`),
		...Object.entries(results.by).flatMap(([column, values]) => Object.entries(values).map(([value, own]) => `${oneLine(column)} ${oneLine(value)}: ${describe(own)}`)),
		...(data.refused.length === 0 ? [] : [`${data.refused.length} left out:`, ...data.refused.map(({ id, reason }) => `  ${oneLine(id)}: ${oneLine(reason)}`)]),
		...(predictions === null ? [] : [`Truth and logits of every image: ${predictions}`]),
	]
}

function describe(results: Results): string {
	return `n ${results.n} (${results.groups} groups), ${SHOWN.map((metric) => number(metric, results[metric], results.intervals[metric])).join(', ')}`
}

function number(name: string, value: number | null, interval: [number, number] | null): string {
	if (value === null) return `${name} not defined`
	return `${name} ${value.toFixed(4)}${interval ? ` (${interval[0].toFixed(4)} to ${interval[1].toFixed(4)})` : ''}`
}
