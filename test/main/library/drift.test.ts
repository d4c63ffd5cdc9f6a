import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Prediction } from '../../../src/common/contract/analysis.ts'
import { saveAnalysis } from '../../../src/main/library/analyses.ts'
import { driftRows, type DriftRows } from '../../../src/main/library/driftRows.ts'
import { addFinding, listFindings, prefillFindings, updateFinding } from '../../../src/main/library/findings.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { getInstance } from '../../../src/main/library/studies.ts'
import { writeOlderLibrary } from '../../support/olderLibrary.ts'
import { addSynthetic, predictionOf, temporaryFolder } from './synthetic.ts'

let folder: ReturnType<typeof temporaryFolder>
let library: Library
beforeEach(() => {
	folder = temporaryFolder()
	vi.useFakeTimers({ toFake: ['Date'] })
	vi.setSystemTime('2026-01-15T12:00:00.000Z')
	library = openLibrary(folder.path)
})
afterEach(() => {
	library.close()
	folder.remove()
	vi.useRealTimers()
})

const MODELS = ['a', 'b'].map((letter) => ({ id: `model-${letter}`, version: '1.0.0', sha256: letter.repeat(64) }))
const CHECKS = ['size', 'lungs', 'likeness'] as const

/** What a model says of an image, drawn: a refusal by a check, an abstention, or calls. */
interface Said {
	image: number
	model: number
	day: string
	kind: 'refused' | 'abstained' | 'answered'
	check: number
	probabilities: number[]
}

function predict(inputSha256: string, { model, kind, check, probabilities }: Said): Prediction {
	const refused = kind === 'refused'
	const labels = ['covid19', 'normal'].map((name, index) => {
		const probability = probabilities[index] ?? 0.5
		return { name, title: name === 'covid19' ? 'COVID-19' : 'Normal', probability, positive: kind === 'answered' && probability >= 0.5, finding: name === 'covid19' }
	})
	const checks = CHECKS.map((name, index) => ({ name, title: name, state: !refused || index < check ? ('passed' as const) : index === check ? ('failed' as const) : ('skipped' as const), detail: '' }))
	return predictionOf(inputSha256, refused ? [] : labels, { model: MODELS[model] as Prediction['model'], gate: { ok: !refused, reasons: refused ? ['no'] : [], checks }, abstained: kind === 'abstained', tensorSha256: refused ? null : 'b'.repeat(64) })
}

function analyse(images: readonly number[], said: Said) {
	vi.setSystemTime(`${said.day}T12:00:00.000Z`)
	const instanceId = images[said.image % images.length] as number
	return saveAnalysis(library, { instanceId, frameIndex: 0, role: said.model === 0 ? 'student' : 'teacher', softwareVersion: '0', modelTitle: `Model ${said.model}`, prediction: predict(getInstance(library, instanceId).sha256, said) })
}

async function addImages(count: number): Promise<number[]> {
	const images: number[] = []
	for (let index = 0; index < count; index++) images.push((await addSynthetic(library, { salt: `${index}`, study: { instanceUid: `1.${index}` } })).instanceId)
	return images
}

/** ISO 8601 by its definition: the week of the year in which its Thursday lies. */
function weekOf(day: string): string {
	const date = new Date(`${day}T00:00:00.000Z`)
	date.setUTCDate(date.getUTCDate() + 3 - ((date.getUTCDay() + 6) % 7))
	const first = Date.UTC(date.getUTCFullYear(), 0, 1)
	return `${date.getUTCFullYear()}-W${String(1 + Math.floor((date.getTime() - first) / (7 * 86_400_000))).padStart(2, '0')}`
}

