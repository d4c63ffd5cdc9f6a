import type { Gate, GateCheck } from '../../common/contract/analysis.ts'
import type { Frame } from '../../common/contract/frame.ts'
import type { LungFindings } from '../../common/contract/lungFindings.ts'
import type { ModelManifest } from '../../common/contract/model.ts'

/**
 * The rules of the input gate. Numbers were chosen so that none of 5,753 public chest films comes near them: of those the longer side is at most 2.3
 * times the shorter, at most 19 % of the pixels are white, at most 49 % black or white, and at least 62 grey levels occur.
 */
export const GATE_RULES = {
	/** Longer side over shorter side. */
	longestAspect: 4,
	fewestLevels: 16,
	/** Largest share of pixels at 255, and at 0 or 255 together, in the default window. */
	mostWhite: 0.5,
	mostClipped: 0.8,
	/** A pixel is coloured when its channels differ by more than this many of 255 levels; a grey image has at most this share of them. */
	colouredLevels: 16,
	mostColoured: 0.05,
	/**
	 * Haematoxylin and eosin both absorb green most (their optical densities in red, green and blue are 0.65, 0.70, 0.29 and 0.07, 0.99, 0.11: Ruifrok and Johnston 2001), so green is
	 * the darkest channel of stained tissue. Of 2,797 training and validation tiles of LC25000 at least 25 % of the pixels are coloured, and 99.5 % of the tiles have green darkest in
	 * 40 % of their coloured pixels or more (median 99 %); of nine photographs none reaches 32 %.
	 */
	leastColoured: 0.1,
	leastStained: 0.4,
} as const

const KNOWN_PHOTOMETRIC = /^(MONOCHROME[12]|PALETTE COLOR|RGB|YBR_(FULL|FULL_422|PARTIAL_420|PARTIAL_422|ICT|RCT))$/
/** Pixels looked at for grey levels and colour: a regular grid of about this many. */
const SAMPLED_PIXELS = 16384

export type Verdict = Pick<GateCheck, 'state' | 'detail'>
const passed = (detail: string): Verdict => ({ state: 'passed', detail })
const failed = (detail: string): Verdict => ({ state: 'failed', detail })
const unknown = (detail: string): Verdict => ({ state: 'unknown', detail })
const SKIPPED: Verdict = { state: 'skipped', detail: 'Not checked, because an earlier check failed.' }

/**
 * Whether a Frame is something that the network may answer on. Checks run in their order; the first that fails ends it.
 * @param shown displaySamples(frame): what a reader sees in the default window.
 */
export function checkInput(frame: Frame, shown: Uint8Array, manifest: ModelManifest): Gate {
	const { header } = frame
	const levels = lazily(() => greyLevels(frame, shown))
	const steps: [GateCheck['name'], string, () => Verdict][] = [
		['decoded', 'Decoded', () => checkDecoded(frame)],
		['frame', 'One plausible frame', () => checkFrame(frame)],
		['photometric', 'Known way from pixels to grey or colour', () => checkPhotometric(frame, shown, manifest)],
		['constant', 'Not blank', () => checkConstant(frame, levels())],
		['saturation', 'Not saturated', () => checkSaturation(levels())],
		['size', 'Large enough', () => checkSize(header, manifest)],
		['modality', 'Modality', () => checkModality(header, manifest)],
		['bodyPart', 'Body part and view', () => checkBodyPart(header, manifest)],
	]
	const checks: GateCheck[] = []
	let open = true
	for (const [name, title, check] of steps) {
		const verdict: Verdict = open ? check() : SKIPPED
		if (verdict.state === 'failed') open = false
		checks.push({ name, title, ...verdict })
	}
	return { ok: open, reasons: checks.filter((check) => check.state === 'failed').map((check) => check.detail), checks }
}

/**
 * The check of a chest film before the network runs: are there two whole lungs where they are on a frontal film. A network that sees the lungs alone cannot answer where nobody
 * looked; for the others it is unknown then.
 * @param lungs What was found, or why nobody looked.
 */
export function addLungCheck(gate: Gate, lungs: LungFindings | { fault: string }, { input }: ModelManifest): Gate {
	return addCheck(gate, 'lungs', 'Lungs', gate.ok ? checkLungs(lungs, input.region !== undefined) : SKIPPED)
}

/** The gate with one more check; skipped where an earlier one failed. */
export function addCheck(gate: Gate, name: GateCheck['name'], title: string, verdict: Verdict): Gate {
	const { state, detail } = gate.ok ? verdict : SKIPPED
	return { ok: gate.ok && state !== 'failed', reasons: [...gate.reasons, ...(state === 'failed' ? [detail] : [])], checks: [...gate.checks, { name, title, state, detail }] }
}

