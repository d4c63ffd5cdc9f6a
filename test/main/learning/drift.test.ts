import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { readDrift } from '../../../src/main/learning/drift.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { packManifest } from '../../support/inferenceFixtures.ts'
import { temporaryFolder } from '../library/synthetic.ts'

const SHA256 = 'a'.repeat(64)
let folder: ReturnType<typeof temporaryFolder>
let library: Library
beforeEach(() => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
})
afterEach(() => {
	library.close()
	folder.remove()
})

const metric = (name: string, value: number): ModelManifest['metrics'][number] => ({ name, split: 'validation', n: 664, value, interval: null, note: '' })
/** Answers on 90 % of its 664 validation images, of which 1 % are not like its training images. */
const stated: ModelManifest['metrics'] = [metric('share answered', 0.9), metric('share like the training images', 0.99), { ...metric('share answered', 0.1), split: 'test' }]

/** This week of one model, and what is said of it. */
function weekOf({ images, refused = 0, unlike = 0, abstained = 0 }: { images: number; refused?: number; unlike?: number; abstained?: number }, metrics = stated) {
	const { database } = library
	database.exec('DELETE FROM drift_weeks; DELETE FROM drift_refusals')
	database.prepare(`INSERT INTO drift_weeks SELECT ?, strftime('%G-W%V', 'now'), 'student', ?, 'Toy', ?, ?, ?`).run(SHA256, JSON.stringify({ id: 'toy', version: '1.0.0', sha256: SHA256 }), images, refused, abstained)
	database.prepare(`INSERT INTO drift_refusals SELECT ?, strftime('%G-W%V', 'now'), 'likeness', ?`).run(SHA256, unlike)
	const { weeks: [week], models: [model] } = readDrift({ library, registry: { bySha256: () => (metrics.length === 0 ? null : { manifest: { ...packManifest, metrics } }) } as never, weeks: 1 })
	return { week, model }
}

describe('a week', () => {
	it('has shares with Wilson\'s intervals, and of what each share is', () => {
		const { week } = weekOf({ images: 200, refused: 40, unlike: 10, abstained: 16 })
		expect(week).toMatchObject({ images: 200, refused: { found: 40, of: 200, value: 0.2 }, abstained: { found: 16, of: 160, value: 0.1 }, refusals: [{ check: 'likeness', images: 10 }] })
		expect(week?.refused.interval?.map((end) => end.toFixed(4))).toEqual(['0.1505', '0.2609'])
	})
	it('differs from the validation only where the 99 % intervals do not touch', () => {
		expect(weekOf({ images: 200, abstained: 22 }).week?.differs).toEqual([])
		// 17 %: its 95 % interval lies above 10 %, but that is one week of many.
		expect(weekOf({ images: 200, abstained: 34 }).week?.differs).toEqual([])
		expect(weekOf({ images: 200, abstained: 60 }).week?.differs).toEqual([{ share: 'abstained', sentence: 'The share of images on which the model abstains is 30.0 % (60 of 200) and was 9.9 % on the validation images (66 of 664).' }])
		expect(weekOf({ images: 400, abstained: 0 }).week?.differs).toEqual([{ share: 'abstained', sentence: expect.stringContaining('is 0.0 % (0 of 400)') }])
		expect(weekOf({ images: 210, refused: 30, unlike: 30, abstained: 18 }).week?.differs).toEqual([{ share: 'unlike', sentence: expect.stringContaining('not like the training images is 14.3 % (30 of 210) and was 1.1 %') }])
	})
	it('raises no alarm of a few images, of refusals that the validation never measured, or without a validation', () => {
		expect(weekOf({ images: 29, abstained: 29 }).week?.differs).toEqual([])
		expect(weekOf({ images: 400, refused: 380, abstained: 2 }).week?.differs).toEqual([])
		const { week, model } = weekOf({ images: 400, abstained: 400 }, [])
		expect([week?.differs, model?.validation]).toEqual([[], { abstained: null, unlike: null }])
		expect(weekOf({ images: 400, abstained: 400 }, [metric('share like the training images', 0.99)]).week?.differs).toEqual([])
	})
	it('that no image was let through has no shares of what came behind the gate', () => {
		expect(weekOf({ images: 40, refused: 40 }).week?.abstained).toEqual({ found: 0, of: 0, value: null, interval: null })
	})
})
