import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { phantomDicomFile } from '../src/common/imaging/phantomDicom.ts'
import { sha256Of } from '../src/hosts/imaging/decodeFrame.ts'
import { readLungPack, readPack } from '../src/main/models/pack.ts'
import { forkHost } from '../src/main/shell/forkHost.ts'
import { createSupervisor } from '../src/main/supervisor/supervisor.ts'
import { RUN_THREADS } from '../src/main/training/threads.ts'
import { compare, timed, type BenchRow, type Say } from './harness/compare.ts'

const ROOT = resolve(import.meta.dirname, '..')
const DATA = resolve(ROOT, '../shared/data/cxr3')
const HOLD_MILLISECONDS = 60_000
/** Until a run that goes on again is in the middle of a step. */
const INTO_STEP_MILLISECONDS = 400
const ANSWERS = 31
const MAPS = 6

/**
 * Reading latency with and without a run: an answer and an exact map (final_expand, 1,152 channels) in the inference host while a student is trained in the training host, as the program starts
 * them (priorities, threads), against the same while the run stands still. A run that gives way is told to wait when it begins, and ends its step.
 */
export async function reading(say: Say): Promise<BenchRow[]> {
	if (!existsSync(DATA)) {
		say('Not measured: ../shared/data is not there, and a run needs images.')
		return []
	}
	const pack = readPack(join(ROOT, 'test/packs/cxr3-ofa595-bootstrap'), 'built-in', new Map())
	if (pack.state !== 'ready') throw new Error(pack.reason)
	const lungs = readLungPack(join(ROOT, 'resources/models/lungs'), new Map())
	const folder = mkdtempSync(join(tmpdir(), 'negatoscope-bench-'))
	const entry = (path: string) => join(ROOT, 'src/hosts', path, 'index.ts')
	const hosts = createSupervisor({ spawn: forkHost, entries: { imaging: entry('imaging'), inference: entry('inference'), training: entry('training'), review: entry('training/review') }, onChange: () => {} })
	try {
		const { manifest, directory } = pack
		await hosts.call('inference', 'load', { directory, manifest, lungs })
		const [film, framePath] = [join(folder, 'phantom.dcm'), join(folder, 'phantom.frame')]
		const bytes = phantomDicomFile()
		writeFileSync(film, bytes)
		await hosts.call('imaging', 'decode', { path: film, sha256: sha256Of(bytes), frameIndex: 0, output: framePath })
		const answer = () => hosts.call('inference', 'predict', { modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 })
		const map = () => hosts.call('inference', 'explain', { modelSha256: manifest.sha256, framePath, layer: null, mode: 'paper' })

		const begun = Promise.withResolvers<void>()
		const recipe = {
			schemaVersion: 1, name: 'reading', data: { layout: 'manifest', folder: DATA }, student: { from: 'zoo', name: 'ofa-595' }, input: { size: manifest.input.height }, epochs: 1000, batch: 16, threads: RUN_THREADS,
		}
		const places = { runs: join(folder, 'runs'), cache: join(tmpdir(), 'negatoscope-bench-images'), models: [], lungs, softwareVersion: '0.0.0' }
		hosts.call('training', 'train', { recipe, title: 'the run', base: folder, places }, { onProgress: ({ kind }) => void (kind === 'metric' && begun.resolve()) }).catch(begun.reject)
		say('The run reads its images and takes its first step.')
		await begun.promise

		const stand = () => hosts.call('training', 'hold', { milliseconds: HOLD_MILLISECONDS })
		const goOn = async () => {
			await hosts.call('training', 'hold', { milliseconds: 0 })
			await delay(INTO_STEP_MILLISECONDS)
		}
		const row = (name: string, beside: () => Promise<unknown>, alone: () => Promise<unknown>, runs: number) => compare(name, {
			async ours() {
				await goOn()
				return timed(beside)
			},
			async reference() {
				await stand()
				return timed(alone)
			},
		}, { runs, warmUps: 1 })
		const givingWay = (work: () => Promise<unknown>) => () => {
			void stand()
			return work()
		}
		return [
			await row('answer beside a run that does not give way, against no run', answer, answer, ANSWERS),
			await row('answer beside a run that gives way, against no run', givingWay(answer), answer, ANSWERS),
			await row('exact map beside a run that does not give way, against no run', map, map, MAPS),
			await row('exact map beside a run that gives way, against no run', givingWay(map), map, MAPS),
		]
	} finally {
		hosts.stop()
		rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
	}
}
