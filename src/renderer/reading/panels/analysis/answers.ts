import type { Analysis } from '../../../../common/contract/analysis.ts'
import type { SystemStatus } from '../../../../common/contract/system.ts'
import type { LightBox } from '../../readingStore.ts'

/** What has been said of one image. */
export interface Answers {
	student: Analysis | null
	teacher: Analysis | null
}

/**
 * The answers for one image: of each role the newest by the model that is selected now, else the newest of any model,
 * which then stands with that model's name.
 */
export function answersFor(image: LightBox, analyses: Analysis[], status: Pick<SystemStatus, 'student' | 'teacher'> | null): Answers {
	const ofImage = analyses
		.filter((analysis) => analysis.instanceId === image.instanceId && analysis.frameIndex === image.frameIndex)
		.toSorted((a, b) => b.id - a.id)
	function newest(role: 'student' | 'teacher'): Analysis | null {
		const ofRole = ofImage.filter((analysis) => analysis.role === role)
		const wanted = status?.[role]?.sha256
		return ofRole.find((analysis) => analysis.prediction.model.sha256 === wanted) ?? ofRole[0] ?? null
	}
	return { student: newest('student'), teacher: newest('teacher') }
}

/** Whether the selected models still have something to say of the image. */
export function isUnanswered(answers: Answers, status: Pick<SystemStatus, 'student' | 'teacher'>): boolean {
	if (!status.student) return false
	if (answers.student?.prediction.model.sha256 !== status.student.sha256) return true
	// The gate of the student speaks for both: a refused image is not put to the teacher again and again.
	if (!status.teacher || !answers.student.prediction.gate.ok) return false
	return answers.teacher?.prediction.model.sha256 !== status.teacher.sha256
}

/** One run per image and model: another student makes another run. */
export function runKey(image: LightBox, studentSha256: string): string {
	return `${image.instanceId}/${image.frameIndex}/${studentSha256}`
}
