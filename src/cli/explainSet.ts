import { resolve } from 'node:path'
import { camModeSchema } from '../common/contract/analysis.ts'
import { UserError } from '../common/contract/procedures.ts'
import type { ExplanationSetReport } from '../common/contract/training/explanationSet.ts'
import { aboutLines, tablesOf, type TextTable } from '../common/text/explanationTables.ts'
import { SOFTWARE_VERSION } from '../main/version.ts'
import { oneLine, type Call, type Command } from './command.ts'
import { splitOf } from './evaluate.ts'
import { findModel } from './findModel.ts'
import { endProgress, EXIT, printAnswer, printProgress, UsageError } from './output.ts'
import { clock } from './runProgress.ts'

export const explainSetCommand: Command = {
	options: {
		split: { type: 'string' }, by: { type: 'string' }, teacher: { type: 'string' }, films: { type: 'string' }, seed: { type: 'string' }, randomisation: { type: 'string' }, mode: { type: 'string' },
		layer: { type: 'string' }, localisation: { type: 'string', multiple: true }, 'localisation-split': { type: 'string' }, html: { type: 'string' }, out: { type: 'string' }, card: { type: 'boolean' },
	},
	words: [2, 2],
	async run(call) {
		const [model = '', data = ''] = call.words
		const teacher = call.text('teacher')
		const path = (option: string) => {
			const value = call.text(option)
			return value === null ? null : resolve(value)
		}
		const mode = camModeSchema.safeParse(call.text('mode') ?? 'paper')
		if (!mode.success) throw new UsageError(`--mode takes ${camModeSchema.options.join(', ')}.`)
		const input = {
			folder: resolve(data),
			split: splitOf(call.text('split')),
			by: (call.text('by') ?? '').split(',').map((column) => column.trim()).filter((column) => column !== ''),
			films: whole(call, 'films', 1), seed: whole(call, 'seed', 0) ?? 1, randomisation: whole(call, 'randomisation', 0) ?? 0,
			localisation: call.texts('localisation').map((folder) => resolve(folder)), localisationSplit: splitOf(call.text('localisation-split'), 'localisation-split'),
			mode: mode.data, layer: call.text('layer'), output: path('out'), html: path('html'), card: call.flag('card'), softwareVersion: SOFTWARE_VERSION,
			model: await findModel(call, model), lungs: call.workstation.rooms.registry.lungs(), teacher: teacher === null ? null : await findModel(call, teacher),
		}
		const report = await untilStopped(input.output, (signal) => call.workstation.rooms.supervisor.call('training', 'explainSet', input, {
			signal,
			subject: model,
			onProgress: ({ phase, done, of, secondsLeft }) => printProgress(`Explanations, ${phase}: ${done} of ${of}${secondsLeft === null ? '' : `, ${clock(secondsLeft)} left`}`),
		}))
		endProgress()
		printAnswer(call.json, report, linesOf(report, input.html))
		return report.refused.length === 0 ? EXIT.done : EXIT.someRefused
	},
}

function whole(call: Call, name: string, least: number): number | null {
	const text = call.text(name)
	if (text === null) return null
	if (!/^\d{1,9}$/.test(text) || Number(text) < least) throw new UsageError(`--${name} takes a whole number from ${least}, not "${text}".`)
	return Number(text)
}

/** The first interrupt ends the work at its next batch; what was measured is kept where there is a folder for it. */
async function untilStopped(output: string | null, work: (signal: AbortSignal) => Promise<ExplanationSetReport>): Promise<ExplanationSetReport> {
	const stop = new AbortController()
	const interrupted = () => stop.abort()
	process.on('SIGINT', interrupted)
	process.on('SIGTERM', interrupted)
	try {
		return await work(stop.signal)
	} catch (error) {
		if (!stop.signal.aborted) throw error
		throw new UserError(output === null ? 'Stopped. Nothing was kept: --out FOLDER keeps what is measured, film by film.' : `Stopped. What was measured is in ${output}; the same command goes on from there.`)
	} finally {
		process.off('SIGINT', interrupted)
		process.off('SIGTERM', interrupted)
	}
}

function linesOf(report: ExplanationSetReport, html: string | null): string[] {
	return [
		...aboutLines(report).map(oneLine),
		...tablesOf(report).flatMap((table) => ['', oneLine(table.title), '', ...markdownOf(table)]),
		...(report.refused.length === 0 ? [] : ['', `${report.refused.length} left out:`, ...report.refused.map(({ id, reason }) => `  ${oneLine(id)}: ${oneLine(reason)}`)]),
		...(report.leftOut.length === 0 ? [] : ['', 'Not used:', ...report.leftOut.map(({ what, count }) => `  ${oneLine(what)}: ${count}`)]),
		...(html === null ? [] : ['', `Pages: ${html}`]),
	]
}

/** A table that reads well in a terminal and in documentation. */
function markdownOf({ words, header, rows }: TextTable): string[] {
	const text = [header, ...rows].map((row) => row.map((cell) => oneLine(cell).replaceAll('|', '\\|')))
	const widths = header.map((_, column) => Math.max(3, ...text.map((row) => (row[column] ?? '').length)))
	const line = (row: readonly string[]) => `| ${row.map((cell, column) => (column < words ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
	const rule = `|${widths.map((width, column) => (column < words ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
	const [first = [], ...others] = text
	return [line(first), rule, ...others.map(line)]
}