function checkLungs(lungs: LungFindings | { fault: string }, needed: boolean): Verdict {
	if ('fault' in lungs) return needed ? failed(`The network sees the lungs alone, and they could not be looked for. ${lungs.fault}`) : unknown(`Lungs were not looked for. ${lungs.fault}`)
	if (lungs.reasons.length > 0) return failed(lungs.reasons.join(' '))
	return passed(`Two complete lungs, as on a frontal chest film; they cover ${percent((lungs.left?.area ?? 0) + (lungs.right?.area ?? 0))} of it.`)
}

function lazily<Value>(make: () => Value): () => Value {
	let made: { value: Value } | null = null
	return () => (made ??= { value: make() }).value
}

function checkDecoded({ header, pixels }: Frame): Verdict {
	if (pixels.length !== header.rows * header.columns * header.samplesPerPixel) return failed('The image is incomplete: it holds fewer pixels than it states.')
	if (!Number.isFinite(header.stored.min) || !Number.isFinite(header.stored.max)) return failed('The image holds pixel values that are not numbers.')
	return passed(`${header.kind.toUpperCase()}, ${header.columns} x ${header.rows} pixels, ${header.source.bitsStored} bits.`)
}

function checkFrame({ header }: Frame): Verdict {
	if (header.source.frames > 1) return failed(`The file holds ${header.source.frames} frames; a single image has one, and the network was not trained on series of images.`)
	const aspect = Math.max(header.rows, header.columns) / Math.min(header.rows, header.columns)
	if (aspect > GATE_RULES.longestAspect) {
		return failed(`The image is ${aspect.toFixed(1)} times longer than wide; at most ${GATE_RULES.longestAspect} times is plausible.`)
	}
	return passed('One frame of plausible shape.')
}

function checkPhotometric(frame: Frame, shown: Uint8Array, manifest: ModelManifest): Verdict {
	const { header } = frame
	const stated = header.source.photometric
	if (header.kind === 'dicom' && !KNOWN_PHOTOMETRIC.test(stated)) {
		return failed(`The file states the photometric interpretation "${stated.slice(0, 40)}", for which no way to grey or colour is known.`)
	}
	if (manifest.input.colour === 'rgb') {
		return header.samplesPerPixel === 3 ? checkStain(colours(frame, shown)) : failed('The image is grey; this network reads colour images of stained tissue.')
	}
	if (header.samplesPerPixel === 1) return passed(`Grey image (${stated || header.photometric}).`)
	const { coloured: share } = colours(frame, shown)
	if (share > GATE_RULES.mostColoured) {
		return failed(`This is a colour image, not a radiograph: ${percent(share)} of its pixels are coloured.`)
	}
	return passed('Stored in colour, but grey throughout.')
}

function checkStain({ coloured, greenDarkest }: { coloured: number; greenDarkest: number }): Verdict {
	if (coloured < GATE_RULES.leastColoured) return failed(`The image has hardly any colour: ${percent(coloured)} of its pixels. This network reads colour images of stained tissue.`)
	if (greenDarkest < GATE_RULES.leastStained) {
		return failed(`The image has not the colours of tissue stained with haematoxylin and eosin: green is the darkest channel in ${percent(greenDarkest)} of its coloured pixels, and in at least ${percent(GATE_RULES.leastStained)} of theirs.`)
	}
	return passed(`Colour image; green is the darkest channel in ${percent(greenDarkest)} of its coloured pixels, as in stained tissue.`)
}

function checkConstant({ header }: Frame, levels: GreyLevels): Verdict {
	if (header.stored.min === header.stored.max) return failed(`The image is blank: every pixel has the value ${header.stored.min}.`)
	if (levels.distinct < GATE_RULES.fewestLevels) {
		return failed(`In its default window the image shows only ${levels.distinct} grey ${levels.distinct === 1 ? 'level' : 'levels'}; a photographic image has at least ${GATE_RULES.fewestLevels}.`)
	}
	return passed(`${levels.distinct} grey levels in the default window.`)
}

function checkSaturation({ black, white }: GreyLevels): Verdict {
	if (white > GATE_RULES.mostWhite) return failed(`The image is saturated: ${percent(white)} of its pixels are white in the default window (at most ${percent(GATE_RULES.mostWhite)}).`)
	if (black + white > GATE_RULES.mostClipped) {
		return failed(`The image is saturated: ${percent(black + white)} of its pixels are pure black or white in the default window (at most ${percent(GATE_RULES.mostClipped)}).`)
	}
	return passed(`${percent(black)} black, ${percent(white)} white.`)
}

