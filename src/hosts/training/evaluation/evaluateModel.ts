import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import type { ModelManifest } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { EvaluatedSplit, EvaluationProgress, EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import { readModel } from '../../../onnx/model.ts'
import { distanceOf, likenessOf, withLayer } from '../../inference/likeness.ts'
import { checkGraph } from '../../inference/network.ts'
import { selfTestDifference } from '../../inference/selfTest.ts'
import { withLungParts, type LungPartOptions } from '../data/lungParts.ts'
import { writeDurably, writeJsonDurably } from '../runs/durable.ts'
import { answerSamples, type Answers } from './answerSamples.ts'
import { classifierOf, goldenLogits, measureLatency } from './classifier.ts'
import { listCases } from './listCases.ts'
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
	places: { lungs: LungPartOptions['pack']; cache: LungPartOptions['cache'] }
}

const LARGEST_GRAPH = 1024 ** 3
const PREDICTIONS = 'predictions.csv'

/**
 * Evaluates a model with its own calibration, operating points and abstention on a data set.
 * @throws UserError where the model is not what its manifest says or fails its self-test, or the data does not fit; AbortError.
 */
export async function evaluateModel(request: EvaluationRequest, { signal, progress }: { signal: AbortSignal; progress(value: EvaluationProgress): void }): Promise<EvaluationReport> {
	const { manifest, folder, by, places } = request
	const labels = manifest.labels.map(({ name }) => name)
	const listed = await listCases(folder, { task: manifest.task, labels }, request.split, by)
	const graph = readGraph(request.graph, manifest)
	const likeness = likenessOf(manifest)
	const session = await InferenceSession.create(withLayer({ bytes: graph, model: readModel(graph) }, likeness?.output ?? null, manifest.title), { executionProviders: ['cpu'], logSeverityLevel: 3 })
	try {
		const shape = { input: manifest.input, outputs: { logits: manifest.outputs.logits, features: null }, labels: labels.length }
		await testItself(session, shape, manifest)
		const classifier = classifierOf(session, shape)
		const started = performance.now()
		const of = listed.samples.length
		const { region } = manifest.input
		const shown = region ? await withLungParts(listed.samples, region, { pack: places.lungs, cache: places.cache, signal, onProgress: (done) => progress({ phase: 'lungs', done, of, secondsLeft: null }) }) : { samples: listed.samples, refused: [] }
		const distances: number[] = []
		const answers = await answerSamples(likeness ? classifierOf(session, { ...shape, outputs: { ...shape.outputs, features: likeness.output } }) : classifier, shown.samples, {
			signal, onFeatures: (activations) => void (likeness && distances.push(distanceOf(activations, likeness))), onProgress: (done) => progress({ phase: 'images', done, of, secondsLeft: ((performance.now() - started) / 1000 / done) * (of - done) }),
		})
		if (answers.samples.length === 0) throw new UserError(`None of the ${of} images can be read. ${answers.refused[0]?.id ?? ''}: ${answers.refused[0]?.reason ?? ''}`)
		const { id, version, title, sha256, task, parameters, macs = null, calibration, abstention } = manifest
		const decision = { task, labels, calibration, operatingPoints: manifest.labels.map(({ operatingPoint }) => operatingPoint.value), abstention: abstention.threshold, likeness: likeness?.limit?.value ?? null }
		const results = splitResults(listed.split, likeness ? { ...answers, distances } : answers, decision, by)
		const report: EvaluationReport = {
			schemaVersion: 1,
			model: { id, version, title, sha256, task, labels, parameters, macs, bytes: graph.byteLength, latency: await measureLatency(classifier) },
			data: { sha256: hashOf(answers), refused: [...listed.refused, ...shown.refused, ...answers.refused] },
			calibration, interval: INTERVAL_METHOD, splits: [results], predictions: request.output === null ? null : PREDICTIONS,
		}
		if (request.output !== null) {
			mkdirSync(request.output, { recursive: true })
			writeDurably(join(request.output, PREDICTIONS), [new TextEncoder().encode(predictionsCsv(answers, labels))])
			writeJsonDurably(join(request.output, 'evaluation.json'), report)
		}
		return report
	} finally {
		await session.release()
	}
}

function readGraph(path: string, manifest: ModelManifest): Uint8Array {
	try {
		if (statSync(path).size > LARGEST_GRAPH) throw new UserError(`${path} is larger than 1 GiB.`)
		const bytes = readFileSync(path)
		if (createHash('sha256').update(bytes).digest('hex') !== manifest.sha256) throw new UserError(`${path} is not the network that its model.json describes: its SHA-256 differs.`)
		checkGraph(readModel(bytes).graph, manifest)
		return bytes
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new UserError(`${path} cannot be read as a network.`, String(error))
	}
}

async function testItself(session: InferenceSession, shape: Parameters<typeof goldenLogits>[1], { golden, title }: ModelManifest): Promise<void> {
	try {
		selfTestDifference(await goldenLogits(session, shape), golden)
	} catch (error) {
		throw new UserError(`${title}: ${error instanceof Error ? error.message : String(error)}`)
	}
}

/** SHA-256 over ids, truths, splits, groups and the image files that were evaluated. */
function hashOf({ samples, hashes }: Answers): string {
	const hash = createHash('sha256')
	for (const [row, { id, truth, split, group }] of samples.entries()) hash.update(`${JSON.stringify([id, truth, split, group, hashes[row]])}\n`)
	return hash.digest('hex')
}
