import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelManifest } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { EvaluatedSplit, EvaluationProgress, EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import { writeDurably, writeJsonDurably } from '../runs/durable.ts'
import { measureLatency } from './classifier.ts'
import { listCases } from './listCases.ts'
import { hashOfFilms, openModel, type AnswerOptions } from './openModel.ts'
import { predictionsCsv } from './predictionsFile.ts'
import { INTERVAL_METHOD, splitResults } from './results.ts'

export interface EvaluationRequest {
	/** Absolute path of the ONNX file that the manifest describes. */
	graph: string
	manifest: ModelManifest
	/** Absolute path of a folder with a manifest.csv. */
	folder: string
	/** Null: the test split, or all images where the data has none. */
	split: EvaluatedSplit | null
	/** Columns that results are given for. */
	by: readonly string[]
	/** Folder for evaluation.json and predictions.csv; null: nothing is written. */
	output: string | null
	/** Where the network that finds lungs is, and what it found is kept. */
	places: AnswerOptions['places']
}

const PREDICTIONS = 'predictions.csv'

/**
 * Evaluates a model with its own calibration, operating points and abstention on a data set.
 * @throws UserError where the model is not what its manifest says or fails its self-test, or the data does not fit; AbortError.
 */
export async function evaluateModel(request: EvaluationRequest, { signal, progress }: { signal: AbortSignal; progress(value: EvaluationProgress): void }): Promise<EvaluationReport> {
	const { manifest, folder, by, places } = request
	const labels = manifest.labels.map(({ name }) => name)
	const listed = await listCases(folder, { task: manifest.task, labels }, request.split, by)
	const model = await openModel(request.graph, manifest)
	try {
		const answers = await model.answer(listed.samples, { places, signal, progress })
		if (answers.samples.length === 0) throw new UserError(`None of the ${listed.samples.length} images can be read. ${answers.refused[0]?.id ?? ''}: ${answers.refused[0]?.reason ?? ''}`)
		const { id, version, title, sha256, task, parameters, macs = null, calibration } = manifest
		const results = splitResults(listed.split, answers, model.decision, by)
		const report: EvaluationReport = {
			schemaVersion: 1,
			model: { id, version, title, sha256, task, labels, parameters, macs, bytes: model.bytes, latency: await measureLatency(model.classifier) },
			data: { sha256: hashOfFilms(answers), refused: [...listed.refused, ...answers.refused] },
			calibration, interval: INTERVAL_METHOD, splits: [results], predictions: request.output === null ? null : PREDICTIONS,
		}
		if (request.output !== null) {
			mkdirSync(request.output, { recursive: true })
			writeDurably(join(request.output, PREDICTIONS), [new TextEncoder().encode(predictionsCsv(answers, labels))])
			writeJsonDurably(join(request.output, 'evaluation.json'), report)
		}
		return report
	} finally {
		await model.release()
	}
}