function checkSize({ rows, columns }: Frame['header'], { input }: ModelManifest): Verdict {
	const shorter = Math.min(rows, columns)
	return shorter < input.minimumSide
		? failed(`The image is too small: its shorter side has ${shorter} pixels, and the network needs ${input.minimumSide}.`)
		: passed(`Shorter side ${shorter} pixels, at least ${input.minimumSide} needed.`)
}

function checkModality({ source }: Frame['header'], { input }: ModelManifest): Verdict {
	const stated = source.modality?.trim().toUpperCase() ?? ''
	if (stated === '') return unknown('The file does not state a modality.')
	if (input.modalities.length === 0) return passed(stated)
	return input.modalities.includes(stated)
		? passed(stated)
		: failed(`The file states the modality ${stated.slice(0, 16)}; the network was trained for ${input.modalities.join(', ')}.`)
}

function checkBodyPart({ source }: Frame['header'], { input }: ModelManifest): Verdict {
	const part = source.bodyPart?.trim().toUpperCase() ?? ''
	const view = source.viewPosition?.trim().toUpperCase() ?? ''
	if (part !== '' && input.bodyParts.length > 0 && !part.split(/[^A-Z]+/).some((word) => input.bodyParts.includes(word))) {
		return failed(`The file states the body part ${part.slice(0, 32)}; the network was trained for ${input.bodyParts.join(', ')}.`)
	}
	if (view !== '' && input.views.length > 0 && !input.views.includes(view)) {
		return failed(`The file states the view ${view.slice(0, 16)}; the network was trained for ${input.views.join(', ')}.`)
	}
	if (part === '') return unknown(view === '' ? 'The file states neither a body part nor a view.' : `The file does not state a body part; view ${view}.`)
	return passed(view === '' ? `${part}; the file does not state a view.` : `${part}, ${view}.`)
}

interface GreyLevels {
	distinct: number
	black: number
	white: number
}

/** Display values of a regular grid of about SAMPLED_PIXELS pixels, samples interleaved as in the Frame. */
function sampled({ header }: Frame, shown: Uint8Array): Uint8Array {
	const { rows, columns, samplesPerPixel: samples } = header
	const step = Math.max(1, Math.floor(Math.sqrt((rows * columns) / SAMPLED_PIXELS)))
	const first = step >> 1
	const values = new Uint8Array(Math.ceil((rows - first) / step) * Math.ceil((columns - first) / step) * samples)
	let target = 0
	for (let row = first; row < rows; row += step) {
		const end = (row * columns + columns) * samples
		for (let source = (row * columns + first) * samples; source < end; source += step * samples) {
			for (let sample = 0; sample < samples; sample++) values[target++] = shown[source + sample] as number
		}
	}
	return values
}

function greyLevels(frame: Frame, shown: Uint8Array): GreyLevels {
	const { samplesPerPixel: samples } = frame.header
	const values = sampled(frame, shown)
	const histogram = new Uint32Array(256)
	// The green channel stands for the brightness of a colour pixel.
	for (let index = samples === 1 ? 0 : 1; index < values.length; index += samples) {
		const value = values[index] as number
		histogram[value] = (histogram[value] as number) + 1
	}
	const pixels = values.length / samples
	return { distinct: histogram.reduce((count, entry) => count + (entry > 0 ? 1 : 0), 0), black: (histogram[0] as number) / pixels, white: (histogram[255] as number) / pixels }
}

/** Shares: of the pixels that are coloured, and of these that have green as their darkest channel. */
function colours(frame: Frame, shown: Uint8Array): { coloured: number; greenDarkest: number } {
	const values = sampled(frame, shown)
	let coloured = 0
	let greenDarkest = 0
	for (let index = 0; index < values.length; index += 3) {
		const red = values[index] as number
		const green = values[index + 1] as number
		const blue = values[index + 2] as number
		if (Math.max(red, green, blue) - Math.min(red, green, blue) <= GATE_RULES.colouredLevels) continue
		coloured++
		if (green <= red && green <= blue) greenDarkest++
	}
	return { coloured: coloured / (values.length / 3), greenDarkest: coloured === 0 ? 0 : greenDarkest / coloured }
}

function percent(share: number): string {
	return `${Math.round(share * 100)} %`
}
