import type { Analysis } from '../../common/contract/analysis.ts'
import type { Instance, Study } from '../../common/contract/study.ts'
import type { LightBox } from './readingStore.ts'

/** The instances of a study in the order in which they are read: by series as listed, then by instance. */
export function instancesOf(study: Study): Instance[] {
	return study.series.flatMap((series) => series.instances)
}

/** The image that is put up first; null where the study has none. */
export function firstImage(study: Study): LightBox | null {
	const first = instancesOf(study)[0]
	return first ? { instanceId: first.id, frameIndex: 0 } : null
}

/** The study with an analysis that has just arrived, in place of an older state of the same one. */
export function withAnalysis(study: Study, analysis: Analysis): Study {
	if (analysis.studyId !== study.id) return study
	return { ...study, analyses: [...study.analyses.filter((known) => known.id !== analysis.id), analysis] }
}

/** The image that lies `step` images (frames of multi-frame files counted one by one) after the shown one; null past either end. */
export function imageBeside(study: Study, shown: LightBox, step: number): LightBox | null {
	const images = instancesOf(study).flatMap((instance) =>
		Array.from({ length: instance.frames }, (_, frameIndex) => ({ instanceId: instance.id, frameIndex })),
	)
	const index = images.findIndex((image) => image.instanceId === shown.instanceId && image.frameIndex === shown.frameIndex)
	if (index < 0) return null
	const target = Math.min(images.length - 1, Math.max(0, index + step))
	return target === index ? null : (images[target] ?? null)
}

/** "Right", "Left" or '' from the laterality of the film that is shown, in words. */
export function lateralityInWords(code: string): string {
	return { R: 'Right', L: 'Left', B: 'Both sides', U: '' }[code.trim().toUpperCase()] ?? code.trim()
}
