import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { create, type Font } from 'fontkit'
import decompress from 'woff2-encoder/decompress'
import { embeddedFont } from './embeddedFont.ts'

// Not called require: the build puts a shim of that name into every chunk.
const nodeRequire = createRequire(import.meta.url)

/** Noto Sans by script, in the order in which they are asked for a character. */
const PACKAGES = ['noto-sans', 'noto-sans-hebrew', 'noto-sans-arabic', 'noto-sans-jp', 'noto-sans-sc', 'noto-sans-kr'] as const

export type Weight = 400 | 600

/** A typeface file in one weight; pdfkit takes it as a font of its own. */
export interface Face {
	/** Unique in a document. */
	key: string
	font: Font
	/** Width of a shaped run in em. */
	width(text: string): number
}

export interface Typefaces {
	/** The face that has every character of the cluster, `preferred` first; null where none has. */
	find(cluster: string, weight: Weight, preferred: Face | null): Face | null
	/** The face that is always there. */
	latin(weight: Weight): Face
}

interface TypefaceFile { package: string; path: string; ranges: [number, number][] }

let catalogue: Promise<TypefaceFile[]> | null = null
const loaded = new Map<string, Promise<Font>>()

/**
 * The typefaces for the characters of a text. The packages cut each script's font into files by code point; only the
 * files that the text needs are read.
 */
export async function loadTypefaces(text: string): Promise<Typefaces> {
	catalogue ??= readCatalogue()
	// Han characters are written differently in Chinese and Japanese; kana tell which is meant.
	const last = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text) ? 'noto-sans-sc' : 'noto-sans-jp'
	const files = (await catalogue).toSorted((one, other) => Number(one.package === last) - Number(other.package === last))
	const needed = new Map<TypefaceFile, Font>()
	// Both forms: a decomposed letter may be found composed, see typeset.ts. U+FFFD stands for what no file has.
	for (const character of new Set(`${text}${text.normalize('NFC')}A\ufffd`)) {
		const codePoint = character.codePointAt(0) ?? 0
		for (const file of files) {
			if (!file.ranges.some(([start, end]) => codePoint >= start && codePoint <= end)) continue
			let font = loaded.get(file.path)
			if (!font) loaded.set(file.path, (font = loadFont(file.path)))
			const whole = await font
			// A range may promise more than the font has.
			if (!whole.hasGlyphForCodePoint(codePoint)) continue
			needed.set(file, whole)
			break
		}
	}
	const faces = files.flatMap((file) => {
		const whole = needed.get(file)
		return whole ? [{ 400: faceOf(whole, file.path, 400), 600: faceOf(whole, file.path, 600) }] : []
	})
	return {
		find(cluster, weight, preferred) {
			if (preferred && has(preferred, cluster)) return preferred
			return faces.find((face) => has(face[weight], cluster))?.[weight] ?? null
		},
		latin(weight) {
			const face = faces.find((candidate) => has(candidate[weight], 'A'))
			if (!face) throw new Error('The typefaces of the report are not installed.')
			return face[weight]
		},
	}
}

function has(face: Face, cluster: string): boolean {
	return [...cluster].every((character) => isMark(character) || face.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0))
}

/** Joiners and direction marks steer shaping and need no glyph. */
function isMark(character: string): boolean {
	return /[\u200c-\u200f]/.test(character)
}

async function readCatalogue(): Promise<TypefaceFile[]> {
	const files = await Promise.all(PACKAGES.map(async (name) => {
		const location = `@fontsource-variable/${name}`
		const ranges = JSON.parse(await readFile(nodeRequire.resolve(`${location}/unicode.json`), 'utf8')) as Record<string, string>
		return Object.entries(ranges).map(([part, text]) => ({
			package: name,
			path: nodeRequire.resolve(`${location}/files/${name}-${part.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`),
			ranges: text.split(',').map(parseRange),
		}))
	}))
	// The plain Latin file first: digits and punctuation come from it and not from another script's copy.
	return files.flat().toSorted((one, other) => Number(other.path.includes('noto-sans-latin-wght')) - Number(one.path.includes('noto-sans-latin-wght')))
}

/** "U+0041-005A" or "U+00B7" of a CSS unicode-range. */
function parseRange(text: string): [number, number] {
	const [first = '', last = first] = text.trim().slice(2).split('-')
	return [Number.parseInt(first, 16), Number.parseInt(last, 16)]
}

async function loadFont(path: string): Promise<Font> {
	const font = create(Buffer.from(await decompress(await readFile(path))))
	if (!('getVariation' in font)) throw new Error(`${path} holds more than one font.`)
	return font
}

function faceOf(whole: Font, path: string, weight: Weight): Face {
	const instance = whole.getVariation({ wght: weight })
	const key = `${path.split(/[\\/]/).at(-1)?.replace('-wght-normal.woff2', '')}-${weight}`
	const font = embeddedFont(instance, key)
	const widths = new Map<string, number>()
	return {
		key,
		font,
		width(text) {
			let width = widths.get(text)
			if (width === undefined) widths.set(text, (width = font.layout(text).advanceWidth / instance.unitsPerEm))
			return width
		},
	}
}
