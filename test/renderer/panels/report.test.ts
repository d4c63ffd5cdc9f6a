import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reportTextSchema, keyImageSchema, type Draft, type ReportText, type SignedReport } from '../../../src/common/contract/report.ts'
import { createDraftKeeper, SAVE_AFTER_MILLISECONDS, SAVE_AT_LATEST_MILLISECONDS } from '../../../src/renderer/reading/panels/report/draftKeeper.ts'
import { draftArrived, edited, NO_DRAFT, phaseOf, saveAnswered, saveBegun, saveFailed, saveText } from '../../../src/renderer/reading/panels/report/draftTransitions.ts'
import { keyImageOf, mapFault, thumbnailTransform } from '../../../src/renderer/reading/panels/report/keyImages.ts'
import { undecidedWarning, writingOf } from '../../../src/renderer/reading/panels/report/reportState.ts'
import type { Overlay } from '../../../src/renderer/reading/map/overlay.ts'
import { NO_MAP, type MapLook, type MapView } from '../../../src/renderer/reading/readingStore.ts'
import { exampleCam, exampleText } from './examples.ts'

function draftOf(text: Partial<ReportText> = {}, change: Partial<Draft> = {}): Draft {
	return { studyId: 1, text: exampleText(text), savedAt: '2026-11-21T08:00:00.000Z', addendumTo: null, ...change }
}

describe('transitions of the draft', () => {
	const opened = draftArrived(NO_DRAFT, draftOf({ narrative: 'old' }))

	it('takes no text before the draft has been read', () => {
		expect(edited(NO_DRAFT, { narrative: 'typed' })).toBe(NO_DRAFT)
		expect(phaseOf(NO_DRAFT)).toBe('loading')
	})

	it('never lets the library overwrite what was typed since', () => {
		const typed = edited(opened, { narrative: 'new' })
		expect(draftArrived(typed, draftOf({ narrative: 'other' }))).toBe(typed)
		const sending = saveBegun(typed)
		expect(sending && draftArrived(sending, draftOf({ narrative: 'other' })).text.narrative).toBe('new')
		expect(draftArrived(opened, draftOf({ narrative: 'other' })).text.narrative).toBe('other')
	})

	it('keeps what was typed while a save was on its way', () => {
		const sending = saveBegun(edited(opened, { narrative: 'one' }))
		expect(sending).not.toBeNull()
		if (!sending) return
		expect(saveBegun(edited(sending, { narrative: 'two' }))).toBeNull()
		const answered = saveAnswered(edited(sending, { narrative: 'two' }), draftOf({ narrative: 'one' }))
		expect(answered.text.narrative).toBe('two')
		expect(phaseOf(answered)).toBe('changed')
		expect(phaseOf(saveAnswered(sending, draftOf({ narrative: 'one' })))).toBe('saved')
	})

	it('says that a failed save is not saved, with the reason, and keeps the text', () => {
		const sending = saveBegun(edited(opened, { narrative: 'one' }))
		if (!sending) throw new Error('nothing to save')
		const failed = saveFailed(sending, 'The disk is full.')
		expect(phaseOf(failed)).toBe('failed')
		expect(saveText(failed)).toBe('The draft is not saved. The disk is full.')
		expect(failed.text.narrative).toBe('one')
		expect(saveBegun(failed)?.sending?.narrative).toBe('one')
	})
})

function library() {
	const saves: ReportText[] = []
	const state = { stored: draftOf({}, { savedAt: null }), fault: '', delay: 0 }
	async function call(name: string, input: { text: ReportText }): Promise<Draft> {
		if (state.delay > 0) await new Promise((resolve) => setTimeout(resolve, state.delay))
		if (name === 'reports.draft') return state.stored
		if (state.fault !== '') throw new Error(state.fault)
		saves.push(input.text)
		state.stored = draftOf(input.text)
		return state.stored
	}
	return { saves, state, client: { call: call as never } }
}

async function openKeeper() {
	const world = library()
	const keeper = createDraftKeeper(world.client, 1)
	await keeper.load()
	return { ...world, keeper }
}

