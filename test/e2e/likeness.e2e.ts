import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/common/contract/analysis.ts'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { displayGrey } from '../../src/common/imaging/window.ts'
import { decodeFrameOf, sha256Of } from '../../src/hosts/imaging/decodeFrame.ts'
import { pebbles } from '../support/pebbles.ts'
import { sharedData } from '../support/sharedData.ts'
import { aroundTests } from './support/aroundTests.ts'
import { filmReady, importFiles, openStudy, openTab } from './support/rooms.ts'
import { picture, reasonToSkip, startSession, type Session, type ShellUnderTest } from './support/workstation.ts'

const SHELLS: ShellUnderTest[] = ['browser', 'electron']
const SIDE = 400
const tiles = sharedData === null ? null : join(sharedData, 'lc25000', 'lung_aca')
const [tile] = tiles !== null && existsSync(tiles) ? readdirSync(tiles).toSorted() : []

for (const shell of SHELLS) {
	const reason = reasonToSkip(shell)

	describe.skipIf(reason)(`images that are no chest film, ${shell} shell${reason ? ` (skipped: ${reason})` : ''}`, () => {
		let session: Session
		let page: Page
		let home: string

		aroundTests(shell, async (own) => {
			home = own
			session = await startSession({ shell, home })
			page = session.page
		}, () => session)

		const answers = async () => {
			const { rows } = await session.call<{ rows: { studyId: number }[] }>('worklist.query', {})
			const studies = await Promise.all(rows.map(({ studyId }) => session.call<{ analyses: Analysis[] }>('studies.get', { studyId })))
			return studies.flatMap(({ analyses }) => analyses)
		}

		/** Opens the study of a file and waits until its analysis is refused. */
		const refused = async (name: string, words: RegExp) => {
			await openStudy(page, name)
			await filmReady(page)
			await openTab(page, 'Analysis')
			await page.getByText(/^Not analysed/).first().waitFor()
			expect(await page.getByRole('list', { name: 'Labels' }).count()).toBe(0)
			const checks = page.getByRole('list', { name: 'Input checks' })
			expect(await checks.innerText()).toMatch(words)
			expect(await page.getByRole('region', { name: 'Input checks' }).innerText()).not.toMatch(/%\s*(COVID|Pneumonia|Normal)/)
		}

		it('a picture of pebbles and the negative of a film are refused in words, and nothing of the network is kept', async () => {
			const bytes = phantomDicomFile()
			const frame = await decodeFrameOf(bytes, sha256Of(bytes), 0)
			const raw = { width: frame.header.columns, height: frame.header.rows, channels: 1 as const }
			const [stones, negative] = [resolve(home, 'stones.png'), resolve(home, 'negative.png')]
			await sharp(pebbles(SIDE), { raw: { width: SIDE, height: SIDE, channels: 1 } }).toColourspace('b-w').png().toFile(stones)
			await sharp(displayGrey(frame).map((value) => 255 - value), { raw }).toColourspace('b-w').png().toFile(negative)
			await importFiles(page, [stones, negative])
			await refused('stones.png', /lung|not like the images that this network learned from/i)
			await picture(page, `${shell}-pebbles-refused`)
			await refused('negative.png', /looks inverted|lung/i)
			for (const { prediction } of await answers()) expect(prediction).toMatchObject({ labels: [], tensorSha256: null, gate: { ok: false } })
		})

		it.skipIf(tile === undefined)('a tile of lung tissue in grey, which the chest model gets, is refused', async () => {
			const grey = resolve(home, 'tissue-grey.png')
			await sharp(join(tiles ?? '', tile ?? '')).greyscale().toColourspace('b-w').png().toFile(grey)
			await importFiles(page, [grey])
			await refused('tissue-grey.png', /lung|not like the images that this network learned from/i)
		})

		it('a film that is like the training images shows how far it is from them', async () => {
			const film = resolve(home, 'phantom.dcm')
			writeFileSync(film, phantomDicomFile())
			await importFiles(page, [film])
			await openStudy(page, 'Phantom')
			await openTab(page, 'Analysis')
			await page.getByRole('list', { name: 'Labels' }).waitFor()
			const check = page.getByRole('list', { name: 'Input checks' }).getByRole('listitem').filter({ hasText: 'Like the training images' })
			expect(await check.innerText()).toMatch(/Distance \d\.\d\d to the images that this network learned from, at most \d\.\d\d/)
		})
	})
}
