import { cssColour } from '../../../common/imaging/colourMap.ts'
import { lungEnergyWords, lungFinderWords } from '../../../common/text/lungWords.ts'
import type { KeyImageContent, MapExplanation } from '../content.ts'
import type { Line, Style } from '../text/typeset.ts'
import { BODY_WIDTH, INK, PAGE, STYLES, lineHeight, type Sheet } from './sheet.ts'
import { percentText, probabilityText } from './words.ts'

const GAP = 16
const COLUMN = (BODY_WIDTH - GAP) / 2
const HIGHEST = 270
const LEGEND = { width: 120, height: 7, steps: 60 } as const

type MapContent = NonNullable<KeyImageContent['map']>

/** The pictures in two columns, each with its caption and, where it carries a map, the map's legend. */
export function drawKeyImages(sheet: Sheet, keyImages: KeyImageContent[]): void {
	for (let index = 0; index < keyImages.length; index += 2) {
		const row = keyImages.slice(index, index + 2).map((keyImage, place) => layOut(sheet, keyImage, index + place + 1))
		const height = Math.max(...row.map((cell) => cell.height))
		if (index === 0) sheet.heading('Key images', height)
		sheet.ensure(height)
		for (const [place, cell] of row.entries()) cell.draw(PAGE.left + place * (COLUMN + GAP), sheet.y)
		sheet.y += height + 8
	}
}

/** What is said under a picture: verdict: the word on how far to trust the map; warning: one that must not be overlooked, framed. */
interface Sentence { text: string; kind: 'plain' | 'verdict' | 'warning' }
interface Block { lines: Line[]; style: Style; colour: string; framed: boolean }

const FRAME = 4

function layOut(sheet: Sheet, keyImage: KeyImageContent, number: number): { height: number; draw(x: number, y: number): void } {
	assertPlainPng(keyImage.png)
	const scale = Math.min(COLUMN / keyImage.width, HIGHEST / keyImage.height)
	const size = { width: keyImage.width * scale, height: keyImage.height * scale }
	const title = `Image ${number}${keyImage.caption ? `. ${keyImage.caption}` : ''}`
	const caption = sheet.set(title, STYLES.small, COLUMN).slice(0, 8)
	const sentences = keyImage.map ? mapSentences(keyImage.map) : []
	const blocks = sentences.map((sentence) => blockOf(sheet, sentence))
	const legend = keyImage.map ? LEGEND.height + lineHeight(STYLES.tiny) + 5 : 0
	return {
		height: size.height + 4 + caption.length * lineHeight(STYLES.small) + legend + blocks.reduce((sum, block) => sum + blockHeight(block), 0),
		draw(x, y) {
			sheet.tagged('Figure', () => sheet.document.image(Buffer.from(keyImage.png), x, y, size), [title, ...sentences.map(({ text }) => text)].join('. '))
			let top = y + size.height + 4
			sheet.tagged('Caption', () => {
				top += sheet.lines(caption, x, top, COLUMN, STYLES.small)
				if (keyImage.map) drawLegend(sheet, keyImage.map, x, top + 3)
				top += legend
				for (const block of blocks) {
					drawBlock(sheet, block, x, top)
					top += blockHeight(block)
				}
			})
		},
	}
}

function blockOf(sheet: Sheet, { text, kind }: Sentence): Block {
	const style = kind === 'plain' ? STYLES.tiny : STYLES.smallStrong
	const framed = kind === 'warning'
	return { lines: sheet.set(text, style, COLUMN - (framed ? 2 * FRAME : 0)), style, colour: kind === 'plain' ? INK.muted : INK.text, framed }
}

function blockHeight({ lines, style, framed }: Block): number {
	return lines.length * lineHeight(style) + (framed ? 2 * FRAME + 2 : 1.5)
}

function drawBlock(sheet: Sheet, block: Block, x: number, y: number): void {
	if (!block.framed) {
		sheet.lines(block.lines, x, y, COLUMN, block.style, block.colour)
		return
	}
	sheet.document.lineWidth(1).strokeColor(INK.text).rect(x + 0.5, y + 1.5, COLUMN - 1, blockHeight(block) - 3).stroke()
	sheet.lines(block.lines, x + FRAME, y + FRAME, COLUMN - 2 * FRAME, block.style, block.colour)
}

/** What is printed under a map, the verdict on it in front. */
function mapSentences(map: MapContent): Sentence[] {
	const { explanation } = map
	const about: Sentence = { text: mapText(map), kind: 'plain' }
	if (!explanation) return [about]
	return [...callSentences(map, explanation.answer), ...trustSentences(map, explanation.faithfulness), about, ...placeSentences(explanation), ...besideSentences(explanation.beside)]
}

function mapText(map: MapContent): string {
	const state = map.exact ? 'exact' : `${percentText(map.share)} of the channels`
	const made = map.explanation ? ` by the ${makerText(map.explanation.maker)}, ${DEFINITIONS[map.explanation.mode]}` : ''
	const about = `Score-CAM for ${shortened(map.title)}${made}, layer ${shortened(map.layer)}, ${state}`
	if (map.empty) return `${about}. The map is empty: no part of the image moved the network towards this label.`
	return `${about}, opacity ${percentText(map.opacity)}, drawn from ${map.threshold.toFixed(2)} on. It shows what moved the network, not where disease is.`
}

/** A map looks the same whether the label is called or not. */
function callSentences(map: MapContent, { call, probability, operatingPoint }: MapExplanation['answer']): Sentence[] {
	if (call === 'positive') return []
	const numbers = `probability ${probabilityText(probability)}, operating point ${probabilityText(operatingPoint)}`
	return [{ text: `The network ${call === 'abstained' ? 'abstained' : `does not call ${shortened(map.title)}`} here (${numbers}).`, kind: 'verdict' }]
}

