import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { camModeSchema } from '../common/contract/analysis.ts'
import type { Faithfulness } from '../common/contract/explanation.ts'
import { UserError } from '../common/contract/procedures.ts'
import type { ReadyModel } from '../common/contract/model.ts'
import type { ImportSummary } from '../common/contract/import.ts'
import { reportsOfStudy } from '../main/library/reports.ts'
import { askedAt, type Asked } from '../main/answers/kindOfImage.ts'
import { findStudyId } from '../main/library/studies.ts'
import { queryWorklist } from '../main/library/worklist.ts'
import { oneLine, type Call, type Command } from './command.ts'
import { endProgress, EXIT, CannotRunError, printAnswer, printProgress, UsageError } from './output.ts'
import { explainFile, inspectFile, predictFile } from './readings.ts'
import { selfTest } from './selfTest.ts'

/** Films, studies, reports and models. */
export const readingCommands: Record<string, Command> = {
	inspect: {
		options: {},
		words: [1, Infinity],
		async run({ workstation, json, words }) {
			const answers = []
			for (const file of words) answers.push(await inspectFile(workstation.rooms, file))
			printAnswer(json, answers, answers.map((answer) =>
				'refused' in answer
					? `${answer.file}: refused: ${answer.refused}`
					: `${answer.file}: ${answer.kind}, ${answer.columns} x ${answer.rows}, ${answer.photometric}, ${answer.bitsStored} bits, ${answer.frames} frame(s), values ${answer.min} to ${answer.max}${answer.transferSyntax ? `, transfer syntax ${answer.transferSyntax}` : ''}`,
			))
			return answers.some((answer) => 'refused' in answer) ? EXIT.someRefused : EXIT.done
		},
	},
	predict: {
		options: {},
		words: [1, Infinity],
		async run(call) {
			const models = await askedModels(call)
			const answers = []
			for (const file of call.words) answers.push(await predictFile(call.workstation.rooms, models, file))
			printAnswer(call.json, answers, answers.map((answer) => `${answer.file}: ${answer.gate.ok ? describe(answer) : `refused: ${answer.gate.reasons.join(' ')}`}`))
			return answers.every(({ gate }) => gate.ok) ? EXIT.done : EXIT.someRefused
		},
	},
	explain: {
		options: { label: { type: 'string' }, layer: { type: 'string' }, mode: { type: 'string', default: 'paper' }, out: { type: 'string' }, raw: { type: 'string' }, faithfulness: { type: 'boolean', default: false } },
		words: [1, 1],
		async run(call) {
			const label = call.text('label')
			if (!label) throw new UsageError('explain needs --label.')
			const mode = camModeSchema.safeParse(call.text('mode'))
			if (!mode.success) throw new UsageError(`--mode takes ${camModeSchema.options.join(', ')}.`)
			const answer = await explainFile(call.workstation.rooms, await askedModels(call), {
				file: call.words[0] ?? '', label, layer: call.text('layer'), mode: mode.data, out: call.text('out'), raw: call.text('raw'), faithfulness: call.flag('faithfulness'),
				onProgress: (state) => printProgress(`Score-CAM ${Math.floor((100 * state.channelsDone) / state.channels)} %, ${state.passes} passes, ${state.seconds.toFixed(1)} s`),
				onMeasured: ({ done, of }) => printProgress(`Faithfulness ${Math.floor((100 * done) / of)} %`),
			})
			endProgress()
			printAnswer(call.json, answer, [
				`${answer.file}: ${describe(answer)}`,
				`Score-CAM of ${label} by the definition ${answer.mode} at ${answer.layer}: ${answer.channels} channels, ${answer.passes} passes, ${answer.exact ? 'exact' : 'not exact'}, ${answer.seconds.toFixed(2)} s`,
				...(answer.insideLungs ? [`${(100 * answer.insideLungs.energyShare).toFixed(0)} % of the map lies inside the lungs, which cover ${(100 * answer.insideLungs.areaShare).toFixed(0)} % of what the network saw (lungs found by ${answer.insideLungs.model.id} ${answer.insideLungs.model.version})`] : []),
				...(answer.faithfulness ? describeFaithfulness(answer.faithfulness) : []),
			])
			return EXIT.done
		},
	},
	import: {
		options: {},
		words: [1, Infinity],
		async run({ workstation, json, words }) {
			let summary: ImportSummary | null = null
			workstation.program.subscribe((event, payload) => {
				if (event !== 'import.changed') return
				summary = payload as ImportSummary
				printProgress(`Import: ${summary.filesDone} of ${summary.filesTotal} files`)
			})
			workstation.rooms.imports.startPaths(words.map((path) => resolve(path)))
			await workstation.rooms.imports.settled()
			endProgress()
			const result = summary as ImportSummary | null
			if (!result) throw new UserError('The import did not begin.')
			printAnswer(json, result, [
				`${result.added} added, ${result.duplicates} already there, ${result.refused.length} refused.`,
				...result.refused.map(({ name, reason }) => `refused: ${name}: ${reason}`),
				...(result.failure ? [result.failure] : []),
			])
			return result.state === 'finished' && result.refused.length === 0 ? EXIT.done : EXIT.someRefused
		},
	},
	studies: {
		options: { search: { type: 'string', default: '' } },
		words: [0, 0],
		async run({ workstation, json, text }) {
			const rows = []
			for (let offset = 0; ; offset += 500) {
				const page = queryWorklist(workstation.rooms.library, {
					search: text('search') ?? '', modality: null, readingState: null, answer: null, from: null, to: null, sort: 'importedAt', descending: true, offset, limit: 500,
				})
				rows.push(...page.rows)
				if (rows.length >= page.matching || page.rows.length === 0) break
			}
			printAnswer(json, rows, rows.length === 0 ? ['The library has no study that matches.'] : rows.map((row) =>
				[row.studyId, row.studyDate || '-', row.modality || '-', row.patientId || '-', row.patientName || '-', row.description || '-', row.answer || '-', row.readingState].map(oneLine).join('\t'),
			))
			return EXIT.done
		},
	},
	report: {
		options: { out: { type: 'string' }, format: { type: 'string', default: 'pdf' } },
		words: [1, 1],
		async run({ workstation, json, words, text }) {
			const out = text('out')
			const format = text('format')
			if (!out) throw new UsageError('report needs --out.')
			if (format !== 'pdf' && format !== 'json' && format !== 'csv') throw new UsageError('--format takes pdf, json or csv.')
			const { library, reports } = workstation.rooms
			const studyId = findStudyId(library, words[0] ?? '')
			const signed = reportsOfStudy(library, studyId).toSorted((a, b) => b.version - a.version)[0] ?? null
			const bytes = signed
				? format === 'pdf' ? await reports.signedPdf(signed.id) : format === 'json' ? reports.signedJson(signed.id) : reports.signedCsv(signed.id)
				: format === 'pdf' ? await reports.draftPdf(studyId) : format === 'json' ? await reports.draftJson(studyId) : await reports.draftCsv(studyId)
			await writeFile(out, bytes)
			printAnswer(json, { studyId, out, format, state: signed ? 'signed' : 'draft', version: signed?.version ?? null }, [`${out}: ${signed ? `version ${signed.version}, signed by ${signed.signedBy}` : 'draft, not signed'}`])
			return EXIT.done
		},
	},
	models: {
		options: {},
		words: [0, 0],
		async run({ workstation, json }) {
			const entries = workstation.rooms.registry.list()
			printAnswer(json, entries, entries.map((entry) =>
				entry.state === 'ready'
					? `${entry.manifest.id} ${entry.manifest.version} (${entry.manifest.role}, ${entry.origin}${entry.selected ? ', chosen' : ''}): ${entry.manifest.title}`
					: `${entry.directory}: refused: ${entry.reason}`,
			))
			return entries.some(({ state }) => state === 'refused') ? EXIT.someRefused : EXIT.done
		},
	},
	'self-test': {
		options: {},
		words: [0, 0],
		async run({ workstation, json }) {
			const checks = await selfTest(workstation.rooms)
			printAnswer(json, { ok: checks.every(({ ok }) => ok), checks }, checks.map((check) => `${check.ok ? 'passed' : 'FAILED'}: ${check.name}: ${check.detail}`))
			return checks.every(({ ok }) => ok) ? EXIT.done : EXIT.cannotRun
		},
	},
}

