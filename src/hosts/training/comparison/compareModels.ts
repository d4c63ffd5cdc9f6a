import { join } from 'node:path'
import type { LungPack } from '../../../common/contract/lungs.ts'
import { MOST_LISTED, type ComparedMaps, type ComparisonProgress, type ComparisonReport, type ComparisonRequest } from '../../../common/contract/promotion.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { whyNotComparable } from '../../../common/text/comparable.ts'
import { openLungReader } from '../../inference/lungs.ts'
import { openNetwork, type Network } from '../../inference/network.ts'
import { classifierOf } from '../evaluation/classifier.ts'
import { listCases, type ListedCases } from '../evaluation/listCases.ts'
import { hashOfFilms, openModel, type OpenModel } from '../evaluation/openModel.ts'
import { INTERVAL_METHOD } from '../evaluation/results.ts'
import { openExplained } from '../explanations/explainSet.ts'
import { drawn } from '../explanations/listFilms.ts'
import { openLungRegions } from '../explanations/lungRegions.ts'
import { cautionsOf } from './cautions.ts'
import { testSplitOf } from './comparedFilms.ts'
import { compareLabelled, type Side } from './compareLabelled.ts'
import { compareMapsOf, type MappedFilm } from './compareMapsOf.ts'
import { compareOnLibrary } from './compareOnLibrary.ts'
import { answersInOrder, decisionInOrder } from './decisionInOrder.ts'
import { measureInTurn } from './latency.ts'
import { onBoth } from './onBoth.ts'
import { verdictOf } from './verdict.ts'

interface Context {
	signal: AbortSignal
	progress(value: ComparisonProgress): void
}

interface Places {
	lungs: LungPack
	/** A folder that remembers where lungs are. */
	cache: string | null
	softwareVersion: string
}

type Pair<Item> = Record<'current' | 'candidate', Item>

/** Drawn films are the same in every comparison. */
const SEED = 1

/**
 * A candidate held against the model that reads now, on the same films.
 * @throws UserError where a model is not what its manifest says, the two cannot be compared, or the films cannot be used; AbortError.
 */
export async function compareModels(request: ComparisonRequest, places: Places, context: Context): Promise<ComparisonReport> {
	const { current, candidate, films } = request
	const reason = whyNotComparable(current.manifest, candidate.manifest)
	if (reason !== '') throw new UserError(reason)
	const about = { schemaVersion: 1 as const, softwareVersion: places.softwareVersion, current: current.about, candidate: candidate.about, interval: INTERVAL_METHOD }
	return { ...about, ...(films.kind === 'library' ? await onLibrary(request, films.films, places, context) : await onLabelled(request, films, places, context)) }
}

type Part = Pick<ComparisonReport, 'films' | 'labelled' | 'library' | 'latency' | 'maps' | 'cautions' | 'verdict'>

async function onLabelled(request: ComparisonRequest, films: Exclude<ComparisonRequest['films'], { kind: 'library' }>, places: Places, context: Context): Promise<Part> {
	const { signal, progress } = context
	const { manifest } = request.current
	const labels = manifest.labels.map(({ name }) => name)
	const listed = films.kind === 'folder'
		? await listCases(films.folder, { task: manifest.task, labels }, films.split, [])
		: await testSplitOf(films.data, { task: manifest.task, labels }, { signal, onProgress: (done, of) => void (done % 16 === 0 || done === of ? progress({ phase: 'data', done, of, secondsLeft: null }) : undefined) })
	const sides = await answerOneAfterTheOther(request, listed, labels, places, context)
	const both = onBoth(sides)
	const n = both.current.answers.samples.length
	if (n === 0) throw new UserError(`There is no film that both models can answer on. ${[...sides.current.answers.refused, ...sides.candidate.answers.refused][0]?.reason ?? ''}`.trim())
	const labelled = compareLabelled(listed.split, both)
	const refused = [
		...listed.refused.map((one) => ({ ...one, by: '' as const })),
		...sides.current.answers.refused.map((one) => ({ ...one, by: 'current' as const })),
		...sides.candidate.answers.refused.map((one) => ({ ...one, by: 'candidate' as const })),
	]
	const groups = new Set(both.current.answers.samples.map(({ group }) => group)).size
	const mapped = drawn(both.current.answers.samples.map(({ id, path, group, truth }) => ({ id, path, group, truth: labels.filter((_, label) => truth[label] === 1) })), request.maps, SEED)
	return {
		films: { title: films.kind === 'folder' ? films.folder : films.data.folder, n, groups, sha256: hashOfFilms(both.current.answers), refused: refused.slice(0, MOST_LISTED), refusedCount: refused.length },
		labelled, library: null,
		latency: sides.latency,
		maps: await mapsOn(request, mapped, places, context),
		cautions: cautionsOf(labelled, { n, groups, onlyCurrent: sides.current.answers.samples.length - n, onlyCandidate: sides.candidate.answers.samples.length - n }),
		verdict: verdictOf(labelled),
	}
}

