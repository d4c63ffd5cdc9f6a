import { cssColour } from '../../../common/imaging/colourMap.ts'
import type { KeyImageContent } from '../content.ts'
import { BODY_WIDTH, INK, PAGE, STYLES, lineHeight, type Sheet } from './sheet.ts'
import { percentText } from './words.ts'

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

function layOut(sheet: Sheet, keyImage: KeyImageContent, number: number): { height: number; draw(x: number, y: number): void } {
	assertPlainPng(keyImage.png)
	const scale = Math.min(COLUMN / keyImage.width, HIGHEST / keyImage.height)
	const size = { width: keyImage.width * scale, height: keyImage.height * scale }
	const title = `Image ${number}${keyImage.caption ? `. ${keyImage.caption}` : ''}`
	const caption = sheet.set(title, STYLES.small, COLUMN).slice(0, 8)
	const words = keyImage.map ? sheet.set(mapText(keyImage.map), STYLES.tiny, COLUMN) : []
	const legend = keyImage.map ? LEGEND.height + lineHeight(STYLES.tiny) * (1 + words.length) + 5 : 0
	return {
		height: size.height + 4 + caption.length * lineHeight(STYLES.small) + legend,
		draw(x, y) {
			sheet.tagged('Figure', () => sheet.document.image(Buffer.from(keyImage.png), x, y, size), keyImage.map ? `${title}. ${mapText(keyImage.map)}` : title)
			let top = y + size.height + 4
			sheet.tagged('Caption', () => {
				top += sheet.lines(caption, x, top, COLUMN, STYLES.small)
				const { map } = keyImage
				if (!map) return
				drawLegend(sheet, map, x, top + 3)
				sheet.lines(words, x, top + LEGEND.height + lineHeight(STYLES.tiny) + 5, COLUMN, STYLES.tiny, INK.muted)
			})
		},
	}
}

function mapText(map: MapContent): string {
	const state = map.exact ? 'exact' : `${percentText(map.share)} of the channels`
	const about = `Score-CAM for ${map.title}, layer ${map.layer}, ${state}`
	if (map.empty) return `${about}. The map is empty: no part of the image moved the network towards this label.`
	return `${about}, opacity ${percentText(map.opacity)}, drawn from ${map.threshold.toFixed(2)} on. It shows what moved the network, not where disease is.`
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