/** The same counts by going through everything that was said. */
function countedByHand(all: readonly Said[], images: number) {
	const firsts = all.filter((said, place) => all.findIndex((other) => other.image % images === said.image % images && other.model === said.model) === place)
	const counts = new Map<string, number>()
	for (const { model, day, kind, check, probabilities } of firsts) {
		const add = (name: string, by = 1) => counts.set(`${MODELS[model]?.sha256.slice(0, 1)} ${weekOf(day)} ${name}`, (counts.get(`${MODELS[model]?.sha256.slice(0, 1)} ${weekOf(day)} ${name}`) ?? 0) + by)
		add('images')
		if (kind === 'refused') {
			add('refused')
			add(`check ${CHECKS[check]}`)
			continue
		}
		if (kind === 'abstained') add('abstained')
		for (const [index, name] of ['covid19', 'normal'].entries()) {
			add(`images of ${name}`)
			if (kind === 'answered' && (probabilities[index] ?? 0) >= 0.5) add(`calls of ${name}`)
			add(`probability of ${name}`, probabilities[index] ?? 0)
		}
	}
	return Object.fromEntries([...counts].filter(([, count]) => count !== 0).map(([name, count]) => [name, Number(count.toFixed(6))]).toSorted())
}

function counted({ weeks, refusals, labels }: DriftRows) {
	const counts: [string, number][] = [
		...weeks.flatMap((row) => (['images', 'refused', 'abstained'] as const).map((name): [string, number] => [`${row.modelSha256.slice(0, 1)} ${row.week} ${name}`, row[name]])),
		...refusals.map((row): [string, number] => [`${row.modelSha256.slice(0, 1)} ${row.week} check ${row.check}`, row.images]),
		...labels.flatMap((row) => (['images', 'calls', 'probability'] as const).map((name): [string, number] => [`${row.modelSha256.slice(0, 1)} ${row.week} ${name} of ${row.label}`, row[name]])),
	]
	return Object.fromEntries(counts.filter(([, count]) => count !== 0).map(([name, count]) => [name, Number(count.toFixed(6))]).toSorted())
}

/** Around the turn of a year, where weeks and years part. */
const saidArbitrary: fc.Arbitrary<Said> = fc.record({
	image: fc.nat(5), model: fc.nat(1), day: fc.integer({ min: 0, max: 24 }).map((days) => new Date(Date.UTC(2025, 11, 22) + days * 86_400_000).toISOString().slice(0, 10)),
	kind: fc.constantFrom('refused', 'abstained', 'answered'), check: fc.nat(2), probabilities: fc.array(fc.integer({ min: 0, max: 100 }).map((value) => value / 100), { minLength: 2, maxLength: 2 }),
})

describe('what models say per week', () => {
	it('is counted as it is said: each image once per model, in the week of its first analysis', async () => {
		const images = await addImages(6)
		fc.assert(fc.property(fc.array(saidArbitrary, { maxLength: 25 }), (all) => {
			const { database } = library
			database.exec('DELETE FROM findings; DELETE FROM analyses; DELETE FROM drift_weeks; DELETE FROM drift_refusals; DELETE FROM drift_labels')
			for (const said of all) analyse(images, said)
			// Over all weeks: the database asks the machine for today, whatever this test calls it.
			expect(counted(driftRows(library, 520))).toEqual(countedByHand(all, images.length))
		}), { numRuns: 40 })
	})

	it('is counted of what an older version has left, too', async () => {
		const images = await addImages(6)
		const all = fc.sample(saidArbitrary, { numRuns: 60, seed: 4 })
		for (const said of all) analyse(images, said)
		const wanted = counted(driftRows(library, 520))
		expect(wanted).toEqual(countedByHand(all, images.length))
		const older = temporaryFolder()
		writeOlderLibrary(library, older.path, 2)
		library.close()
		folder.remove()
		folder = older
		library = openLibrary(older.path)
		expect(counted(driftRows(library, 520))).toEqual(wanted)
	})

	it('leaves out weeks before those that are asked for', async () => {
		vi.useRealTimers()
		const images = await addImages(1)
		const prediction = predict(getInstance(library, images[0] as number).sha256, { image: 0, model: 0, day: '', kind: 'answered', check: 0, probabilities: [0.9, 0.1] })
		saveAnalysis(library, { instanceId: images[0] as number, frameIndex: 0, role: 'student', softwareVersion: '0', modelTitle: 'Model', prediction })
		library.database.exec(`INSERT INTO drift_weeks SELECT 'f', strftime('%G-W%V', 'now', '-7 days'), 'student', '{}', 'Older', 3, 0, 0`)
		expect(driftRows(library, 1).weeks.map(({ modelTitle }) => modelTitle)).toEqual(['Model'])
		expect(driftRows(library, 2).weeks.map(({ modelTitle }) => modelTitle)).toEqual(['Model', 'Older'])
	})
})

