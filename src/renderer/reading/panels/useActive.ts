import { useMemo } from 'react'
import { useSystem } from '../../app/system.ts'
import { useReading, type LightBox } from '../readingStore.ts'
import { answersFor, type Answers } from './analysis/answers.ts'

export function useActiveImage(): LightBox | null {
	return useReading((state) => state.lightBoxes[state.active] ?? null)
}

/** What has been said of the image of the active light box. */
export function useAnswers(): Answers {
	const image = useActiveImage()
	const analyses = useReading((state) => state.study?.analyses)
	const status = useSystem((state) => state.status)
	return useMemo(() => (image && analyses ? answersFor(image, analyses, status) : { student: null, teacher: null }), [image, analyses, status])
}