/** The model that --model names, or the students of all kinds of images, as they are asked. @throws CannotRunError where none of them can be used. */
async function askedModels(call: Call): Promise<Asked[]> {
	if (call.text('model')) return [await chosenModel(call)]
	const { registry, loader } = call.workstation.rooms
	const asked = askedAt(registry.places())
	let fault = registry.studentFault()
	for (const model of asked) {
		if ('fault' in model) continue
		try {
			await loader.ready(model)
			return asked
		} catch (error) {
			fault = error instanceof Error ? error.message : String(error)
		}
	}
	throw new CannotRunError(fault)
}

/** The model that --model names, or the student for chest films. @throws CannotRunError where it cannot be used. */
export async function chosenModel({ workstation, text }: Call): Promise<ReadyModel> {
	const { registry, loader } = workstation.rooms
	const wanted = text('model')
	const model = wanted
		? registry.list().find((entry): entry is ReadyModel => entry.state === 'ready' && entry.manifest.id === wanted)
		: registry.student()
	if (!model) throw new CannotRunError(wanted ? `There is no usable model ${wanted}. negatoscope models lists the packs.` : registry.studentFault())
	try {
		await loader.ready(model)
	} catch (error) {
		throw new CannotRunError(error instanceof Error ? error.message : String(error))
	}
	return model
}

function describeFaithfulness({ verdict, chance, randomScores, score, deletion, insertion, probability, maskedProbability, drop, increased }: Faithfulness): string[] {
	if (verdict === 'empty') return ['faithfulness: the map is empty and ranks nothing']
	return [
		`faithfulness: ${verdict === 'better' ? 'better than chance' : 'NO BETTER THAN CHANCE'}: insertion less deletion ${score.toFixed(3)}, chance ${chance.toFixed(3)} beside ${randomScores.length} maps in random places`,
		`deletion area ${deletion.area.toFixed(3)} (low is faithful), insertion area ${insertion.area.toFixed(3)} (high is faithful), probability ${probability.toFixed(3)}, of the image times the map ${maskedProbability.toFixed(3)} (${increased ? 'increased' : `drop ${(100 * drop).toFixed(1)} %`})`,
	]
}

function describe(answer: { labels: { name: string; probability: number; operatingPoint: number; positive: boolean }[]; abstained: boolean }): string {
	const labels = answer.labels.map(({ name, probability, operatingPoint, positive }) => `${name} ${probability.toFixed(3)}${positive ? ' positive' : ''} (from ${operatingPoint.toFixed(3)})`)
	return `${answer.abstained ? 'abstained; ' : ''}${labels.join(', ')}`
}
