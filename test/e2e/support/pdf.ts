import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'

/** The text of each page of a PDF, words separated by blanks. */
export async function pagesOfPdf(bytes: Uint8Array): Promise<string[]> {
	const document = await getDocument({ data: Uint8Array.from(bytes), verbosity: 0 }).promise
	const pages: string[] = []
	for (let number = 1; number <= document.numPages; number++) {
		const { items } = await (await document.getPage(number)).getTextContent()
		pages.push(items.map((item) => ('str' in item ? item.str : '')).join(' ').replace(/\s+/g, ' '))
	}
	await document.destroy()
	return pages
}
