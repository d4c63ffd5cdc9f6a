import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BenchRow, Say } from './harness/compare.ts'
import { filmCurves, SHARES, shareReaching, summarise, type FilmCurves } from './scorecam/curve.ts'
import { definitionsCompared } from './scorecam/definitions.ts'
import { exactAgainstBare } from './scorecam/exact.ts'
import { filmsOf, phantom } from './scorecam/films.ts'
import { memoryByChannels } from './scorecam/memory.ts'
import { fewerBits } from './scorecam/narrow.ts'
import { againstLibraries } from './scorecam/peers.ts'
import { chartPicture } from './scorecam/picture.ts'
import { scoresOf } from './scorecam/scores.ts'
import { firstStudent, modelOf, packLike, type Pack } from './scorecam/students.ts'

const LARGE_SIDE = 224
const EXACT_RUNS = { large: 3, shipped: 5 }
const FILMS = 100
const LARGE_FILMS = 8
/** Of those films every fourth is compared between networks of other bits: each takes as long as two exact maps. */
const BITS_STEP = 4
const ANSWER_FILMS = 664
const DEFINITION_FILMS = 20
const USEFUL = 0.95
const PICTURE = resolve(import.meta.dirname, '../docs/pictures/scorecam-curve.svg')

/** What a part works on: the shipped student, and the same weights for images of 224 x 224, which its graph allows since nothing in it has the image's size. */
interface Material {
	shipped: Pack
	large: Pack
	folder: string
	say: Say
}

const PARTS: Record<string, (material: Material) => Promise<BenchRow[]>> = {
	/** Goal: at most 1.15. */
	async exact({ shipped, large, folder, say }) {
		const [film = phantom] = filmsOf('val', 1)
		return [
			...(await exactAgainstBare(large, film, { layers: ['final_expand'], runs: EXACT_RUNS.large }, folder, say)),
			...(await exactAgainstBare(shipped, film, { layers: ['final_expand', 'last_block'], runs: EXACT_RUNS.shipped }, folder, say)),
		]
	},
	/** Goals: 0.25 on Debian's PyTorch, 0.5 on the newest. */
	peers({ large, folder, say }) {
		const [film = phantom] = filmsOf('val', 1)
		return againstLibraries(large, film, folder, say)
	},
	/** Goal: at most 8 per cent of the passes. Draws docs/pictures/scorecam-curve.svg. */
	async curve({ shipped, large, say }) {
		const small = await curvesOf(shipped, FILMS, say)
		if (small.length === 0) return []
		const big = await curvesOf(large, LARGE_FILMS, say)
		const [shown, shownLarge, inOrder] = [summarise(small.map((one) => one.shown)), summarise(big.map((one) => one.shown)), summarise(small.map((one) => one.inOrder))]
		const every = summarise(small.flatMap((one) => one.all))
		sayCurve(`${shipped.manifest.input.height} x ${shipped.manifest.input.width}, label with the highest score, ${small.length} films`, shown, say)
		sayCurve('the same, every label', every, say)
		sayCurve(`${LARGE_SIDE} x ${LARGE_SIDE}, ${big.length} films`, shownLarge, say)
		sayCurve('channels in the network\'s order, nothing foretold', inOrder, say)
		const bounds = [...small, ...big].reduce((sum, one) => ({ given: sum.given + one.bounds.given, held: sum.held + one.bounds.held }), { given: 0, held: 0 })
		say(`Of ${(small.length + big.length) * (SHARES.length - 1)} states before the exact one, ${bounds.given} came with a bound, and ${bounds.held} of those were within it.`)
		writeFileSync(PICTURE, picture({ shown, shownLarge, inOrder }, small.length, big.length))
		return [
			['label with the highest score', shown.median, small.length, shipped] as const,
			['every label', every.median, small.length, shipped] as const,
			['label with the highest score', shownLarge.median, big.length, large] as const,
		].map(([name, curve, films, { manifest }]) => {
			const reached = shareReaching(curve, USEFUL)
			return { name: `useful map at ${manifest.input.height}, ${name}, against the goal`, unit: '% passes', ours: reached, reference: 8, ratio: reached / 8, runs: films }
		})
	},
	bits: ({ shipped, folder, say }) => fewerBits(shipped, { answerFilms: ANSWER_FILMS, mapFilms: filmsOf('val', FILMS).filter((_, index) => index % BITS_STEP === 0) }, folder, say),
	/** Each definition's maps beside the paper's; runs only where it is named. */
	definitions: ({ shipped, folder, say }) => definitionsCompared(shipped, filmsOf('val', DEFINITION_FILMS), folder, say),
	/** Goal: flat. */
	memory: ({ large, folder, say }) => memoryByChannels(large, folder, say),
}

