import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { phantomDicomFile } from '../common/imaging/phantomDicom.ts'
import { checkDatabase } from '../main/library/database.ts'
import type { Workrooms } from '../main/workrooms.ts'
import { predictFile } from './readings.ts'

export interface SelfTestCheck {
	name: string
	ok: boolean
	detail: string
}

/** What a person runs on a new machine: golden logits of every pack, one film from its bytes to an answer, the library. */
export async function selfTest(rooms: Workrooms): Promise<SelfTestCheck[]> {
	const checks: SelfTestCheck[] = []
	for (const entry of rooms.registry.list()) {
		if (entry.state === 'refused') {
			checks.push({ name: `model ${entry.directory}`, ok: false, detail: entry.reason })
			continue
		}
		const { id, sha256, golden } = entry.manifest
		try {
			await rooms.loader.ready(entry)
			checks.push({ name: `model ${id}`, ok: true, detail: `largest difference to the golden logits ${rooms.loader.selfTestDifference(sha256)?.toExponential(1)}, allowed ${golden.tolerance}` })
		} catch (error) {
			checks.push({ name: `model ${id}`, ok: false, detail: error instanceof Error ? error.message : String(error) })
		}
	}
	checks.push(lungCheck(rooms))
	checks.push(await phantomCheck(rooms))
	checks.push(libraryCheck(rooms))
	return checks
}

/** Whether the lung network is there and whole; what it answers is tested where it is loaded, before the phantom's answer. */
function lungCheck({ registry }: Workrooms): SelfTestCheck {
	const name = 'lung network'
	const pack = registry.lungs()
	return 'fault' in pack ? { name, ok: false, detail: pack.fault } : { name, ok: true, detail: `${pack.manifest.id} ${pack.manifest.version}` }
}

function libraryCheck({ library }: Workrooms): SelfTestCheck {
	const name = 'library'
	try {
		checkDatabase(library.paths)
		return { name, ok: true, detail: 'integrity and foreign keys are sound' }
	} catch (error) {
		return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
	}
}

async function phantomCheck(rooms: Workrooms): Promise<SelfTestCheck> {
	const name = 'phantom film'
	const model = rooms.registry.student()
	if (!model) return { name, ok: false, detail: rooms.registry.studentFault() }
	const folder = await mkdtemp(join(tmpdir(), 'negatoscope-'))
	try {
		const path = join(folder, 'phantom.dcm')
		await writeFile(path, phantomDicomFile())
		const answer = await predictFile(rooms, [model], path)
		if (!answer.gate.ok) return { name, ok: false, detail: answer.gate.reasons.join(' ') }
		if (answer.lungs === null) return { name, ok: false, detail: 'It was answered, but its lungs were not looked for: the lung network could not be loaded.' }
		return { name, ok: true, detail: `read and answered in ${answer.milliseconds.total.toFixed(0)} ms` }
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
}
