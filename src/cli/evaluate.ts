import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ModelManifest, ReadyModel } from '../common/contract/model.ts'
import { UserError } from '../common/contract/procedures.ts'
import { evaluatedSplitSchema, type EvaluatedSplit, type EvaluationReport, type Results } from '../common/contract/training/evaluation.ts'
import { parseManifest } from '../main/models/pack.ts'
import { oneLine, type Call, type Command } from './command.ts'
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
			{ ...(await findModel(call, model)), folder: resolve(data), split: splitOf(call.text('split')), by, output: out === null ? null : resolve(out) },
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

/** A pack by its id, a pack's folder, or an ONNX file with its model.json beside it. */
async function findModel({ workstation }: Call, word: string): Promise<{ graph: string; manifest: ModelManifest }> {
	const pack = workstation.rooms.registry.list().find((entry): entry is ReadyModel => entry.state === 'ready' && entry.manifest.id === word)
	if (pack) return { graph: join(pack.directory, 'model.onnx'), manifest: pack.manifest }
	const path = resolve(word)
	const found = statSync(path, { throwIfNoEntry: false })
	if (!found) throw new UserError(`There is no model ${word}: no pack has this id, and there is no such folder or file. negatoscope models lists the packs.`)
	const graph = found.isDirectory() ? join(path, 'model.onnx') : path
	const description = join(dirname(graph), 'model.json')
	const text = await readFile(description, 'utf8').catch((error: NodeJS.ErrnoException) => {
		throw new UserError(error.code === 'ENOENT' ? `${description} is missing: a network is evaluated with what its model.json says of its input and labels.` : `${description} cannot be read (${error.code}).`)
	})
	try {
		return { graph, manifest: parseManifest(text) }
	} catch (error) {
		throw error instanceof UserError ? new UserError(`${description}: ${error.message}`) : error
	}
}

function splitOf(word: string | null): EvaluatedSplit | null {
	if (word === null) return null
	const split = evaluatedSplitSchema.safeParse(word === 'val' ? 'validation' : word)
	if (!split.success) throw new UsageError(`--split takes ${evaluatedSplitSchema.options.join(', ')}.`)
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
