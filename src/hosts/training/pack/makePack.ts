import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { modelManifestSchema, type ModelManifest, type PrincipalStatistics } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { evaluationReportSchema, type EvaluationProgress, type EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import type { PackDescription } from '../../../common/contract/training/pack.ts'
import { readModel } from '../../../onnx/model.ts'
import { withLayer } from '../../inference/likeness.ts'
import { openNetwork } from '../../inference/network.ts'
import { selfTestDifference } from '../../inference/selfTest.ts'
import type { DataSet, LabelledDataSet, Sample, Split } from '../data/dataSet.ts'
import { answerSamples, type Answers } from '../evaluation/answerSamples.ts'
import { classifierOf, goldenLogits, measureLatency, type Classifier } from '../evaluation/classifier.ts'
import { casesOf, INTERVAL_METHOD, splitResults, type Decision } from '../evaluation/results.ts'
import { writeDurably, writeJsonDurably } from '../runs/durable.ts'
import { chooseAbstention, chooseOperatingPoints, fitCalibration, rounded } from './calibratePack.ts'
import { modelCard } from './card.ts'
import { createLikeness, measureWith, withLimit, type LikenessLayer } from './likeness.ts'
import { newPack } from './newPack.ts'
import { confoundedLabels, countsOf, licencesOf, sourcesOf } from './packData.ts'
import { aloneNote, FEWEST_OF_GROUP, packMetrics } from './packMetrics.ts'

/** A trained network and all that its pack says of it but what is measured here. */
export interface PackSource {
	/** model.onnx: constant weights, batch free. */
	graph: Uint8Array
	architecture: string
	parameters: number
	macs: number | null
	input: Pick<ModelManifest['input'], 'name' | 'height' | 'width' | 'colour' | 'mean' | 'std' | 'region' | 'tones'>
	outputs: ModelManifest['outputs']
	/** Whose activations say whether an image is like the training images; null where no layer does. */
	likeness: LikenessLayer | null
	/** How it was trained, in words. */
	training: string
	trainingRun: ModelManifest['trainingRun']
	description: PackDescription
	dataSet: LabelledDataSet
}

export interface MadePack {
	manifest: ModelManifest
	report: EvaluationReport
	answers: Record<'validation' | 'test', Answers>
}

export interface PackOptions {
	signal: AbortSignal
	/** Asked before each batch of images; it goes on when it resolves. */
	turn?(): Promise<void>
	progress(value: EvaluationProgress): void
}

/** Training images that features are taken of, at most: what they are like is known well by then. */
const MOST_FEATURE_IMAGES = 2500
/** Columns with more values are not worth a table. */
const MOST_GROUPS = 30
/** Logits may differ by this much, or this share of the largest, between machines. */
const TOLERANCE = 0.005
const RELATIVE_TOLERANCE = 0.001
/** With fewer patients than this, a label's result says little. */
const FEW_CASES = 20

/**
 * Makes a complete model pack: calibration, operating points and abstention from the validation images, results on validation and test
 * images, feature statistics from the training images, and writes model.onnx, model.json, CARD.md and evaluation.json into a temporary
 * folder, which becomes `directory` when the self-test passes.
 * @returns also the answers on validation and test images that the results are of.
 * @throws UserError where the folder is there already or the disk is full; AbortError; nothing is left behind then.
 */
export async function makePack(source: PackSource, directory: string, options: PackOptions): Promise<MadePack> {
	if (existsSync(directory)) throw new UserError(`The folder ${directory} is there already; a model pack is never written over.`)
	const { dataSet, description } = source
	const labels = [...dataSet.labels]
	const input: ModelManifest['input'] = {
		...source.input, channels: 3, resize: { geometry: 'stretch', interpolation: 'pillow-bilinear' },
		modalities: description.modalities, bodyParts: description.bodyParts, views: description.views, minimumSide: Math.min(source.input.height, source.input.width),
	}
	const shape = { input, outputs: source.outputs, labels: labels.length }
	const seen = { ...shape, outputs: { logits: source.outputs.logits, features: source.likeness?.output ?? null } }
	const graph = withLayer({ bytes: source.graph, model: readModel(source.graph) }, seen.outputs.features, description.title)
	const session = await InferenceSession.create(graph, { executionProviders: ['cpu'], logSeverityLevel: 3 })
	try {
		const answered = await answerSplits(classifierOf(session, seen), source, options)
		const calibration = fitCalibration(answered.validation, dataSet.task, labels)
		const undecided = { task: dataSet.task, labels, calibration, operatingPoints: labels.map(() => 0.5) }
		const validation = casesOf(answered.validation, undecided)
		const points = chooseOperatingPoints(validation, labels, description.operatingPoints)
		const operatingPoints = points.map(({ value }) => value)
		const abstention = chooseAbstention({ ...validation, operatingPoints }, description.coverage)
		const decision: Decision = { ...undecided, operatingPoints, abstention: abstention.threshold, likeness: answered.features?.limit?.value ?? null }
		const columns = groupColumns(dataSet)
		const splits = (['validation', 'test'] as const).filter((split) => answered[split].samples.length > 0).map((split) => splitResults(split, answered[split], decision, columns))
		const golden = (await goldenLogits(session, shape)).map((logit) => rounded(logit, 5))
		const latency = await measureLatency(classifierOf(session, { ...shape, outputs: { logits: source.outputs.logits, features: null } }))
		const sha256 = createHash('sha256').update(source.graph).digest('hex')
		const licences = licencesOf(dataSet.samples)

		const manifest = modelManifestSchema.parse({
			schemaVersion: 1,
			id: description.id, version: description.version, title: description.title, role: description.role,
			architecture: source.architecture, parameters: source.parameters, macs: source.macs, task: dataSet.task, domain: description.domain,
			labels: points.map((point, label) => {
				const name = labels[label] as string
				const said = Object.hasOwn(description.labels, name) ? description.labels[name] : undefined
				return {
					name, title: said?.title ?? name, code: said?.code ?? null, operatingPoint: point, finding: said?.finding ?? true,
					limitation: [said?.limitation ?? '', fewCases(splits.at(-1), label)].filter((text) => text !== '').join(' '),
				}
			}),
			input, outputs: source.outputs, calibration, abstention,
			golden: { input: 'ramp-v1', logits: golden, tolerance: rounded(Math.max(TOLERANCE, RELATIVE_TOLERANCE * Math.max(...golden.map(Math.abs)))) },
			metrics: packMetrics(splits),
			training: source.training, trainingRun: source.trainingRun ?? null, featureStatistics: answered.features,
			limitations: limitationsOf(source, splits), licence: licenceLine(description.licence, licences), sha256,
		} satisfies ModelManifest)
		const report = evaluationReportSchema.parse({
			schemaVersion: 1,
			model: { id: manifest.id, version: manifest.version, title: manifest.title, sha256, task: manifest.task, labels, parameters: manifest.parameters, macs: source.macs, bytes: source.graph.byteLength, latency },
			data: { sha256: dataSet.sha256, refused: [...dataSet.refused, ...answered.refused] },
			calibration, interval: INTERVAL_METHOD, splits, predictions: null,
		} satisfies EvaluationReport)
		const card = modelCard({ manifest, report, intendedUse: description.intendedUse, counts: countsOf(dataSet), sources: sourcesOf(dataSet) })
		options.signal.throwIfAborted()
		await writePack(directory, { graph: source.graph, manifest, report, card })
		return { manifest, report, answers: { validation: answered.validation, test: answered.test } }
	} finally {
		await session.release()
	}
}

interface AnsweredSplits {
	validation: Answers
	test: Answers
	features: PrincipalStatistics | null
	refused: Answers['refused']
}

/** Answers on the validation and test images, and what the training images are like to the layer that the classifier gives out as features. */
export async function answerSplits(classifier: Classifier, { dataSet: { samples }, likeness: layer }: Pick<PackSource, 'dataSet' | 'likeness'>, { signal, progress, turn }: PackOptions): Promise<AnsweredSplits> {
	const of = (split: Split) => samples.filter((sample) => sample.split === split)
	const train = of('train')
	const step = Math.max(1, train.length / MOST_FEATURE_IMAGES)
	const chosen = Array.from({ length: Math.min(train.length, MOST_FEATURE_IMAGES) }, (_, index) => train[Math.floor(index * step)] as Sample)
	const total = chosen.length + of('validation').length + of('test').length
	const started = performance.now()
	let before = 0
	const answer = async (part: readonly Sample[], phase: string, onFeatures?: (features: Float32Array) => void) => {
		const onProgress = (done: number) => {
			const all = before + done
			progress({ phase, done: all, of: total, secondsLeft: ((performance.now() - started) / 1000 / all) * (total - all) })
		}
		const answers = await answerSamples(classifier, part, { signal, onProgress, ...(turn ? { turn } : {}), ...(onFeatures ? { onFeatures } : {}) })
		before += part.length
		return answers
	}
	const gathered = layer && createLikeness(layer)
	const training = await answer(chosen, 'features of the training images', gathered ? (activations) => gathered.add(activations) : undefined)
	const statistics = gathered?.finish() ?? null
	const measure = measureWith(statistics)
	const distances: number[] = []
	const validation = await answer(of('validation'), 'validation images', measure ? (activations) => void distances.push(measure(activations)) : undefined)
	const ofTest: number[] = []
	const test = await answer(of('test'), 'test images', measure ? (activations) => void ofTest.push(measure(activations)) : undefined)
	return {
		validation: measure ? { ...validation, distances } : validation, test: measure ? { ...test, distances: ofTest } : test,
		features: statistics && withLimit(statistics, distances), refused: [...training.refused, ...validation.refused, ...test.refused],
	}
}

/** Source and the columns that the recipe names, where they divide the images into a few groups. Licences are no group of patients. */
function groupColumns({ samples }: DataSet): string[] {
	const values = (column: string) => new Set(samples.map((sample) => (column === 'source' ? sample.source : sample.attributes[column])))
	return ['source', ...Object.keys(samples[0]?.attributes ?? {}).filter((column) => column !== 'licence')].filter((column) => {
		const count = values(column).size
		return count > 1 && count <= MOST_GROUPS
	})
}

function fewCases(results: EvaluationReport['splits'][number] | undefined, label: number): string {
	const found = results?.labels[label]
	if (!results || !found) return 'Not measured: there were no validation or test images.'
	return found.positives < FEW_CASES ? `Measured on ${found.positives} ${found.positives === 1 ? 'image' : 'images'} with the label only (${results.split}).` : ''
}

/** What a person said, and what follows from the data and the results. */
function limitationsOf({ description, dataSet, input }: PackSource, splits: EvaluationReport['splits']): string[] {
	const last = splits.at(-1)
	const ranges = Object.entries(last?.by ?? {}).flatMap(([column, values]) => {
		const known = Object.entries(values).flatMap(([value, results]) => (results.balancedAccuracy === null || results.n < FEWEST_OF_GROUP || aloneNote(results) !== '' ? [] : [{ value, results, accuracy: results.balancedAccuracy }])).toSorted((a, b) => a.accuracy - b.accuracy)
		const [worst] = known
		const best = known.at(-1)
		if (!worst || !best || worst === best) return []
		const told = ({ value, results, accuracy }: typeof worst) => `${accuracy.toFixed(2)} (${value}, n ${results.n})`
		return [`Pooled results hide differences: by ${column}, balanced accuracy on the ${last?.split ?? ''} images lies between ${told(worst)} and ${told(best)}.`]
	})
	return [
		...description.limitations,
		...confoundedLabels(dataSet).map(({ label, share }) => `Confounded by source: ${Math.round(100 * share)} % of the training images of ${label} come from sources that hold almost nothing else, so the network may know where an image comes from rather than what is on it.`),
		...ranges,
		...(last?.split === 'test' ? [] : ['There was no test split: these results are on images that thresholds and the choice of weights were made with, and are too good.']),
		`Sees an image at ${input.width} x ${input.height} pixels: what is smaller is not visible to it.`,
		dataSet.task === 'multiclass' ? `Knows ${dataSet.labels.length} classes. Everything else is called one of them.` : `Knows ${dataSet.labels.length} labels. Nothing else is looked for.`,
	]
}

function licenceLine(own: string, licences: ReturnType<typeof licencesOf>): string {
	const stated = licences.filter(({ licence }) => licence !== '').map(({ licence, images }) => `${licence} (${images} images)`)
	const unstated = licences.find(({ licence }) => licence === '')
	return [own, stated.length > 0 ? `Images: ${stated.join('; ')}.` : '', unstated ? `The data set states no licence for ${unstated.images} images.` : ''].filter((part) => part !== '').join(' ')
}

function writePack(directory: string, { graph, manifest, report, card }: { graph: Uint8Array; manifest: ModelManifest; report: EvaluationReport; card: string }): Promise<void> {
	return newPack(directory, async (folder) => {
		writeDurably(join(folder, 'model.onnx'), [graph])
		writeJsonDurably(join(folder, 'model.json'), manifest)
		writeJsonDurably(join(folder, 'evaluation.json'), report)
		writeDurably(join(folder, 'CARD.md'), [new TextEncoder().encode(card)])
		const written = await openNetwork(folder, manifest)
		try {
			selfTestDifference(await goldenLogits(written.session, { ...manifest, labels: manifest.labels.length }), manifest.golden)
		} finally {
			await written.session.release()
		}
	})
}
