import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { compareMaps } from '../../src/common/cam/compareMaps.ts'
import type { CamState } from '../../src/common/contract/analysis.ts'
import { createInferenceEngine } from '../../src/hosts/inference/engine.ts'
import { plainConstants } from '../../src/onnx/fold.ts'
import type { Graph } from '../../src/onnx/model.ts'
import { tensorDims, tensorFloats } from '../../src/onnx/tensor.ts'
import { OFA_595 } from '../../src/zoo/ofa/encoding.ts'
import { median, rowOf, timed, type BenchRow, type Say } from '../harness/compare.ts'
import { packagesFor, pythonWith, startPython, systemPyTorch, type PythonPeer } from '../harness/python.ts'
import { frameFileOf, tensorOf, type Film } from './films.ts'
import { modelOf, type Pack } from './students.ts'

const LIBRARIES = ['pytorch-grad-cam', 'torchcam'] as const
const FORMS = ['plain', 'folded', 'channels last'] as const
const BATCHES = [8, 16, 32]
const PAUSE_MILLISECONDS = 1000
/** Of a library as it comes. With what is fastest for it, it runs once: it takes long, and ours is measured already. */
const RUNS = 2
/** A program that gets less of its threads' time than this shares the machine with others. */
const LEAST_SHARE = 0.7

/** Without their own requirements: PyTorch and NumPy are the system's. torchcam 0.5.0 asks for 2.4, but its Score-CAM runs on 1.13 too; 0.3.2, which was made for it, weights activations that it has stretched itself by mistake. */
const SYSTEM_PACKAGES = [
	['--no-deps', 'grad-cam==1.5.7', 'torchcam==0.5.0', 'ttach==0.0.3'],
	['numpy==1.24.2', 'opencv-python-headless<4.9', 'matplotlib<3.8', 'scikit-learn<1.3', 'tqdm<5'],
]
const NEWEST_PACKAGES = ['numpy', 'torch', 'torchvision', 'grad-cam==1.5.7', 'torchcam==0.5.0']

type Library = (typeof LIBRARIES)[number]
interface Answer {
	milliseconds: number
	processor: number
	logits: number[]
	map: number[]
}

/**
 * The exact map of one label at the pack's size by pytorch-grad-cam and torchcam, on the system's PyTorch and on the newest, against ours of all labels by
 * the same definition: same weights, same film, same number of threads, in turn. As each library comes, and with the form of the network and the size of
 * batch that is fastest for it. Goals: a quarter of the time on Debian's PyTorch, half of it on the newest.
 */
export async function againstLibraries(pack: Pack, film: Film, folder: string, say: Say): Promise<BenchRow[]> {
	const framePath = await frameFileOf(film, folder)
	const image = join(folder, 'film.tensor')
	writeFileSync(image, await tensorOf(film, pack.manifest))
	const weights = join(folder, 'weights')
	const shapes = writeWeights(modelOf(pack).graph, weights)
	const rows: BenchRow[] = []
	for (const [name, open] of [['Debian\'s PyTorch', openSystem], ['newest PyTorch', openNewest]] as const) {
		const peer = await open(say)
		if (!peer) continue
		try {
			rows.push(...(await against(name, peer, pack, { framePath, image, weights, shapes }, say)))
		} finally {
			peer.close()
		}
	}
	return rows
}

const SCRIPT = resolve(import.meta.dirname, '../peers/scorecam.py')

async function openSystem(say: Say): Promise<PythonPeer | null> {
	const python = await systemPyTorch(say)
	const packages = python && (await packagesFor(python, SYSTEM_PACKAGES, say))
	return python && packages ? startPython(python, SCRIPT, [packages]) : null
}

async function openNewest(say: Say): Promise<PythonPeer | null> {
	const python = await pythonWith(NEWEST_PACKAGES, say)
	return python ? startPython(python, SCRIPT) : null
}

/** Writes weight and bias of every convolution and linear layer, in the order of the network, as float32. @returns Their sizes. */
function writeWeights(graph: Graph, path: string): number[][] {
	const plain = plainConstants(graph)
	const constants = new Map(plain.initializer.map((tensor) => [tensor.name ?? '', tensor]))
	const tensors = plain.node.filter(({ opType }) => opType === 'Conv' || opType === 'Gemm').flatMap(({ input }) => input.slice(1).flatMap((name) => constants.get(name) ?? []))
	writeFileSync(path, Buffer.concat(tensors.map((tensor) => new Uint8Array(tensorFloats(tensor).buffer))))
	return tensors.map(tensorDims)
}

interface Material {
	framePath: string
	image: string
	weights: string
	shapes: number[][]
}

