import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { dataSetBytes, dicomFile, type DicomElement } from '../src/common/imaging/dicomWriter.ts'
import { phantomElements } from '../src/common/imaging/phantomDicom.ts'
import { findBrowser } from '../scripts/browser.mjs'
import type { BenchRow, Say } from './harness/compare.ts'

const FILMS = 200
const SETTLED = 40
const ROWS = 2000
const COLUMNS = 2500

/**
 * 200 films of 2,500 x 2,000 pixels, 16 bit, opened one after another by keyboard, each analysed: resident memory of every process after
 * the last film against after the fortieth, when the caches are full, the page's garbage collected. A ratio well above 1 is a leak. Caches: 256 MB of films in the
 * renderer, 2 GiB of Frames on the disk. Linux only (it reads /proc).
 */
export async function memory(say: Say): Promise<BenchRow[]> {
	const browserPath = findBrowser()
	if (process.platform !== 'linux' || !browserPath) throw new Error('This benchmark needs Linux and a Chromium.')
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	const home = join(folder, 'home')
	say(`Writing ${FILMS} films.`)
	writeFilms(join(folder, 'films'))
	const program = spawn(process.execPath, [resolve(import.meta.dirname, '../out/main/index.js'), '--reason', 'benchmark', '--home', home, join(folder, 'films')], { stdio: ['ignore', 'pipe', 'inherit'] })
	const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
	try {
		const page = await browser.newPage({ viewport: { width: 1366, height: 768 } })
		await page.goto(await addressOf(program.stdout))
		say('Importing them.')
		await page.getByRole('button', { name: new RegExp(`Last import: ${FILMS} files`) }).waitFor({ timeout: 600_000 })
		const worklist = page.getByRole('grid', { name: 'Worklist' })
		await worklist.focus()
		await page.keyboard.press('Home')
		await page.keyboard.press('Enter')
		const cdp = await browser.newBrowserCDPSession()
		const pageCdp = await page.context().newCDPSession(page)
		await pageCdp.send('Performance.enable')
		let settled: Record<string, number> = {}
		let last = ''
		for (let film = 1; film <= FILMS; film++) {
			last = await nextFilmPainted(page, last)
			if (film % SETTLED === 0) {
				// What the page no longer needs is no growth.
				await pageCdp.send('HeapProfiler.collectGarbage')
				const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
				const renderer = Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentMegabytes(id)))
				const { metrics } = await pageCdp.send('Performance.getMetrics')
				const script = (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1024 ** 2
				const now: Record<string, number> = { renderer, 'objects of the renderer': script, main: residentMegabytes(program.pid ?? 0), ...hostMemory(program.pid ?? 0) }
				say(`after ${film} films: ${Object.entries(now).map(([name, value]) => `${name} ${value.toFixed(0)} MB`).join(', ')}`)
				if (film === SETTLED) settled = now
				if (film === FILMS) return Object.entries(now).map(([name, ours]) => ({ name: `${name}: after ${FILMS} films against after ${SETTLED}`, unit: 'MB', ours, reference: settled[name] ?? Number.NaN, ratio: ours / (settled[name] ?? Number.NaN), runs: 1 }))
			}
			await page.keyboard.press(']')
		}
		throw new Error('The last film was not reached.')
	} finally {
		await browser.close()
		program.kill('SIGTERM')
		await new Promise((done) => program.once('exit', done))
		rmSync(folder, { recursive: true, force: true })
	}
}

function writeFilms(folder: string): void {
	mkdirSync(folder)
	const pixels = new Uint16Array(ROWS * COLUMNS)
	for (let film = 0; film < FILMS; film++) {
		for (let index = 0; index < pixels.length; index++) pixels[index] = ((index % COLUMNS) + Math.floor(index / COLUMNS) * 2 + film * 17) & 4095
		const own: DicomElement[] = [
			{ tag: 0x00080018, vr: 'UI', value: `2.25.9${film}.3` },
			{ tag: 0x0020000d, vr: 'UI', value: `2.25.9${film}.1` },
			{ tag: 0x0020000e, vr: 'UI', value: `2.25.9${film}.2` },
			{ tag: 0x00280010, vr: 'US', value: [ROWS] },
			{ tag: 0x00280011, vr: 'US', value: [COLUMNS] },
			{ tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(pixels.buffer) },
		]
		const elements = [...phantomElements().filter(({ tag }) => !own.some((element) => element.tag === tag)), ...own].toSorted((a, b) => a.tag - b.tag)
		writeFileSync(join(folder, `${film}.dcm`), dicomFile('1.2.840.10008.1.2.1', '1.2.840.10008.5.1.4.1.1.1.1', `2.25.9${film}.3`, dataSetBytes(elements)))
	}
}

function addressOf(output: NodeJS.ReadableStream): Promise<string> {
	return new Promise((found) => {
		let text = ''
		output.on('data', (chunk: Buffer) => {
			text += String(chunk)
			const match = /http:\S+\n/.exec(text)
			if (match) found(match[0].trim())
		})
	})
}

/** Waits until another film than the last one is painted and answered. */
async function nextFilmPainted(page: Page, last: string): Promise<string> {
	const film = page.locator(`section.light-box[data-ready="true"]:not([data-instance="${last}"])`)
	await film.waitFor({ timeout: 60_000 })
	await page.getByRole('region', { name: 'Model', exact: true }).waitFor({ timeout: 60_000 })
	return (await film.getAttribute('data-instance')) ?? ''
}

/** The hosts are the program's children; their command lines say which is which. */
function hostMemory(program: number): Record<string, number> {
	const children = readFileSync(`/proc/${program}/task/${program}/children`, 'utf8').trim().split(' ').map(Number)
	return Object.fromEntries(children.flatMap((pid) => {
		const name = /(imaging|inference)Host/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1]
		return name ? [[`${name} host`, residentMegabytes(pid)]] : []
	}))
}

function residentMegabytes(pid: number): number {
	try {
		return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
	} catch {
		return 0
	}
}
