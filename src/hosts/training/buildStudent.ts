import { UserError } from '../../common/contract/procedures.ts'
import { searchStudents, studentWithin, type Student } from '../../zoo/studentSearch.ts'
import { blockTimes, measureEncoding, type Progress } from './blockTimes.ts'

interface StudentRequest {
	/** Milliseconds for one image. */
	budget: number
	classes: number
	/** Where this machine's times are kept. */
	timesFile: string
}

interface BuiltStudent extends Student {
	/** Median milliseconds of the whole network on this machine, within the budget. */
	measured: number
}

/** How often a student that turns out to be too slow is replaced by a smaller one. */
const ATTEMPTS = 5

/**
 * The OFA sub-network with the best proxy (see accuracyProxy) that this machine runs within the budget. Blocks are measured once; the search itself is deterministic.
 * @throws UserError when even the fastest is too slow, none of those tried was within the budget, or the times cannot be kept
 */
export async function buildStudent({ budget, classes, timesFile }: StudentRequest, progress: Progress): Promise<BuiltStudent> {
	const students = searchStudents(await blockTimes(timesFile, progress), classes)
	const [fastest] = students
	let tried: BuiltStudent | null = null
	let target = budget
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const student = studentWithin(students, target)
		if (!student) break
		tried = { ...student, measured: await measureEncoding(student.encoding, classes) }
		if (tried.measured <= budget) return tried
		target = student.latency * Math.min(0.98, budget / tried.measured)
	}
	if (tried) {
		throw new UserError(`No student was measured within ${budget} ms: the last that was tried should take ${tried.latency.toFixed(1)} ms and took ${tried.measured.toFixed(1)}. Try again when the machine is idle, or allow more time.`)
	}
	throw new UserError(`No student takes ${budget} ms on this machine; the fastest takes about ${(fastest?.latency ?? 0).toFixed(1)} ms.`)
}