/** Both models' answers, one model in memory after the other but for the latency, which is measured in turn. */
async function answerOneAfterTheOther(request: ComparisonRequest, listed: ListedCases, labels: readonly string[], places: Places, { signal, progress }: Context): Promise<Pair<Side> & { latency: Part['latency'] }> {
	const models: Partial<Pair<OpenModel>> = {}
	try {
		const sides: Partial<Pair<Side>> = {}
		for (const name of ['current', 'candidate'] as const) {
			const { directory, manifest } = request[name]
			const model = (models[name] = await openModel(join(directory, 'model.onnx'), manifest))
			const answers = await model.answer(listed.samples, { places, signal, progress: ({ phase, ...rest }) => progress({ ...rest, phase: phase === 'lungs' ? 'lungs' : name }) })
			sides[name] = { manifest, answers: answersInOrder(answers, model.decision, labels), decision: decisionInOrder(model.decision, labels) }
		}
		const { current, candidate } = models as Pair<OpenModel>
		progress({ phase: 'latency', done: 0, of: 1, secondsLeft: null })
		return { ...(sides as Pair<Side>), latency: await measureInTurn({ current: current.classifier, candidate: candidate.classifier }, signal) }
	} finally {
		for (const model of Object.values(models)) await model.release()
	}
}

async function onLibrary(request: ComparisonRequest, films: Extract<ComparisonRequest['films'], { kind: 'library' }>['films'], places: Places, context: Context): Promise<Part> {
	const { signal, progress } = context
	const lungs = await openLungReader(places.lungs)
	const networks: Partial<Pair<Network>> = {}
	try {
		for (const name of ['current', 'candidate'] as const) {
			const { directory, manifest } = request[name]
			// Golden logits first, as everywhere.
			await (await openModel(join(directory, 'model.onnx'), manifest)).release()
			networks[name] = await openNetwork(directory, manifest)
		}
		const { current, candidate } = networks as Pair<Network>
		const started = performance.now()
		const { comparison, passed, n, groups, sha256, refused } = await compareOnLibrary({ current, candidate }, lungs, films, {
			signal, onProgress: (done) => progress({ phase: 'films', done, of: films.length, secondsLeft: ((performance.now() - started) / 1000 / done) * (films.length - done) }),
		})
		progress({ phase: 'latency', done: 0, of: 1, secondsLeft: null })
		const latency = await measureInTurn({ current: classifierOfNetwork(current), candidate: classifierOfNetwork(candidate) }, signal)
		const mapped = drawn(passed.map(({ instanceId, frameIndex, path, group }) => ({ id: `${instanceId}/${frameIndex}`, path, group, truth: [] })), request.maps, SEED)
		return {
			films: { title: 'Films of the library', n, groups, sha256, refused: refused.slice(0, MOST_LISTED).map((one) => ({ ...one, by: '' as const })), refusedCount: refused.length },
			labelled: null, library: comparison, latency,
			maps: await mapsOn(request, mapped, places, context),
			cautions: ['Nobody says what is true of these films: they show where the answers differ, and not which of them is right.'],
			verdict: { outcome: 'insufficient', metric: null, reason: 'Films whose truth is not known cannot say which model is better.' },
		}
	} finally {
		for (const { session } of Object.values(networks)) await session.release()
		if (!('fault' in lungs)) await lungs.release()
	}
}

function classifierOfNetwork({ session, manifest: { input, outputs, labels } }: Network) {
	return classifierOf(session, { input, outputs: { logits: outputs.logits, features: null }, labels: labels.length })
}

async function mapsOn(request: ComparisonRequest, films: readonly MappedFilm[], places: Places, { signal, progress }: Context): Promise<ComparedMaps | null> {
	if (films.length === 0) return null
	const manifests = [request.current.manifest, request.candidate.manifest]
	const lungs = await openLungRegions(manifests, places.lungs)
	const opened: Partial<Pair<Awaited<ReturnType<typeof openExplained>>>> = {}
	try {
		for (const name of ['current', 'candidate'] as const) opened[name] = await openExplained({ graph: join(request[name].directory, 'model.onnx'), manifest: request[name].manifest }, 'paper', null, lungs)
		const started = performance.now()
		return await compareMapsOf(opened as Pair<Awaited<ReturnType<typeof openExplained>>>, films, {
			signal, onProgress: (done) => progress({ phase: 'maps', done, of: films.length, secondsLeft: ((performance.now() - started) / 1000 / done) * (films.length - done) }),
		})
	} finally {
		for (const { network } of Object.values(opened)) await network.session.release()
		await lungs?.release()
	}
}