describe('createDraftKeeper', () => {
	beforeEach(() => void vi.useFakeTimers())
	afterEach(() => void vi.useRealTimers())

	it('saves once after a pause in typing', async () => {
		const { keeper, saves } = await openKeeper()
		for (const narrative of ['a', 'ab', 'abc']) {
			keeper.edit({ narrative })
			await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS - 100)
		}
		expect(saves).toHaveLength(0)
		await vi.advanceTimersByTimeAsync(200)
		expect(saves.map((text) => text.narrative)).toEqual(['abc'])
		expect(keeper.isSafe()).toBe(true)
	})

	it('saves in time although nobody pauses', async () => {
		const { keeper, saves } = await openKeeper()
		for (let at = 0; at < 2 * SAVE_AT_LATEST_MILLISECONDS; at += 500) {
			keeper.edit({ narrative: `at ${at}` })
			await vi.advanceTimersByTimeAsync(500)
		}
		expect(saves.length).toBeGreaterThanOrEqual(1)
	})

	it('keeps one save at a time and ends with the last text on the disk', async () => {
		const { keeper, saves, state } = await openKeeper()
		state.delay = 300
		keeper.edit({ narrative: 'one' })
		const flushed = keeper.flush()
		keeper.edit({ narrative: 'two' })
		await vi.advanceTimersByTimeAsync(5000)
		expect(await flushed).toBe(true)
		expect(saves.map((text) => text.narrative)).toEqual(['one', 'two'])
		expect(state.stored.text.narrative).toBe('two')
	})

	it('tries again until a failed save succeeds', async () => {
		const { keeper, saves, state } = await openKeeper()
		state.fault = 'The disk is full.'
		keeper.edit({ narrative: 'kept' })
		expect(await keeper.flush()).toBe(false)
		expect(phaseOf(keeper.store.getState())).toBe('failed')
		state.fault = ''
		await vi.advanceTimersByTimeAsync(6000)
		expect(saves.map((text) => text.narrative)).toEqual(['kept'])
		expect(phaseOf(keeper.store.getState())).toBe('saved')
	})

	it('sends nothing where nothing was changed', async () => {
		const { keeper, saves } = await openKeeper()
		expect(await keeper.flush()).toBe(true)
		expect(saves).toHaveLength(0)
		expect(phaseOf(keeper.store.getState())).toBe('empty')
	})
})

describe('key images', () => {
	const image = { instanceId: 5, frameIndex: 0 }
	const view = { center: 2000, width: 4000, invert: true, rotation: 90 as const, flipHorizontal: true, flipVertical: false }
	const map: MapView = { ...NO_MAP, label: 'covid19', analysisId: 11, instanceId: 5, phase: 'finished', state: exampleCam({ exact: true }) }
	const look: MapLook = { opacity: 0.7, threshold: 0.2, style: 'colour' }
	const over = (change: Partial<MapView> = {}): Overlay => ({ kind: 'map', role: 'student', map: { ...map, ...change } })

	it('takes the view as it is, with or without the map', () => {
		const without = keyImageOf(image, view, over(), look, false)
		expect(without).toEqual({ instanceId: 5, frameIndex: 0, caption: '', window: { center: 2000, width: 4000 }, invert: true, rotation: 90, flipHorizontal: true, flipVertical: false, map: null })
		expect(keyImageOf(image, view, over(), look, true).map).toEqual({ analysisId: 11, label: 'covid19', layer: 'last', opacity: 0.7, threshold: 0.2 })
		expect(keyImageSchema.parse(keyImageOf(image, null, null, look, true)).window).toBeNull()
		expect(reportTextSchema.safeParse(exampleText({ keyImages: [without] })).success).toBe(true)
	})

	it('has no window where the film is shown through its own VOI LUT', () => {
		expect(keyImageOf(image, { ...view, lut: true }, over(), look, false).window).toBeNull()
	})

	it('takes the teacher\'s map from the light box that shows it', () => {
		const overlay: Overlay = { kind: 'map', role: 'teacher', map: { ...map, analysisId: 12 } }
		expect(keyImageOf(image, view, overlay, look, true).map?.analysisId).toBe(12)
	})

	it('takes only a map that is finished, never a preview or a difference of maps', () => {
		expect(mapFault(over())).toBe('')
		expect(mapFault(null)).toBe('No map is shown on this image.')
		for (const change of [{ phase: 'running' }, { phase: 'cancelled' }, { state: exampleCam() }, { state: exampleCam({ exact: true, preview: 'recipro-cam' }) }] as const) {
			expect(mapFault(over(change))).toBe('The map is not finished.')
			expect(keyImageOf(image, view, over(change), look, true).map).toBeNull()
		}
		const difference: Overlay = { kind: 'difference', student: map, teacher: map }
		expect(mapFault(difference)).toMatch(/^The difference of two maps cannot go into the report\./)
		expect(keyImageOf(image, view, difference, look, true).map).toBeNull()
	})

	it('turns the thumbnail before it flips it', () => {
		expect(thumbnailTransform({ rotation: 90, flipHorizontal: true, flipVertical: false })).toBe('scale(-1, 1) rotate(90deg)')
	})
})

describe('what is being written', () => {
	const version: SignedReport = { id: 1, studyId: 1, version: 1, kind: 'report', signedBy: 'A', signedAt: '', pdfSha256: 'e'.repeat(64) }

	it('is the report, then nothing, then an addendum that was begun', () => {
		expect(writingOf(draftOf(), [])).toBe('report')
		expect(writingOf(draftOf({}, { savedAt: null, addendumTo: 1 }), [version])).toBe('none')
		expect(writingOf(draftOf({}, { addendumTo: 1 }), [version])).toBe('addendum')
		expect(writingOf(draftOf({}, { addendumTo: 1 }), [version, { ...version, id: 2, version: 2 }])).toBe('none')
		expect(writingOf(null, [version])).toBe('none')
		expect(writingOf(draftOf(), null)).toBe('none')
	})

	it('warns about findings that nobody has decided', () => {
		expect(undecidedWarning(0)).toBe('')
		expect(undecidedWarning(1)).toMatch(/^1 finding is/)
		expect(undecidedWarning(3)).toMatch(/^3 findings are/)
	})
})
