import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { InferenceSession } from 'onnxruntime-node'
import type { ModelManifest } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { EvaluationProgress } from '../../../common/contract/training/evaluation.ts'
import { readModel } from '../../../onnx/model.ts'
import { distanceOf, likenessOf, withLayer } from '../../inference/likeness.ts'
import { checkGraph } from '../../inference/network.ts'
import { selfTestDifference } from '../../inference/selfTest.ts'
import type { Sample } from '../data/dataSet.ts'
import { withLungParts, type LungPartOptions } from '../data/lungParts.ts'
import { answerSamples, type Answers } from './answerSamples.ts'
import { classifierOf, goldenLogits, type Classifier } from './classifier.ts'
import type { Decision } from './results.ts'

/** A network that is what its manifest says and gives its golden logits. */
export interface OpenModel {
	manifest: ModelManifest
	/** Of the graph's file. */
	bytes: number
	/** Largest difference to the golden logits. */
	selfTestDifference: number
	classifier: Classifier
	/** How its logits are read. */
	decision: Decision
	/** Answers on images, fed as at inference. Those that cannot be read, and those on which no two lungs are found where it sees these alone, are refused. */
	answer(samples: readonly Sample[], options: AnswerOptions): Promise<Answers>
	release(): Promise<void>
}

export interface AnswerOptions {
	/** Where the network that finds lungs is, and what it found is kept. */
	places: { lungs: LungPartOptions['pack']; cache: LungPartOptions['cache'] }
	signal: AbortSignal
	progress(value: EvaluationProgress): void
}

const LARGEST_GRAPH = 1024 ** 3

/**
 * @param graph Absolute path of the ONNX file that the manifest describes.
 * @throws UserError where it is another file, does not fit the manifest or fails its self-test.
 */
export async function openModel(graph: string, manifest: ModelManifest): Promise<OpenModel> {
	const { task, calibration, abstention, input, title } = manifest
	const labels = manifest.labels.map(({ name }) => name)
	const bytes = readGraph(graph, manifest)
	const likeness = likenessOf(manifest)
	const session = await InferenceSession.create(withLayer({ bytes, model: readModel(bytes) }, likeness?.output ?? null, title), { executionProviders: ['cpu'], logSeverityLevel: 3 })
	const shape = { input, outputs: { logits: manifest.outputs.logits, features: null }, labels: labels.length }
	const classifier = classifierOf(session, shape)
	try {
		return {
			manifest,
			bytes: bytes.byteLength,
			selfTestDifference: await testItself(session, shape, manifest),
			classifier,
			decision: { task, labels, calibration, operatingPoints: manifest.labels.map(({ operatingPoint }) => operatingPoint.value), abstention: abstention.threshold, likeness: likeness?.limit?.value ?? null },
			async answer(samples, { places, signal, progress }) {
				const started = performance.now()
				const of = samples.length
				const shown = input.region ? await withLungParts(samples, input.region, { pack: places.lungs, cache: places.cache, signal, onProgress: (done) => progress({ phase: 'lungs', done, of, secondsLeft: null }) }) : { samples, refused: [] }
				const distances: number[] = []
				const answers = await answerSamples(likeness ? classifierOf(session, { ...shape, outputs: { ...shape.outputs, features: likeness.output } }) : classifier, shown.samples, {
					signal, onFeatures: (activations) => void (likeness && distances.push(distanceOf(activations, likeness))), onProgress: (done) => progress({ phase: 'images', done, of, secondsLeft: ((performance.now() - started) / 1000 / done) * (of - done) }),
				})
				return { ...answers, ...(likeness ? { distances } : {}), refused: [...shown.refused, ...answers.refused] }
			},
			release: () => session.release(),
		}
	} catch (error) {
		await session.release()
		throw error
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

async function testItself(session: InferenceSession, shape: Parameters<typeof goldenLogits>[1], { golden, title }: ModelManifest): Promise<number> {
	try {
		return selfTestDifference(await goldenLogits(session, shape), golden)
	} catch (error) {
		throw new UserError(`${title}: ${error instanceof Error ? error.message : String(error)}`)
	}
}

/** SHA-256 over ids, truths, splits, groups and the image files of some answers: what films numbers are of. */
export function hashOfFilms({ samples, hashes }: Pick<Answers, 'samples' | 'hashes'>): string {
	const hash = createHash('sha256')
	for (const [row, { id, truth, split, group }] of samples.entries()) hash.update(`${JSON.stringify([id, truth, split, group, hashes[row]])}\n`)
	return hash.digest('hex')
}
