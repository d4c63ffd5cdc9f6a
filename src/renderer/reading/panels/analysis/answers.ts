import type { Analysis } from '../../../../common/contract/analysis.ts'
import type { SystemStatus } from '../../../../common/contract/system.ts'
import type { LightBox } from '../../readingStore.ts'

/** What has been said of one image. */
export interface Answers {
	student: Analysis | null
	teacher: Analysis | null
}

type Models = Pick<SystemStatus, 'student' | 'teacher' | 'others'>

type Reader = SystemStatus['others'][number]

/** Who reads now: the student of each kind of image, with its teacher. */
function readersOf({ student, teacher, others }: Models): Reader[] {
	return student ? [{ student, teacher }, ...others] : []
}

/** Who of those who read now has given an answer; null where it was another model. */
export function readerOf(student: Analysis, status: Models): Reader | null {
	return readersOf(status).find((reader) => reader.student.sha256 === student.prediction.model.sha256) ?? null
}

/**
 * The answers for one image: of each role the newest by a model that reads now, else the newest of any model,
 * which then stands with that model's name.
 */
export function answersFor(image: LightBox, analyses: Analysis[], status: Models | null): Answers {
	const ofImage = analyses
		.filter((analysis) => analysis.instanceId === image.instanceId && analysis.frameIndex === image.frameIndex)
		.toSorted((a, b) => b.id - a.id)
	function newest(role: 'student' | 'teacher', wanted: (string | undefined)[]): Analysis | null {
		const ofRole = ofImage.filter((analysis) => analysis.role === role)
		return ofRole.find((analysis) => wanted.includes(analysis.prediction.model.sha256)) ?? ofRole[0] ?? null
	}
	const readers = status ? readersOf(status) : []
	const student = newest('student', readers.map((reader) => reader.student.sha256))
	const own = student && status ? readerOf(student, status) : null
	return { student, teacher: newest('teacher', (own ? [own] : readers).map(({ teacher }) => teacher?.sha256)) }
}

/** Whether the models that read now still have something to say of the image. */
export function isUnanswered(answers: Answers, status: Models): boolean {
	if (!status.student) return false
	const reader = answers.student && readerOf(answers.student, status)
	if (!answers.student || !reader) return true
	// The gate of the student speaks for both: a refused image is not put to the teacher again and again.
	if (!reader.teacher || !answers.student.prediction.gate.ok) return false
	return answers.teacher?.prediction.model.sha256 !== reader.teacher.sha256
}

/** One run per image and students that may be asked about it: another one makes another run. */
export function runKey(image: LightBox, status: Models): string {
	return [image.instanceId, image.frameIndex, ...readersOf(status).map(({ student }) => student.sha256)].join('/')
}
