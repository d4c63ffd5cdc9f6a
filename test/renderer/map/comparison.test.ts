import { beforeEach, describe, expect, it } from 'vitest'
import { comparisonOf, comparisonSentence } from '../../../src/renderer/reading/map/comparisonWords.ts'
import { overlayOn } from '../../../src/renderer/reading/map/overlay.ts'
import { NO_MAP, useReading, type MapView } from '../../../src/renderer/reading/readingStore.ts'
import { exampleCam } from '../panels/examples.ts'

const image = { instanceId: 5, frameIndex: 0 }
const other = { instanceId: 6, frameIndex: 0 }
const map: MapView = { ...NO_MAP, label: 'covid19', analysisId: 11, instanceId: 5, phase: 'finished', state: exampleCam({ exact: true }) }
const teacherMap: MapView = {
	...map, analysisId: 12, state: exampleCam({ exact: true, layer: 'features', width: 2, height: 2, maps: { covid19: [0, 1, 0, 1], normal: [1, 0, 1, 0] }, peaks: { covid19: 1, normal: 1 } }),
}

beforeEach(() => useReading.setState({ lightBoxes: [other, image], active: 1, linked: false, map, teacherMap, comparison: null, removal: null }))

const overlays = () => [0, 1].map((box) => overlayOn(box, useReading.getState()))

describe('what lies over the light boxes', () => {
	it('is the map on every film that it is of, and nothing on another', () => {
		expect(overlays()).toEqual([null, { kind: 'map', role: 'student', map }])
		useReading.setState({ lightBoxes: [image, image] })
		expect(overlays().map((overlay) => overlay?.kind)).toEqual(['map', 'map'])
		useReading.setState({ lightBoxes: [{ ...image, frameIndex: 1 }] })
		expect(overlays()).toEqual([null, null])
	})

	it('is the student\'s map on the left and the teacher\'s on the right while they are compared', () => {
		useReading.getState().compare(image, 11, 12)
		expect(useReading.getState()).toMatchObject({ lightBoxes: [image, image], active: 0, linked: true })
		expect(overlays()).toEqual([{ kind: 'map', role: 'student', map }, { kind: 'map', role: 'teacher', map: teacherMap }])
	})

	it('is where they disagree on the left, beside the bare film', () => {
		useReading.getState().compare(image, 11, 12)
		useReading.getState().setComparisonView('difference')
		expect(overlays()).toEqual([{ kind: 'difference', student: map, teacher: teacherMap }, null])
	})

	it('says so where the teacher has no such label', () => {
		useReading.setState({ teacherMap: NO_MAP })
		useReading.getState().compare(image, 11, 12)
		expect(overlays()).toEqual([{ kind: 'map', role: 'student', map }, { kind: 'no label' }])
		useReading.getState().setComparisonView('difference')
		expect(overlays()[0]?.kind).toBe('map')
	})
})

describe('the end of a comparison', () => {
	it('puts the light boxes back to how they were', () => {
		useReading.getState().compare(image, 11, 12)
		useReading.getState().endComparison()
		expect(useReading.getState()).toMatchObject({ comparison: null, lightBoxes: [other, image], active: 1, linked: false })
	})

	it('comes with another film or a closed light box, and leaves what the reader put up', () => {
		useReading.getState().compare(image, 11, 12)
		useReading.getState().show(1, other)
		expect(useReading.getState()).toMatchObject({ comparison: null, lightBoxes: [image, other], linked: false })
		useReading.getState().compare(image, 11, 12)
		useReading.getState().setLightBoxes([image])
		expect(useReading.getState()).toMatchObject({ comparison: null, lightBoxes: [image] })
	})

	it('does not come with the same film put up again', () => {
		useReading.getState().compare(image, 11, 12)
		useReading.getState().show(0, { ...image })
		expect(useReading.getState().comparison).not.toBeNull()
	})
})

function sentence(correlation: number | null, student: number, teacher: number): string {
	const difference = { width: 1, height: 1, values: new Float32Array(1) }
	return comparisonSentence({ correlation, rankCorrelation: null, topFifthOverlap: null, difference }, { student, teacher })
}

describe('how alike two maps are', () => {
	it('is known only when both are finished', () => {
		expect(comparisonOf(map, { ...teacherMap, phase: 'running' })).toBeNull()
		expect(comparisonOf({ ...map, state: exampleCam() }, teacherMap)).toBeNull()
		expect(comparisonOf(map, { ...teacherMap, label: 'normal' })).toBeNull()
	})

	it('is found whatever the resolution of the two', () => {
		const alike = comparisonOf(map, teacherMap)
		expect(alike?.correlation).toBeCloseTo(1, 6)
		expect(alike?.topFifthOverlap).toBeCloseTo(1, 6)
		const opposite = comparisonOf({ ...map, label: 'normal' }, { ...teacherMap, label: 'normal', state: exampleCam({ exact: true, width: 2, height: 2, maps: { normal: [0, 1, 0, 1] } }) })
		expect(opposite?.correlation).toBeCloseTo(-1, 6)
	})

	it('is said in words, by the correlation', () => {
		expect([0.9, 0.8, 0.6, 0.3, 0, -0.9].map((correlation) => sentence(correlation, 1, 1))).toEqual(['much', 'much', 'partly', 'little', 'not', 'not'].map((word) => `The maps are ${word} alike.`))
		expect(sentence(null, 1, 1)).toBe('One of the maps is the same everywhere: there is nothing to compare.')
	})

	it('says which map is empty', () => {
		expect(sentence(null, 0, 1)).toBe('The student\'s map is empty: there is nothing to compare.')
		expect(sentence(null, 1, 0)).toBe('The teacher\'s map is empty: there is nothing to compare.')
		expect(sentence(null, 0, 0)).toBe('Both maps are empty: there is nothing to compare.')
	})
})
