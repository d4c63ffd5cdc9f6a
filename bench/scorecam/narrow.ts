import { statSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { compareMaps } from '../../src/common/cam/compareMaps.ts'
import { composeMap, type ComposedMap } from '../../src/common/cam/compose.ts'
import { definitionOf } from '../../src/common/cam/definitions.ts'
import { readAnswer } from '../../src/hosts/inference/answer.ts'
import { createInferenceEngine } from '../../src/hosts/inference/engine.ts'
import { compare, median, type BenchRow, type Say } from '../harness/compare.ts'
import { largestDifference } from './curve.ts'
import { filmsOf, frameFileOf, phantom, tensorOf, type Film } from './films.ts'
import { scoresOf, type FilmScores } from './scores.ts'
import { modelOf, packLike, type Pack } from './students.ts'
import { beforeRounding, eightBits, halfArithmetic, rangesOf } from './variants.ts'

const RANGE_FILMS = 64
const ANSWER_RUNS = 41
const MAP_RUNS = 2

/** A student with other numbers. maps: whether its maps are worth the time. */
interface Variant {
	name: string
	pack: Pack
	maps: boolean
}

/**
 * What fewer bits do to the student: time of an answer and of an exact map against float32 arithmetic, size of the file, and over validation films how far
 * its answers and maps are from the shipped student's, whose weights are stored in half precision.
 */
export async function fewerBits(shipped: Pack, { answerFilms, mapFilms }: { answerFilms: number; mapFilms: readonly Film[] }, folder: string, say: Say): Promise<BenchRow[]> {
	const { manifest } = shipped
	const { input } = manifest
	const model = modelOf(shipped)
	const dims = [1, input.channels, input.height, input.width]
	const calibration = await Promise.all(filmsOf('train', RANGE_FILMS).map((film) => tensorOf(film, manifest)))
	const pack = (name: string, graph: typeof model.graph) => packLike(shipped, { ...model, graph }, join(folder, name))
	const variants: Variant[] = [
		{ name: 'weights before rounding', pack: await pack('before', beforeRounding(model.graph)), maps: true },
		{ name: 'half-precision arithmetic', pack: await pack('half', halfArithmetic(model.graph)), maps: false },
		{ name: '8-bit weights', pack: await pack('weights8', eightBits(model.graph)), maps: false },
		...(calibration.length > 0 ? [{ name: '8-bit weights and activations', pack: await pack('all8', eightBits(model.graph, await rangesOf(model, input.name, dims, calibration))), maps: true }] : []),
	]
	const rows: BenchRow[] = []
	for (const { name, pack: variant } of variants) rows.push(...(await times(name, variant, shipped, folder)))
	await sayAnswers(variants, shipped, filmsOf('val', answerFilms), say)
	for (const { name, pack: variant, maps } of variants) if (maps && mapFilms.length > 0) await sayMaps(name, variant, shipped, mapFilms, say)
	return rows
}

async function times(name: string, variant: Pack, shipped: Pack, folder: string): Promise<BenchRow[]> {
	const { input, outputs } = shipped.manifest
	const tensor = await tensorOf(phantom, shipped.manifest)
	const framePath = await frameFileOf(phantom, folder)
	const feeds = { [input.name]: new Tensor('float32', tensor, [1, input.channels, input.height, input.width]) }
	const [ours, reference] = await Promise.all([variant, shipped].map(({ directory }) => InferenceSession.create(join(directory, 'model.onnx'), { logSeverityLevel: 3 }))) as [InferenceSession, InferenceSession]
	const engine = createInferenceEngine()
	const quiet = { progress: () => {}, signal: new AbortController().signal }
	await engine.load({ directory: variant.directory, manifest: variant.manifest }, quiet)
	await engine.load({ directory: shipped.directory, manifest: shipped.manifest }, quiet)
	const explain = ({ manifest }: Pack) => engine.explain({ modelSha256: manifest.sha256, framePath, layer: null, mode: 'paper' }, quiet)
	const rows = [
		await compare(`answer, ${name}, against the shipped student`, { ours: () => ours.run(feeds, [outputs.logits]), reference: () => reference.run(feeds, [outputs.logits]) }, { runs: ANSWER_RUNS, warmUps: 5 }),
		await compare(`exact map, ${name}, against the shipped student`, { ours: () => explain(variant), reference: () => explain(shipped) }, { runs: MAP_RUNS, warmUps: 1 }),
	]
	await ours.release()
	await reference.release()
	return rows
}

async function sayAnswers(variants: readonly Variant[], shipped: Pack, films: readonly Film[], say: Say): Promise<void> {
	if (films.length === 0) return
	const { manifest } = shipped
	const { input, outputs } = manifest
	const tensors = await Promise.all(films.map((film) => tensorOf(film, manifest)))
	const answers = async ({ directory }: Pack) => {
		const session = await InferenceSession.create(join(directory, 'model.onnx'), { logSeverityLevel: 3 })
		const found = []
		for (const tensor of tensors) {
			const results = await session.run({ [input.name]: new Tensor('float32', tensor, [1, input.channels, input.height, input.width]) }, [outputs.logits])
			found.push(readAnswer(Array.from((results[outputs.logits]?.data ?? []) as Float32Array), manifest))
		}
		await session.release()
		return found
	}
	const calls = ({ labels, abstained }: Awaited<ReturnType<typeof answers>>[number]) => JSON.stringify([abstained, labels.map(({ positive }) => positive)])
	const balanced = (found: Awaited<ReturnType<typeof answers>>) => {
		const recalls = manifest.labels.map(({ name }) => {
			const own = found.filter((_, index) => films[index]?.label === name)
			return own.filter(({ labels }) => labels.every(({ probability }) => probability <= (labels.find((label) => label.name === name)?.probability ?? 0))).length / own.length
		})
		return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
	}
	const reference = await answers(shipped)
	say(`The shipped student: ${size(shipped)} MB, balanced accuracy ${balanced(reference).toFixed(4)} on ${films.length} validation films.`)
	for (const { name, pack } of variants) {
		const own = await answers(pack)
		const differences = own.map(({ labels }, film) => Math.max(...labels.map(({ probability }, label) => Math.abs(probability - (reference[film]?.labels[label]?.probability ?? Number.NaN)))))
		const same = own.filter((answer, film) => calls(answer) === calls(reference[film] as typeof answer)).length
		say(`Answers, ${name}: ${size(pack)} MB; calls equal on ${same} of ${films.length} films; probabilities differ by ${median(differences).toExponential(1)} (median of the films), ${Math.max(...differences).toExponential(1)} (largest); balanced accuracy ${balanced(own).toFixed(4)}.`)
	}
}

async function sayMaps(name: string, variant: Pack, shipped: Pack, films: readonly Film[], say: Say): Promise<void> {
	const correlations: number[] = []
	const differences: number[] = []
	const theirs = scoresOf(variant, films, say)
	for await (const reference of scoresOf(shipped, films, say)) {
		const { value: own } = await theirs.next()
		if (!own) break
		const label = reference.logits.indexOf(Math.max(...reference.logits))
		const [first, second] = [exactMap(own, label, variant), exactMap(reference, label, shipped)]
		correlations.push(compareMaps(first, second).rankCorrelation ?? 0)
		differences.push(largestDifference(first, second))
	}
	const sorted = correlations.toSorted((a, b) => a - b)
	say(`Maps, ${name}, ${films.length} films: Spearman ${median(correlations).toFixed(4)} (median), ${sorted[Math.floor(films.length / 10)]?.toFixed(4) ?? ''} (worst tenth), ${sorted[0]?.toFixed(4) ?? ''} (worst); largest difference ${median(differences).toFixed(4)} (median), ${Math.max(...differences).toFixed(4)} (worst) of the range.`)
}

function exactMap({ layer, scores, logits }: FilmScores, label: number, { manifest }: Pack): ComposedMap {
	const own = Float64Array.from({ length: layer.channels }, (_, channel) => scores[channel * logits.length + label] as number)
	return composeMap(layer, own, definitionOf('paper'), manifest.input)
}

function size({ directory }: Pack): string {
	return (statSync(join(directory, 'model.onnx')).size / 1e6).toFixed(1)
}