async function against(name: string, peer: PythonPeer, { manifest, directory }: Pack, { framePath, image, weights, shapes }: Material, say: Say): Promise<BenchRow[]> {
	const about = (await peer.ask({ task: 'load', weights, shapes, encoding: OFA_595, classes: manifest.labels.length, threads: availableParallelism() })) as {
		torch: string
		torchvision: string | null
		libraries: Record<Library, { version?: string; missing?: string }>
	}
	const side = manifest.input.height
	const best = await fastest(peer, { image, side }, `${name} ${about.torch}`, say)
	const engine = createInferenceEngine()
	const quiet = { progress: () => {}, signal: new AbortController().signal }
	await engine.load({ directory, manifest }, quiet)
	const answer = await engine.predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 }, quiet)
	const label = answer.labels.reduce((most, { probability }, index, all) => (probability > (all[most]?.probability ?? 0) ? index : most), 0)
	const rows: BenchRow[] = []
	for (const library of LIBRARIES) {
		const { version, missing } = about.libraries[library]
		if (version === undefined) {
			say(`No comparison with ${library} on ${name} ${about.torch}: ${missing ?? ''}.`)
			continue
		}
		const theirs = async (form: string, batch: number | null) => {
			// The threads of a network that has just run go on spinning for a while: on a small machine they would slow the other side.
			await setTimeout(PAUSE_MILLISECONDS)
			return (await peer.ask({ task: 'map', library, image, side, label, form, batch })) as Answer
		}
		const ours: number[] = []
		const asItComes: Answer[] = []
		const explain = () => engine.explain({ modelSha256: manifest.sha256, framePath, layer: null, mode: library }, quiet)
		// Makes the graph of this library's masks and finds out the size of batch; the library's network has run before, too.
		let state: CamState = await explain()
		for (let run = 0; run < RUNS; run++) {
			await setTimeout(PAUSE_MILLISECONDS)
			ours.push(await timed(async () => {
				state = await explain()
			}))
			asItComes.push(await theirs('plain', null))
		}
		const atBest = [await theirs(best.form, best.batch)]
		for (const [title, answers] of [['as it comes', asItComes], [`${best.form}, batches of ${best.batch}`, atBest]] as const) {
			rows.push(rowOf(`exact map at ${side}, against ${library} ${version} on ${name} ${about.torch}, ${title}`, 'ms', ours, answers.map(({ milliseconds }) => milliseconds)))
			sayAgreement(`${library} on ${name}, ${title}`, { state, label: manifest.labels[label]?.name ?? '', logits: answer.labels.map(({ logit }) => logit) }, answers, say)
		}
	}
	const { mebibytes } = (await peer.ask({ task: 'memory' })) as { mebibytes: number }
	say(`${name}: at most ${mebibytes.toFixed(0)} MiB.`)
	return rows
}

/** The form of the network and the size of batch with which bare forward passes take least time per image. */
async function fastest(peer: PythonPeer, question: { image: string; side: number }, name: string, say: Say): Promise<{ form: string; batch: number }> {
	const tried: { form: string; batch: number; milliseconds: number }[] = []
	for (const form of FORMS) {
		const { perImage } = (await peer.ask({ task: 'speed', ...question, form, batches: BATCHES })) as { perImage: number[] }
		tried.push(...BATCHES.map((batch, index) => ({ form, batch, milliseconds: perImage[index] ?? Number.POSITIVE_INFINITY })))
	}
	say(`${name}, bare network, ms per image in batches of ${BATCHES.join(', ')}: ${FORMS.map((form) => `${form} ${tried.filter((one) => one.form === form).map(({ milliseconds }) => milliseconds.toFixed(1)).join(', ')}`).join('; ')}.`)
	return tried.reduce((least, one) => (one.milliseconds < least.milliseconds ? one : least))
}

/** A fast wrong map would be no win: logits and maps must be the same. How much of the machine the other had tells whether others were at work. */
function sayAgreement(title: string, { state, label, logits }: { state: CamState; label: string; logits: number[] }, theirs: readonly Answer[], say: Say): void {
	const [first] = theirs
	const map = state.maps[label]
	if (!map || first?.map.length !== map.length) {
		say(`${title}: its map has ${first?.map.length ?? 0} values and ours has ${map?.length ?? 0}.`)
		return
	}
	const { rankCorrelation } = compareMaps({ height: state.height, width: state.width, values: map }, { height: state.height, width: state.width, values: first.map })
	const apart = Math.max(...first.map.map((value, index) => Math.abs(value - (map[index] ?? Number.NaN))))
	const logitsApart = Math.max(...first.logits.map((value, index) => Math.abs(value - (logits[index] ?? Number.NaN))))
	say(`${title}: map of ${label} differs by at most ${apart.toExponential(1)} of its range, Spearman ${rankCorrelation?.toFixed(4) ?? 'none'}; logits by ${logitsApart.toExponential(1)}.`)
	const busy = median(theirs.map(({ milliseconds, processor }) => processor / milliseconds))
	if (busy < LEAST_SHARE * availableParallelism()) say(`${title}: it had ${busy.toFixed(2)} processors; other work was on the machine, or it does not use them.`)
}