function trustSentences(map: MapContent, faithfulness: MapExplanation['faithfulness']): Sentence[] {
	// That it is empty is said where the map is described.
	if (map.empty) return []
	if (!faithfulness) return [{ text: 'Faithfulness not measured.', kind: 'verdict' }]
	const { verdict, chance, randomMaps, deletionArea, insertionArea, probability, maskedProbability, drop, increased } = faithfulness
	const masked = `probability ${probabilityText(probability)}, of the image times the map ${probabilityText(maskedProbability)} (${increased ? 'increased' : `drop ${percentText(drop)}`})`
	const numbers: Sentence = {
		text: `Chance ${chance.toFixed(2)} beside ${randomMaps} maps in random places; deletion area ${deletionArea.toFixed(2)} (low is faithful), insertion area ${insertionArea.toFixed(2)} (high is faithful); ${masked}.`,
		kind: 'plain',
	}
	if (verdict === 'better') return [{ text: 'Faithfulness: better than chance.', kind: 'verdict' }, numbers]
	return [{ text: 'Faithfulness: no better than chance. Do not rely on this map.', kind: 'warning' }, numbers]
}

/** Which part of the film the map is of, and how much of it lies where lungs are. */
function placeSentences({ region, lungs }: MapExplanation): Sentence[] {
	const sentences: Sentence[] = []
	if (region) {
		const across = `${percentText(region.left)} to ${percentText(region.right)} of the film’s width`
		sentences.push({ text: `The network saw only the lungs with a margin (${across}, ${percentText(region.top)} to ${percentText(region.bottom)} of its height); outside of it the map has no values.`, kind: 'plain' })
	}
	if (lungs?.inside) sentences.push({ text: `${lungEnergyWords(lungs.inside, region !== undefined)} ${lungFinderWords(lungs)}`, kind: 'plain' })
	return sentences
}

function besideSentences(beside: MapExplanation['beside']): Sentence[] {
	if (!beside) return []
	const { maker, layer, correlation, topFifthOverlap } = beside
	const other = `Beside the map of the ${makerText(maker)}, layer ${shortened(layer)}`
	if (correlation === null || topFifthOverlap === null) return [{ text: `${other}: not to be compared, for one of the two is the same everywhere.`, kind: 'plain' }]
	const numbers = `correlation ${correlation.toFixed(2).replace('-', '−')}, overlap of the hottest fifths ${percentText(topFifthOverlap)} (11 % by chance)`
	return [{ text: `${other}: ${numbers}.`, kind: 'plain' }]
}

function makerText({ role, modelTitle, model }: MapExplanation['maker']): string {
	return `${role} (${shortened(modelTitle)} ${model.version})`
}

const DEFINITIONS: Record<MapExplanation['mode'], string> = {
	paper: 'defined as in the paper',
	official: 'defined as in its authors’ program',
	'pytorch-grad-cam': 'defined as in pytorch-grad-cam',
	torchcam: 'defined as in torchcam',
}

/** Names come from model packs and may be of any length; what is said about them must stay on the page. */
function shortened(name: string): string {
	const characters = [...name.replaceAll(/\s+/g, ' ')]
	return characters.length > 90 ? `${characters.slice(0, 89).join('')}…` : name
}

/** The colour scale with its ends, its threshold and its unit; what is below the threshold is not coloured on the film either. */
function drawLegend(sheet: Sheet, map: MapContent, x: number, y: number): void {
	const { document } = sheet
	const step = LEGEND.width / LEGEND.steps
	for (let index = 0; index < LEGEND.steps; index++) {
		const value = (index + 0.5) / LEGEND.steps
		if (value < map.threshold) continue
		document.rect(x + index * step, y, step + 0.2, LEGEND.height).fill(hexadecimal(cssColour('inferno', value)))
	}
	document.lineWidth(0.5).strokeColor(INK.fill).rect(x, y, LEGEND.width, LEGEND.height).stroke()
	const top = y + LEGEND.height + 1
	const nearEnd = map.threshold < 0.14 || map.threshold > 0.86
	sheet.label('0', x, top, 20, { style: STYLES.tiny, colour: INK.muted })
	if (!nearEnd) {
		const at = x + map.threshold * LEGEND.width
		document.lineWidth(0.8).strokeColor(INK.text).moveTo(at, y - 1.5).lineTo(at, y + LEGEND.height + 1.5).stroke()
		sheet.label(map.threshold.toFixed(2), at - 15, top, 30, { style: STYLES.tiny, colour: INK.muted, align: 'centre' })
	}
	sheet.label('1', x + LEGEND.width - 20, top, 20, { style: STYLES.tiny, colour: INK.muted, align: 'right' })
	sheet.label('share of the map’s largest value', x + LEGEND.width + 8, y - 2, COLUMN - LEGEND.width - 8, { style: STYLES.tiny, colour: INK.muted })
}

/** "rgb(1, 2, 3)" as pdfkit wants it. */
function hexadecimal(css: string): string {
	return `#${(css.match(/\d+/g) ?? []).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`
}

/** pdfkit takes transparency and interlacing apart on later ticks, which would make the order of the file's objects a matter of chance. */
function assertPlainPng(png: Uint8Array): void {
	const header = Buffer.from(png.buffer, png.byteOffset, Math.min(png.byteLength, 33))
	const plain = header.length === 33 && header.toString('latin1', 1, 4) === 'PNG' && header[24] === 8 && (header[25] === 0 || header[25] === 2) && header[28] === 0
	if (!plain) throw new Error('A key image must be a PNG of 8 bits, grey or RGB, without transparency and not interlaced.')
}
