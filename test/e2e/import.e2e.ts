import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { phantomDicomFile } from '../../src/common/imaging/phantomDicom.ts'
import { syntheticFiles } from '../support/synthetic/syntheticDicom.ts'
import { aroundTests } from './support/aroundTests.ts'
import { picture, reasonToSkip, startSession, type Session } from './support/workstation.ts'

// What is dropped comes through Chromium's own drag events, so this is for the browser shell; Electron's page is the same page.
const reason = reasonToSkip('browser')

describe.skipIf(reason)(`importing by every way${reason ? ` (skipped: ${reason})` : ''}`, () => {
	let session: Session
	let page: Page
	let folder: string

	aroundTests('import', async (home) => {
		folder = join(home, 'films')
		await mkdir(join(folder, 'inner', 'deeper'), { recursive: true })
		const [first, second, third] = await syntheticFiles()
		if (!first || !second || !third) throw new Error('There are no synthetic films.')
		await writeFile(join(folder, 'no ending'), first.bytes)
		await writeFile(join(folder, 'inner', 'deeper', 'second.dcm'), second.bytes)
		await writeFile(join(folder, 'inner', 'notes.txt'), 'not a film')
		await writeFile(join(home, 'archive.zip'), zipSync({ 'a/third.dcm': third.bytes, 'a/../../escape.dcm': first.bytes, 'readme.md': new TextEncoder().encode('words') }))
		await writeFile(join(home, 'phantom.dcm'), phantomDicomFile())
		session = await startSession({ home: join(home, 'data'), parameters: [join(home, 'phantom.dcm')] })
		page = session.page
	}, () => session)

	async function total(): Promise<number> {
		return (await session.call<{ total: number }>('worklist.query', {})).total
	}

	async function drop(paths: string[]): Promise<void> {
		const cdp = await page.context().newCDPSession(page)
		const data = { items: [], files: paths, dragOperationsMask: 1 }
		for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await cdp.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data })
		await cdp.detach()
	}

	const summary = () => page.getByRole('region', { name: 'Import summary' })

	it('from the command line of npm start', async () => {
		await expect.poll(total).toBe(1)
	})

	it('by dropping a folder, with what lies below it', async () => {
		const before = await total()
		await drop([folder])
		await expect.poll(() => summary().innerText()).toMatch(/2 files added, no duplicates, 1 file refused/)
		expect(await summary().innerText()).toMatch(/notes\.txt/)
		expect(await total()).toBeGreaterThan(before)
		await picture(page, 'browser-import-folder')
		await page.getByRole('button', { name: 'Close import summary' }).click()
	})

	it('by dropping a ZIP archive, which cannot write outside of itself', async () => {
		await drop([join(folder, '..', 'archive.zip')])
		await expect.poll(() => summary().innerText()).toMatch(/Import finished/)
		// The entry that points outside is taken for its bytes, which are there already; its name is a name and never a path.
		expect(await summary().innerText()).toMatch(/1 file added, 1 duplicate left out, 1 file refused[^]*readme\.md/)
		const everything = await readdir(join(folder, '..'), { recursive: true })
		expect(everything.filter((name) => name.endsWith('escape.dcm'))).toEqual([])
		await page.getByRole('button', { name: 'Close import summary' }).click()
	})

	it('by the dialog for folders, where the same bytes add nothing', async () => {
		const before = await total()
		await page.getByLabel('Folder to import').setInputFiles(folder)
		await expect.poll(() => summary().innerText()).toMatch(/0 files added, 2 duplicates/)
		expect(await total()).toBe(before)
	})
})
