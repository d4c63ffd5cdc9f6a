import createBidi from 'bidi-js'
import type { Face, Typefaces, Weight } from './typefaces.ts'
import { visibleText } from './visibleText.ts'

const bidi = createBidi()
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Printed in the place of a character that no typeface has. */
export const REPLACEMENT = '\ufffd'

export interface Style { size: number; weight: Weight }

/** Text in one face, drawn left to right at its place. */
export interface Piece { text: string; face: Face; width: number }

export interface Line {
	pieces: Piece[]
	width: number
	/** The paragraph reads from right to left. */
	rightToLeft: boolean
}

interface Cluster { text: string; level: number; face: Face }

/**
 * Breaks a text into lines of at most `width` points, pieces in visual order (Unicode bidirectional algorithm, direction
 * of each paragraph by its first strong character). Words that are too long are cut between graphemes. Never empty: an
 * empty paragraph is a line without pieces.
 */
export function typeset(typefaces: Typefaces, text: string, style: Style, width: number): Line[] {
	return visibleText(text).split('\n').flatMap((paragraph) => typesetParagraph(typefaces, paragraph, style, width))
}

/** The text on one line, line ends as blanks, cut with an ellipsis where it is wider than `width` points. */
export function typesetOneLine(typefaces: Typefaces, text: string, style: Style, width: number): Line {
	const { clusters, rightToLeft } = analyse(typefaces, visibleText(text).replaceAll('\n', ' '), style.weight)
	if (measure(clusters, style) <= width) return lineOf(clusters, style, rightToLeft)
	const ellipsis: Cluster = { text: '…', level: rightToLeft ? 1 : 0, face: typefaces.find('…', style.weight, null) ?? typefaces.latin(style.weight) }
	const kept = fitting(clusters, style, width - measure([ellipsis], style))
	return lineOf([...clusters.slice(0, kept), ellipsis], style, rightToLeft)
}

function typesetParagraph(typefaces: Typefaces, paragraph: string, style: Style, width: number): Line[] {
	const { clusters, rightToLeft } = analyse(typefaces, paragraph, style.weight)
	const lines: Line[] = []
	let start = 0
	while (start < clusters.length) {
		let end = start
		let length = 0
		for (let next = nextBreak(clusters, end); end < clusters.length; next = nextBreak(clusters, end)) {
			length += measure(trimEnd(clusters.slice(end, next)), style)
			if (end > start && length > width) break
			length += measure(clusters.slice(end, next), style) - measure(trimEnd(clusters.slice(end, next)), style)
			end = next
		}
		// One word alone is too wide.
		if (measure(trimEnd(clusters.slice(start, end)), style) > width) end = start + Math.max(fitting(clusters.slice(start, end), style, width), 1)
		lines.push(lineOf(trimEnd(clusters.slice(start, end)), style, rightToLeft))
		start = end
	}
	return lines.length > 0 ? lines : [{ pieces: [], width: 0, rightToLeft: false }]
}

function analyse(typefaces: Typefaces, paragraph: string, weight: Weight): { clusters: Cluster[]; rightToLeft: boolean } {
	const { levels, paragraphs } = bidi.getEmbeddingLevels(paragraph)
	const clusters: Cluster[] = []
	let face: Face | null = null
	for (const { segment, index } of graphemes.segment(paragraph)) {
		const level = levels[index] ?? 0
		for (const part of printable(typefaces, segment, weight)) {
			// Blanks and punctuation stay in the face of what they follow, so that a run is shaped whole.
			const preferred: Face | null = /^[\p{Z}\p{P}\p{M}]/u.test(part) ? face : null
			face = typefaces.find(part, weight, preferred) ?? typefaces.latin(weight)
			clusters.push({ text: level % 2 === 1 ? mirrored(part) : part, level, face })
		}
	}
	return { clusters, rightToLeft: (paragraphs[0]?.level ?? 0) % 2 === 1 }
}

/** Brackets face the other way in right-to-left text, also with a mark on them. */
function mirrored(grapheme: string): string {
	return [...grapheme].map((character) => bidi.getMirroredCharacter(character) ?? character).join('')
}

/** A grapheme as it is, or composed, or character by character with the replacement for those that no typeface has. */
function printable(typefaces: Typefaces, grapheme: string, weight: Weight): string[] {
	for (const form of [grapheme, grapheme.normalize('NFC')]) {
		if (typefaces.find(form, weight, null)) return [form]
	}
	return [...grapheme].map((character) => (typefaces.find(character, weight, null) ? character : REPLACEMENT))
}

/** More graphemes than a line can hold: a longer word is looked at in parts, so that hostile text costs no more than its length. */
const LONGEST_PART = 320

/** Lines may end after blanks and hyphens, and on either side of an ideograph or kana. */
function nextBreak(clusters: Cluster[], from: number): number {
	const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
	const limit = Math.min(clusters.length, from + LONGEST_PART)
	let index = from + 1
	while (index < limit) {
		const before = clusters[index - 1]?.text ?? ''
		const after = clusters[index]?.text ?? ''
		const blankAhead = /^\s/u.test(after)
		if (!blankAhead && (/^[\s\u2010-]$/u.test(before) || unspaced.test(before) || (unspaced.test(after) && !/^[([{«“‘]/u.test(before)))) {
			// Closing punctuation stays with what it closes.
			if (!/^[、。，．）」』】〕〉》，！？：；)\]}»”’,.;:!?]/u.test(after)) return index
		}
		index++
	}
	return index
}

function trimEnd(clusters: Cluster[]): Cluster[] {
	let end = clusters.length
	while (end > 0 && /^\s+$/u.test(clusters[end - 1]?.text ?? '')) end--
	return clusters.slice(0, end)
}

/** How many clusters from the start fit into `width` points. */
function fitting(clusters: Cluster[], style: Style, width: number): number {
	let [low, high] = [0, Math.min(clusters.length, LONGEST_PART)]
	while (low < high) {
		const middle = Math.ceil((low + high) / 2)
		if (measure(clusters.slice(0, middle), style) <= width) low = middle
		else high = middle - 1
	}
	return low
}

function runs(clusters: Cluster[]): Cluster[] {
	const joined: Cluster[] = []
	for (const cluster of clusters) {
		const last = joined.at(-1)
		if (last && last.face === cluster.face && last.level === cluster.level) last.text += cluster.text
		else joined.push({ ...cluster })
	}
	return joined
}

function measure(clusters: Cluster[], style: Style): number {
	return runs(clusters).reduce((sum, run) => sum + run.face.width(run.text) * style.size, 0)
}

function lineOf(clusters: Cluster[], style: Style, rightToLeft: boolean): Line {
	const ordered = runs(clusters)
	// Rule L2: from the highest level down to the lowest odd one, turn round every sequence at that level or above.
	const highest = Math.max(0, ...ordered.map((run) => run.level))
	for (let level = highest; level >= 1; level--) {
		for (let start = 0; start < ordered.length; start++) {
			let end = start
			while ((ordered[end]?.level ?? -1) >= level) end++
			if (end > start) ordered.splice(start, end - start, ...ordered.slice(start, end).toReversed())
			start = end
		}
	}
	const pieces = ordered.map(({ text, level, face }) => ({ text: level % 2 === 1 && !/\p{L}/u.test(text) ? reversed(text) : text, face, width: face.width(text) * style.size }))
	return { pieces, width: pieces.reduce((sum, piece) => sum + piece.width, 0), rightToLeft }
}

/** Neutral characters within right-to-left text: no script tells the shaper to turn them round. */
function reversed(text: string): string {
	return [...graphemes.segment(text)].map(({ segment }) => segment).toReversed().join('')
}