describe('what readers override', () => {
	it('is counted per label, by the analysis that a suggestion came from', async () => {
		vi.useRealTimers()
		const images = await addImages(4)
		for (const instanceId of images) {
			const prediction = predict(getInstance(library, instanceId).sha256, { image: 0, model: 0, day: '', kind: 'answered', check: 0, probabilities: [0.9, 0.1] })
			prefillFindings(library, saveAnalysis(library, { instanceId, frameIndex: 0, role: 'student', softwareVersion: '0', modelTitle: 'Model', prediction }))
		}
		const studies = images.map((instanceId) => getInstance(library, instanceId).studyId)
		for (const [place, status] of (['accepted', 'rejected', 'rejected'] as const).entries()) updateFinding(library, listFindings(library, studies[place] as number)[0]?.id ?? 0, { status })
		addFinding(library, studies[3] as number, 'COVID 19, left lower lobe')
		addFinding(library, studies[3] as number, 'No COVID-19')
		addFinding(library, studies[2] as number, 'Fracture of the fifth rib')
		const { decided, added } = driftRows(library, 1)
		expect(decided).toMatchObject([{ modelSha256: 'a'.repeat(64), label: 'covid19', accepted: 1, rejected: 2 }])
		expect(added.map(({ label, added: count }) => [label, count]).toSorted()).toEqual([['covid19', 1], [null, 2]].toSorted())
	})
})

function timed<Result>(work: () => Result): [Result, number] {
	const started = performance.now()
	const result = work()
	return [result, performance.now() - started]
}

describe('a year of weeks', () => {
	it('is read without going through the analyses, however many there are', async () => {
		vi.useRealTimers()
		const { database } = library
		const [instance] = await addImages(1)
		const studyId = getInstance(library, instance as number).studyId
		const prediction = JSON.stringify({ ...predict('a'.repeat(64), { image: 0, model: 0, day: '', kind: 'answered', check: 0, probabilities: [0.9, 0.1] }), padding: 'x'.repeat(2000) })
		// As many analyses as a busy year has, each of another frame.
		database.prepare(`
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40000)
			INSERT INTO analyses (study_id, instance_id, frame_index, role, created_at, software_version, model_title, model_sha256, answer_state, answer_text, answer_probability, prediction)
			SELECT ?, ?, n, 'student', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || (n % 360) || ' days'), '', '', ?, 'positive', '', 0.9, ? FROM numbers
		`).run(studyId, instance, 'a'.repeat(64), prediction)
		database.prepare(`
			INSERT INTO findings (study_id, instance_id, frame_index, analysis_id, label, text, status, origin, edited, created_at)
			SELECT study_id, instance_id, frame_index, id, 'covid19', '', CASE WHEN id % 3 = 0 THEN 'rejected' ELSE 'accepted' END, 'network', 0, created_at FROM analyses
		`).run()
		driftRows(library, 60)
		const [{ weeks, labels, decided }, own] = timed(() => driftRows(library, 60))
		const [plain, through] = timed(() => database.prepare(`
			SELECT strftime('%G-W%V', created_at) AS week, count(*) AS images, sum(labels.value ->> '$.positive') AS calls FROM analyses, json_each(prediction, '$.labels') labels WHERE labels.value ->> '$.name' = 'covid19' GROUP BY 1
		`).all() as { week: string; images: number; calls: number }[])
		console.info(`52 weeks of 40,000 analyses: ${own.toFixed(1)} ms, the plain way ${through.toFixed(1)} ms for one label`)
		expect(weeks.reduce((sum, { images }) => sum + images, 0)).toBe(40_000)
		expect(plain.length).toBeGreaterThan(50)
		for (const { week, images, calls } of plain) expect(labels.find((row) => row.week === week && row.label === 'covid19')).toMatchObject({ images, calls })
		expect(decided.reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0)).toBe(40_000)
		expect(own).toBeLessThan(through)
	})
})
