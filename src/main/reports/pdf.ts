import PdfDocument from 'pdfkit'
import type { ReportContent } from './content.ts'
import { drawAnswers, drawProvenance } from './page/answers.ts'
import { drawIdentity } from './page/identity.ts'
import { drawKeyImages } from './page/keyImages.ts'
import { drawReading } from './page/reading.ts'
import { drawRunningMatter } from './page/running.ts'
import { PAGE, createSheet } from './page/sheet.ts'
import { patientName, reportName } from './page/words.ts'
import { loadTypefaces } from './text/typefaces.ts'
import { visibleText } from './text/visibleText.ts'

/**
 * The report as a PDF file (A4, tagged, fonts embedded). The same content gives the same bytes.
 * @throws Error where a key image is not the kind of PNG that KeyImageContent asks for.
 */
export async function renderPdf(content: ReportContent): Promise<Uint8Array<ArrayBuffer>> {
	const typefaces = await loadTypefaces(visibleText(`${PRINTABLE_ASCII}–…’−${stringsOf(content).join('')}`))
	const document = new PdfDocument({
		size: [PAGE.width, PAGE.height],
		margin: 0,
		bufferPages: true,
		pdfVersion: '1.7',
		tagged: true,
		lang: 'en',
		displayTitle: true,
		// Else pdfkit puts a standard font that is not embedded on every page.
		font: '',
		info: {
			Title: `${reportName(content)}: ${visibleText(content.study.description || 'imaging study')}, ${visibleText(patientName(content))}`,
			Author: visibleText(content.signedBy ?? content.institution),
			Creator: `${content.software.name} ${content.software.version}`,
			Producer: `${content.software.name} ${content.software.version}`,
			Subject: content.researchUse,
			CreationDate: dateOf(content.createdAt),
			ModDate: dateOf(content.createdAt),
		},
	})
	const chunks: Buffer[] = []
	const finished = new Promise<void>((resolve, reject) => {
		document.on('data', (chunk: Buffer) => chunks.push(chunk))
		document.on('end', resolve)
		document.on('error', reject)
	})
	const sheet = createSheet(document, typefaces)
	drawIdentity(sheet, content)
	drawReading(sheet, content)
	drawAnswers(sheet, content.images)
	drawKeyImages(sheet, content.keyImages)
	drawProvenance(sheet, content.images, content.keyImages, content.software)
	drawRunningMatter(sheet, content)
	document.end()
	await finished
	return new Uint8Array(Buffer.concat(chunks))
}

const PRINTABLE_ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index))

function dateOf(instant: string): Date {
	const time = Date.parse(instant)
	return new Date(Number.isNaN(time) ? 0 : time)
}

/** Every text in the content, for the choice of typefaces. */
function stringsOf(value: unknown): string[] {
	if (typeof value === 'string') return [value]
	if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return []
	return Object.values(value).flatMap(stringsOf)
}