/**
 * Score-CAM: the exact map against bare forward passes and against other programs, how soon a map is useful, what fewer bits do to it, and its memory.
 * The parts of the table above may be named one by one; without names all run but the comparison of the definitions with one another.
 */
export async function scorecam(say: Say, parts: readonly string[]): Promise<BenchRow[]> {
	const unknown = parts.find((part) => !(part in PARTS))
	if (unknown !== undefined) throw new Error(`The benchmark has no part "${unknown}"; it has ${Object.keys(PARTS).join(', ')}.`)
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	try {
		const shipped = firstStudent()
		const large = await packLike(shipped, modelOf(shipped), join(folder, 'large'), LARGE_SIDE)
		const rows: BenchRow[] = []
		for (const [name, measure] of Object.entries(PARTS)) {
			if (parts.length > 0 ? !parts.includes(name) : name === 'definitions') continue
			say(`Part "${name}".`)
			rows.push(...(await measure({ shipped, large, folder, say })))
		}
		return rows
	} finally {
		rmSync(folder, { recursive: true, force: true })
	}
}

async function curvesOf(pack: Pack, count: number, say: Say): Promise<FilmCurves[]> {
	const films = filmsOf('val', count)
	if (films.length === 0) say('No curve: ../shared/data is not there.')
	const curves: FilmCurves[] = []
	for await (const scores of scoresOf(pack, films, say)) curves.push(filmCurves(scores, pack.manifest.input))
	return curves
}

function sayCurve(name: string, { median, worstTenth }: ReturnType<typeof summarise>, say: Say): void {
	say(`Spearman with the exact map, ${name}, median (worst tenth) after ${SHARES.map((share, index) => `${share} %: ${median[index]?.toFixed(3) ?? ''} (${worstTenth[index]?.toFixed(3) ?? ''})`).join(', ')}.`)
}

function picture({ shown, shownLarge, inOrder }: Record<'shown' | 'shownLarge' | 'inOrder', ReturnType<typeof summarise>>, films: number, largeFilms: number): string {
	return chartPicture({
		title: 'How soon a map is like the exact one (first student, 1,152 channels)',
		horizontal: { name: 'Share of the forward passes (logarithmic)', places: SHARES, ticks: [0.1, 0.2, 0.5, 1, 2, 4, 8, 20, 40, 100], unit: ' %' },
		vertical: { name: 'Spearman with the exact map (0.5: or less)', least: 0.5, most: 1, ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] },
		goal: { upTo: 8, from: USEFUL, name: 'goal: median 0.95 after 8 %' },
		lines: [
			{ name: `128 x 128, median of ${films} films`, colour: '#0b5394', values: shown.median },
			{ name: 'the same, a tenth of the films is below', colour: '#0b5394', dash: '6 4', values: shown.worstTenth },
			{ name: `224 x 224, median of ${largeFilms} films`, colour: '#b45f06', values: shownLarge.median },
			{ name: 'channels in order, nothing foretold: median', colour: '#595959', values: inOrder.median },
			{ name: 'the same, a tenth of the films is below', colour: '#595959', dash: '2 3', values: inOrder.worstTenth },
		],
	})
}
