import { getDocument, OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { describe, expect, it } from 'vitest'
import { RESEARCH_USE } from '../../../src/common/contract/primitives.ts'
import type { MapExplanation, ReportContent } from '../../../src/main/reports/content.ts'
import { renderPdf } from '../../../src/main/reports/pdf.ts'
import { EXPLANATION, INPUT_SHA, MAP, STUDENT_SHA, TEACHER_SHA, makeAnalysis, makeContent, makeFinding, makeKeyImage, makeLabels } from './sample.ts'

interface Item { str: string; transform: number[]; width: number; height: number }

async function read(content: ReportContent) {
	const bytes = await renderPdf(content)
	const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise
	const pages = await Promise.all(Array.from({ length: document.numPages }, async (_, index) => {
		const page = await document.getPage(index + 1)
		const { items } = await page.getTextContent()
		const texts = items.filter((item): item is typeof item & Item => 'str' in item)
		const operators = await page.getOperatorList()
		const strokes = operators.fnArray.filter((operator, place) => operator === OPS.constructPath && (operators.argsArray[place] as unknown[])[0] === OPS.stroke).length
		return { strokes, items: texts as Item[], text: texts.map((item) => item.str).join(' ').replaceAll(/\s+/g, ' '), operators: operators.fnArray.length, box: page.view }
	}))
	const { info } = await document.getMetadata()
	return { bytes, pages, text: pages.map((page) => page.text).join('\n'), info: info as Record<string, unknown>, document }
}

const mapped = (change: Partial<MapExplanation>) => makeKeyImage({ map: { ...MAP, explanation: { ...EXPLANATION, ...change } } })

/** A pack may call itself anything. */
const LONG_MAKER = { role: 'teacher' as const, modelTitle: 'A network of many words '.repeat(100), model: { id: 'long', version: '10.10.10', sha256: '0f'.repeat(32) } }
const LONG: MapExplanation = { ...EXPLANATION, answer: { logit: -2, probability: 0.12, operatingPoint: 0.42, call: 'negative' }, maker: LONG_MAKER, beside: { ...EXPLANATION.beside!, maker: LONG_MAKER, layer: 'y'.repeat(2000) }, faithfulness: { ...EXPLANATION.faithfulness!, verdict: 'no better than chance' } }

/** Without blanks: extraction joins pieces of a line with blanks of its own. */
const tight = (text: string) => text.replaceAll(/\s+/g, '')

describe('the report as PDF', () => {
	it('says everything that a report must', async () => {
		const { text, pages } = await read(makeContent())
		for (const expected of [
			'Clinic of the Example, Radiology', 'Chest, frontal', 'DOE, JANE MARIA', 'PID-00042', 'Female', '1963-04-05', '63 years', 'ACC-778', '2026-11-20 07:45', 'HOUSE, GREGORY', '1.2.826.0.1.3680043.8.498.42',
			'Fever and cough for five days', 'Film of 2026-03-02', 'No fracture of the visible ribs', 'compatible with viral pneumonia',
			'Peripheral opacity in the right lower zone', 'Suggested by cxr3-student 1.2.0, probability 0.83, operating point 0.42; accepted and edited by the reader',
			'Degenerative change of the thoracic spine', 'Signed by Dr. Ada Røntgen, 2026-11-21 08:30 UTC',
			'Student: Chest radiograph student 1.2.0', 'Teacher: Chest radiograph teacher 2.0.1', 'The teacher agrees', 'Refused: The image is one constant value.',
			'Score-CAM for COVID-19, layer cam_final_expand, exact, opacity 45 %, drawn from 0.30 on', 'share of the map’s largest value',
			STUDENT_SHA, TEACHER_SHA, INPUT_SHA, 'Negatoscope 0.1.0',
		]) expect(tight(text)).toContain(tight(expected))
		expect(pages[0]?.text).toMatch(/COVID-19 0\.83 0\.42 Positive/)
		expect(pages[0]?.text).toMatch(/Normal 0\.02 0\.50 Not called/)
		expect(pages[0]?.text).toMatch(/Pneumonia 0\.15 0\.38 Negative/)
	})

	it('keeps what nobody confirmed apart and leaves out what was rejected', async () => {
		const { text } = await read(makeContent())
		const block = text.indexOf('Suggested by the network, not confirmed')
		expect(block).toBeGreaterThan(text.indexOf('Impression'))
		expect(text.indexOf('Pneumonia suggested. By cxr3-student 1.2.0, probability 0.40, operating point 0.38.')).toBeGreaterThan(block)
		expect(text).not.toContain('REJECTED-TEXT')
		const { text: decided } = await read(makeContent({ findings: [makeFinding({})] }))
		expect(decided).not.toContain('not confirmed')
	})

	it('has the research-use line, the patient and the page number on every page of a long report', async () => {
		const sentences = Array.from({ length: 400 }, (_, index) => `Sentence ${index} of a long narrative that flows on.`)
		const { pages } = await read(makeContent({ text: { ...makeContent().text, narrative: sentences.join(' ') } }))
		expect(pages.length).toBeGreaterThan(3)
		for (const [index, page] of pages.entries()) {
			expect(page.text).toContain(RESEARCH_USE)
			expect(page.text).toContain(`Page ${index + 1} of ${pages.length}`)
			expect(page.text).toContain('DOE, JANE MARIA')
			expect(page.text).toContain('ID PID-00042')
		}
		// Without header and footer, which stand between the pages.
		const body = tight(pages.flatMap(({ items }) => items.filter(({ transform: [, , , , , y = 0] }) => y > 60 && y < 770).map(({ str }) => str)).join(''))
		for (const sentence of sentences) expect(body.includes(tight(sentence)), sentence).toBe(true)
	})

	it('keeps all text within the page and lets no line overlap another', async () => {
		const { pages } = await read(makeContent({
			text: { ...makeContent().text, narrative: `${'unbroken'.repeat(200)} ${'word '.repeat(1500)}` },
			patient: { ...makeContent().patient, name: 'Very-Long-Name '.repeat(200), patientId: 'X'.repeat(500) },
			images: [{ ...makeContent().images[0]!, fileName: `${'file'.repeat(60)}.dcm` }],
			keyImages: [
				...Array.from({ length: 3 }, () => makeKeyImage({ caption: 'caption '.repeat(50), map: MAP })),
				...Array.from({ length: 3 }, () => makeKeyImage({ caption: 'caption '.repeat(50), map: { ...MAP, title: 'Consolidation or atelectasis '.repeat(100), layer: 'x'.repeat(2000), explanation: LONG } })),
			],
		}))
		for (const { items, box: [, , width = 0] } of pages) {
			const lines = new Map<number, { left: number; right: number }[]>()
			for (const item of items.filter(({ str }) => str.trim() !== '')) {
				const [left = 0, bottom = 0] = [item.transform[4], item.transform[5]]
				expect(left).toBeGreaterThanOrEqual(50)
				expect(left + item.width).toBeLessThanOrEqual(width - 50)
				expect(bottom).toBeGreaterThan(25)
				const key = Math.round(bottom * 10)
				lines.set(key, [...(lines.get(key) ?? []), { left, right: left + item.width }])
			}
			const heights = [...lines.keys()].toSorted((a, b) => a - b)
			for (const [index, height] of heights.entries()) {
				const row = (lines.get(height) ?? []).toSorted((a, b) => a.left - b.left)
				for (const [place, { left }] of row.entries()) expect(left).toBeGreaterThanOrEqual((row[place - 1]?.right ?? 0) - 1)
				for (const near of heights.slice(index + 1).filter((other) => other - height < 50)) {
					// Lines nearer than 5 points stand beside each other, in different columns.
					for (const one of row) for (const two of lines.get(near) ?? []) expect(one.right <= two.left + 1 || two.right <= one.left + 1).toBe(true)
				}
			}
		}
	})

	it.each([
		['Greek, Cyrillic, Vietnamese and extended Latin', 'Αλέξανδρος Пётр Nguyễn Łukasz Őze'],
		['Japanese', '山田 太郎 やまだ 辻 𠮷'],
		['Chinese', '王小明 欧阳娜娜'],
		['Korean', '김민준'],
		['Hebrew', 'שרה כהן'],
		['Arabic', 'محمد عبد الله'],
		['Devanagari', 'राम'],
	])('prints names in %s as text', async (_, name) => {
		const { text, pages } = await read(makeContent({ patient: { ...makeContent().patient, name } }))
		for (const word of name.split(' ')) expect(tight(text)).toContain(tight(word))
		expect(text).not.toContain('\ufffd')
		expect(pages[0]?.items[0]?.str).toBeDefined()
	})

	it('sets right-to-left words from right to left and numbers within them from left to right', async () => {
		const { pages } = await read(makeContent({ study: { ...makeContent().study, description: 'שלום 123 עולם' } }))
		const left = (needle: string) => pages[0]?.items.find(({ str, height }) => str.includes(needle) && height > 15)?.transform[4] ?? Number.NaN
		expect(left('שלום')).toBeGreaterThan(left('123'))
		expect(left('123')).toBeGreaterThan(left('עולם'))
	})

	it('prints a replacement where no typeface has the character', async () => {
		const { text } = await read(makeContent({ patient: { ...makeContent().patient, name: 'A\u{1F600}B\u{13000}C' } }))
		expect(tight(text)).toContain('A\ufffdB\ufffdC')
	})

	it('shows control characters and direction overrides as text', async () => {
		const { text, info } = await read(makeContent({ patient: { ...makeContent().patient, name: 'Eve\u202Etxt\u0007\u0000\u200B\uD800' } }))
		expect(tight(text)).toContain('Eve[U+202E]txt[U+0007][U+0000][U+200B]\ufffd')
		expect(info['Title']).toContain('Eve[U+202E]txt')
	})

	it('marks drafts on every page and nothing else', async () => {
		const draft = await read(makeContent({ kind: 'draft', signedBy: null, signedAt: null }))
		for (const page of draft.pages) expect(page.items.map((item) => item.str)).toContain('DRAFT')
		expect(draft.text).toContain('Not signed. This draft may still change.')
		expect(draft.text).not.toContain('Signed by')
		expect((await read(makeContent())).text).not.toContain('DRAFT')
	})

	it('quotes the version that an addendum adds to', async () => {
		const { text } = await read(makeContent({
			kind: 'addendum', version: 2,
			earlier: [{ version: 1, kind: 'report', signedBy: 'Dr. Before', signedAt: '2026-11-20T09:00:00.000Z', pdfSha256: 'f6'.repeat(32), findings: ['Old finding.'], text: { clinicalInformation: '', comparison: '', narrative: 'Old narrative.', impression: 'Old impression.' } }],
		}))
		for (const expected of ['Addendum, version 2', 'Addendum to version 1', 'It adds to the report signed by Dr. Before, 2026-11-20 09:00 UTC', 'f6'.repeat(32), 'Old narrative.', 'Old finding.', 'Old impression.']) {
			expect(tight(text)).toContain(tight(expected))
		}
	})

	it('calls nothing where the network abstained', async () => {
		const { text } = await read(makeContent({ images: [{ ...makeContent().images[0]!, teacher: null, agreement: null, student: makeAnalysis('student', { abstained: true, labels: makeLabels([0.34, 0.33, 0.33], true) }) }] }))
		expect(text).toMatch(/COVID-19 0\.34 0\.42 Abstained/)
		expect(text).toContain('Abstained: the largest probability is below 0.36, so no label is called.')
		expect(text).not.toMatch(/0\.\d\d (Positive|Negative)/)
	})

	it('gives the same bytes for the same content, and others for another', async () => {
		const [one, two] = [await renderPdf(makeContent()), await renderPdf(makeContent())]
		expect(Buffer.compare(one, two)).toBe(0)
		expect(Buffer.compare(one, await renderPdf(makeContent({ version: 2 })))).not.toBe(0)
	})

	it('carries title, author, date, language and a structure tree', async () => {
		const { info, document } = await read(makeContent())
		expect(info).toMatchObject({ Title: 'Report, version 1: Chest, frontal, DOE, JANE MARIA', Author: 'Dr. Ada Røntgen', CreationDate: 'D:20261121083000Z', Language: 'en' })
		const tree = await (await document.getPage(1)).getStructTree()
		const roles = JSON.stringify(tree)
		for (const role of ['Document', 'H1', 'H2', 'P']) expect(roles).toContain(`"role":"${role}"`)
		expect(JSON.stringify(await (await document.getPage(2)).getStructTree())).toContain('"alt":"Image 2. The same with the map. Score-CAM for COVID-19')
	})

	it('says how far a map is, and when it is empty', async () => {
		const { text } = await read(makeContent({ keyImages: [makeKeyImage({ map: { ...MAP, exact: false, share: 0.371 } }), makeKeyImage({ map: { ...MAP, empty: true } })] }))
		expect(tight(text)).toContain(tight('layer cam_final_expand, 37 % of the channels, opacity 45 %'))
		expect(tight(text)).toContain(tight('exact. The map is empty: no part of the image moved the network towards this label.'))
	})

	it('says under a map whose it is, how far to trust it, and how it compares with the other network\'s', async () => {
		const { text, document } = await read(makeContent({ keyImages: [mapped({})] }))
		for (const expected of [
			'Faithfulness: better than chance.', 'Chance 0.05 beside 19 maps in random places; deletion area 0.31 (low is faithful), insertion area 0.55 (high is faithful); probability 0.83, of the image times the map 0.61 (drop 26 %).',
			'Score-CAM for COVID-19 by the student (Chest radiograph student 1.2.0), defined as in the paper, layer cam_final_expand, exact, opacity 45 %, drawn from 0.30 on.',
			'Beside the map of the teacher (Chest radiograph teacher 2.0.1), layer features: correlation −0.13, overlap of the hottest fifths 33 % (11 % by chance).',
		]) expect(tight(text)).toContain(tight(expected))
		expect(tight(text)).not.toContain(tight('Do not rely'))
		expect(JSON.stringify(await (await document.getPage(2)).getStructTree())).toMatch(/"alt":"[^"]*Faithfulness: better than chance\.[^"]*correlation −0\.13/)
	})

	it('warns of a map that is no better than chance, in a frame, before anything else is said of it', async () => {
		const faithfulness = { ...EXPLANATION.faithfulness!, verdict: 'no better than chance' as const, chance: 0.45, increased: true, drop: 0, maskedProbability: 0.9 }
		const [warned, plain] = await Promise.all([read(makeContent({ keyImages: [mapped({ faithfulness })] })), read(makeContent({ keyImages: [mapped({})] }))])
		expect(tight(warned.text)).toContain(tight('Faithfulness: no better than chance. Do not rely on this map. Chance 0.45 beside 19 maps'))
		expect(tight(warned.text)).toContain(tight('of the image times the map 0.90 (increased)'))
		expect(tight(warned.text).indexOf(tight('Do not rely on this map'))).toBeLessThan(tight(warned.text).indexOf(tight('Score-CAM for')))
		const strokes = (pages: typeof plain.pages) => pages.reduce((sum, { strokes: count }) => sum + count, 0)
		expect(strokes(warned.pages)).toBe(strokes(plain.pages) + 1)
	})

	it('says which part of the film a map is of, and how much of it lies inside the lungs', async () => {
		const lungs = { model: { id: 'lungs', version: '1.0.0', sha256: 'ab'.repeat(32) }, dice: 0.94, inside: { energyShare: 0.62, areaShare: 0.41 } }
		const { text } = await read(makeContent({ keyImages: [mapped({ region: { left: 0.1, top: 0.2, right: 0.9, bottom: 0.75 }, lungs }), mapped({ lungs: { ...lungs, dice: null } }), mapped({ lungs: { ...lungs, inside: null } })] }))
		expect(tight(text)).toContain(tight('The network saw only the lungs with a margin (10 % to 90 % of the film’s width, 20 % to 75 % of its height); outside of it the map has no values.'))
		expect(tight(text)).toContain(tight('62 % of the map lies inside the lungs; they cover 41 % of what the network saw. Lungs found by lungs 1.0.0, Dice 0.94 on films of other patients.'))
		expect(tight(text)).toContain(tight('they cover 41 % of the film. Lungs found by lungs 1.0.0.'))
		expect(tight(text).split(tight('lies inside the lungs'))).toHaveLength(3)
	})

	it('says so where faithfulness was not measured, and where two maps cannot be compared', async () => {
		const { text } = await read(makeContent({ keyImages: [mapped({ faithfulness: null, beside: null }), mapped({ mode: 'torchcam', beside: { ...EXPLANATION.beside!, correlation: null, topFifthOverlap: null } })] }))
		expect(tight(text)).toContain(tight('Faithfulness not measured.'))
		expect(tight(text)).toContain(tight('defined as in torchcam'))
		expect(tight(text)).toContain(tight('layer features: not to be compared, for one of the two is the same everywhere.'))
		const empty = await read(makeContent({ keyImages: [makeKeyImage({ map: { ...MAP, empty: true, explanation: { ...EXPLANATION, beside: null, faithfulness: { ...EXPLANATION.faithfulness!, verdict: 'empty', randomMaps: 0, chance: 1 } } } })] }))
		expect(tight(empty.text)).toContain(tight('exact. The map is empty: no part of the image moved the network towards this label.'))
		expect(empty.text).not.toContain('Faithfulness')
	})

	it('says so where the network does not call what the map is of', async () => {
		const uncalled = (call: 'negative' | 'abstained') => mapped({ answer: { logit: -2, probability: 0.12, operatingPoint: 0.42, call } })
		const { text } = await read(makeContent({ keyImages: [uncalled('negative'), uncalled('abstained')] }))
		expect(tight(text)).toContain(tight('The network does not call COVID-19 here (probability 0.12, operating point 0.42).'))
		expect(tight(text)).toContain(tight('The network abstained here (probability 0.12, operating point 0.42).'))
		expect((await read(makeContent({ keyImages: [mapped({})] }))).text).not.toContain('The network does not call')
	})

	it('names the model of a map whose answer is not in the report', async () => {
		const maker = { role: 'student' as const, modelTitle: 'An older student', model: { id: 'older', version: '0.9.0', sha256: '0f'.repeat(32) } }
		const { text } = await read(makeContent({ keyImages: [mapped({ maker, beside: null })] }))
		expect(tight(text)).toContain(tight(`Model of a map, student: An older student (older), version 0.9.0; its answer is not among those above SHA-256 ${'0f'.repeat(32)}`))
		expect((await read(makeContent({ keyImages: [mapped({})] }))).text).not.toContain('Model of a map')
	})

	it('refuses a picture that would make the file depend on chance', async () => {
		const png = Buffer.from(makeKeyImage().png)
		png[25] = 6
		await expect(renderPdf(makeContent({ keyImages: [makeKeyImage({ png })] }))).rejects.toThrow('A key image must be a PNG')
	})

	it('says so where the report is empty', async () => {
		const { text } = await read(makeContent({ findings: [], images: [], keyImages: [], text: { clinicalInformation: '', comparison: '', narrative: '', impression: '' } }))
		expect(text.match(/None stated\./g)).toHaveLength(2)
		expect(text).not.toContain('Key images')
	})
})
