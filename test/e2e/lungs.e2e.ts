import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Analysis, StoredCam } from '../../src/common/contract/analysis.ts'
import { colourIndex, colourMap } from '../../src/common/imaging/colourMap.ts'
import { mapOnFilm } from '../../src/common/imaging/overlay.ts'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { displayGrey } from '../../src/common/imaging/window.ts'
import { decodeFrameOf, sha256Of } from '../../src/hosts/imaging/decodeFrame.ts'
import { addSmallPack } from '../support/packs.ts'
import { aroundTests } from './support/aroundTests.ts'
import { frameShown, gridOf, overlayOf, placementOf } from './support/canvases.ts'
import { pagesOfPdf } from './support/pdf.ts'
import { filmReady, goToSection, importFiles, mapExact, openStudy, openTab } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']
const MARGIN = 0.05
const INFERNO = colourMap('inferno')

/** The phantom's film without what lies below the middle of its lungs, as a PNG file. */
async function writeCutFilm(path: string): Promise<void> {
	const bytes = phantomDicomFile()
	const frame = await decodeFrameOf(bytes, sha256Of(bytes), 0)
	const { columns, rows } = frame.header
	await sharp(displayGrey(frame), { raw: { width: columns, height: rows, channels: 1 } }).extract({ left: 0, top: 0, width: columns, height: Math.round(rows * 0.5) }).toColourspace('b-w').png().toFile(path)
}

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	describe.skipIf(reason)(`a network that sees the lungs alone, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page
		let cut = ''
		let whole = ''

		aroundTests(shell, async (home) => {
			const { input } = addSmallPack(home, 'lungs-alone', 'student', 8)
			const file = join(home, 'models', 'lungs-alone', 'model.json')
			writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), input: { ...input, region: { of: 'lungs', margin: MARGIN } } }))
			cut = resolve(home, 'cut.png')
			whole = resolve(home, 'whole.dcm')
			await writeCutFilm(cut)
			writeFileSync(whole, phantomDicomFile())
			session = await startSession({ shell, home })
			page = session.page
			await session.call('models.select', { role: 'student', id: 'lungs-alone' })
		}, () => session)

		const answers = async () => {
			const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
			const studies = await Promise.all(rows.map(({ studyId }) => session.call<{ id: number; analyses: Analysis[] }>('studies.get', { studyId })))
			return studies.flatMap(({ analyses }) => analyses)
		}

		it('says that a lung is cut off at the film\'s border, and gives no answer', async () => {
			await importFiles(page, [cut, whole])
			await openStudy(page, 'cut.png')
			await openTab(page, 'Analysis')
			const check = page.getByRole('list', { name: 'Input checks' }).getByRole('listitem').filter({ hasText: 'Lungs' })
			await expect.poll(() => check.innerText()).toMatch(/A lung is cut off at the film's lower border: \d+ % of its width lies on it\./)
			expect(await page.getByRole('list', { name: 'Labels' }).count()).toBe(0)
			await picture(page, `${shell}-lung-cut-off`)
		})

		it('has its card in the models section', async () => {
			await goToSection(page, 'Models')
			await page.getByRole('region', { name: 'Lungs' }).getByRole('button').click()
			const view = page.getByRole('article', { name: 'Model' })
			expect(await view.getByRole('heading', { level: 1 }).innerText()).toBe('Lungs on a frontal chest film')
			expect(await view.getByRole('region', { name: 'Model card' }).innerText()).toContain('a cardiothoracic ratio cannot be taken from it')
			await picture(page, `${shell}-lung-network`)
		})

		it('passes a whole chest, and its map lies on the lungs with the margin, nowhere else', async () => {
			const film = await openStudy(page, 'Phantom')
			await openTab(page, 'Analysis')
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			const analysis = (await answers()).find(({ prediction }) => prediction.gate.ok)
			if (!analysis) throw new Error('The phantom has no answer.')
			const { region, lungs } = analysis.prediction
			if (!region || !lungs?.findings.box) throw new Error('Nothing says where the network looked.')
			expect(region.left).toBeCloseTo(lungs.findings.box.left - MARGIN * (lungs.findings.box.right - lungs.findings.box.left), 2)
			expect(region.right - region.left).toBeLessThan(0.98)

			for (const label of await page.getByRole('button', { name: /^(Why|Show anyway) / }).all()) {
				await label.click()
				break
			}
			await mapExact(page)
			const legend = page.getByRole('region', { name: 'Map legend' })
			await legend.getByLabel('Map opacity').fill('1')
			await legend.getByLabel('Map threshold').fill('0')
			await film.focus()
			await page.keyboard.press('`')
			await filmReady(page)
			const panel = await page.getByRole('region', { name: 'Map', exact: true }).innerText()
			expect(panel).toContain('The network saw only the framed part of the film: the lungs with a margin.')

			const [stored] = await session.call<StoredCam[]>('explanation.stored', { analysisId: analysis.id })
			if (!stored) throw new Error('No map was kept.')
			const { state } = stored
			expect(state.region).toEqual(region)
			const label = await page.evaluate(() => document.querySelector<HTMLCanvasElement>('canvas.map-overlay')?.dataset['label'] ?? '')
			const inside = state.lungs?.inside[label]
			if (inside) expect(panel).toContain(`${Math.round(100 * inside.energyShare)} % of the map lies inside the lungs; they cover ${Math.round(100 * inside.areaShare)} % of what the network saw. Lungs found by lungs `)

			const frame = await frameShown(page, film)
			const { columns, rows, spacing } = frame.header
			const { box, values } = mapOnFilm({ width: state.width, height: state.height, values: state.maps[label] ?? [], region }, columns, rows)
			const overlay = await overlayOf(page)
			const { toCanvas } = await placementOf(film, overlay, spacing ? spacing.row / spacing.column : 1)
			let [within, without] = [0, 0]
			for (const [column, row] of gridOf(frame.header, 48)) {
				const [x, y] = toCanvas([column, row]).map(Math.floor) as [number, number]
				if (x < 2 || y < 2 || x > overlay.width - 3 || y > overlay.height - 3) continue
				const at = (y * overlay.width + x) * 4
				const [across, down] = [column - box.x, row - box.y]
				// The frame around the part is a few pixels of the screen wide.
				const fromEdge = Math.min(Math.abs(across), Math.abs(across - box.width), Math.abs(down), Math.abs(down - box.height))
				if (fromEdge < 12) continue
				if (across > 0 && down > 0 && across < box.width && down < box.height) {
					const wanted = colourIndex(values[down * box.width + across] ?? 0) * 3
					expect(Math.max(...[0, 1, 2].map((channel) => Math.abs((overlay.pixels[at + channel] ?? 0) - (INFERNO[wanted + channel] ?? 0)))), `inside at ${column}, ${row}`).toBeLessThan(24)
					within++
				} else {
					expect(overlay.pixels[at + 3], `outside at ${column}, ${row}`).toBe(0)
					without++
				}
			}
			expect(within).toBeGreaterThan(200)
			expect(without).toBeGreaterThan(100)
			await legend.getByLabel('Map opacity').fill('0.5')
			await picture(page, `${shell}-map-of-the-lungs`)
		})

		it('says the same in the report', async () => {
			const analysis = (await answers()).find(({ prediction }) => prediction.gate.ok)
			if (!analysis) throw new Error('The phantom has no answer.')
			const [stored] = await session.call<StoredCam[]>('explanation.stored', { analysisId: analysis.id })
			const label = Object.entries(stored?.state.maps ?? {}).find(([, values]) => values.some((value) => value > 0))?.[0] ?? ''
			const text = {
				clinicalInformation: '', comparison: '', narrative: '', impression: '',
				keyImages: [{
					instanceId: analysis.instanceId, frameIndex: 0, caption: 'Why', window: null, invert: false, rotation: 0, flipHorizontal: false, flipVertical: false,
					map: { analysisId: analysis.id, label, layer: stored?.state.layer, opacity: 0.5, threshold: 0 },
				}],
			}
			await session.call('reports.saveDraft', { studyId: analysis.studyId, text })
			const pdf = await page.context().request.get(new URL(`/drafts/${analysis.studyId}.pdf`, page.url()).href)
			const words = (await pagesOfPdf(new Uint8Array(await pdf.body()))).join(' ')
			expect(words).toContain('The network saw only the lungs with a margin')
			expect(words).toMatch(/\d+ % of the map lies inside the lungs; they cover \d+ % of what the network saw\. Lungs found by lungs \d+\.\d+\.\d+/)
		})
	})
}
