import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Prediction } from '../../../common/contract/analysis.ts'
import { MOST_LISTED, type LibraryComparison, type LibraryFilm, type SeenAnswer } from '../../../common/contract/promotion.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import { groupMeans } from '../../../common/stats/groupMeans.ts'
import { decodeFrameOf, sha256Of } from '../../imaging/decodeFrame.ts'
import { answerOn } from '../../inference/judge.ts'
import type { LungReader } from '../../inference/lungs.ts'
import type { Network } from '../../inference/network.ts'
import { prepareFrame } from '../../inference/prepared.ts'

/** What both models say of a film. */
interface Answered {
	film: LibraryFilm
	current: Prediction
	candidate: Prediction
}

export interface ComparedOnLibrary {
	comparison: LibraryComparison
	/** Films that both models answer on. */
	passed: LibraryFilm[]
	n: number
	groups: number
	sha256: string
	refused: { id: string; reason: string }[]
}

/**
 * Both models on films of which nobody says what is true, through gate, lungs and abstention as at the desk.
 * @throws UserError where none of the films can be read; AbortError.
 */
export async function compareOnLibrary(
	networks: Record<'current' | 'candidate', Network>, lungs: LungReader, films: readonly LibraryFilm[], { signal, onProgress }: { signal: AbortSignal; onProgress(done: number): void },
): Promise<ComparedOnLibrary> {
	const answered: Answered[] = []
	const refused: ComparedOnLibrary['refused'] = []
	const hash = createHash('sha256')
	for (const [index, film] of films.entries()) {
		signal.throwIfAborted()
		try {
			const one = await answerBoth(networks, lungs, film)
			hash.update(`${JSON.stringify([film.instanceId, film.frameIndex, film.group, one.current.inputSha256])}\n`)
			answered.push(one)
		} catch (error) {
			if (!(error instanceof UserError)) throw error
			refused.push({ id: `study ${film.studyId}, image ${film.instanceId}`, reason: error.message })
		}
		onProgress(index + 1)
	}
	if (answered.length === 0) throw new UserError(`None of the ${films.length} films of the library can be read. ${refused[0]?.reason ?? ''}`)
	return {
		comparison: comparisonOf(answered, networks.current),
		passed: answered.filter(({ current, candidate }) => current.gate.ok && candidate.gate.ok).map(({ film }) => film),
		n: answered.length, groups: new Set(answered.map(({ film }) => film.group)).size, sha256: hash.digest('hex'), refused,
	}
}

async function answerBoth({ current, candidate }: Record<'current' | 'candidate', Network>, lungs: LungReader, film: LibraryFilm): Promise<Answered> {
	const bytes = await readFile(film.path).catch((error: unknown) => {
		throw new UserError('The file cannot be read.', String(error))
	})
	const frame = await decodeFrameOf(bytes, sha256Of(bytes), film.frameIndex)
	const first = await prepareFrame(frame, current.manifest, lungs)
	// Both look for the lungs with the same network.
	const second = await prepareFrame(frame, candidate.manifest, lungs, first.found)
	return { film, current: await answerOn(current, first, 0), candidate: await answerOn(candidate, second, 0) }
}

function comparisonOf(answered: readonly Answered[], { manifest }: Network): LibraryComparison {
	const { labels } = manifest
	const groups = answered.map(({ film }) => film.group)
	const seen = answered.map(({ film, current, candidate }) => ({ film, current: seenOf(current), candidate: seenOf(candidate) }))
	const changes = seen.filter(({ current, candidate }) => !isSame(current, candidate))
	const rows = seen.map(({ current, candidate }, place) => {
		const { current: one, candidate: other } = answered[place] as Answered
		return [
			Number(!isSame(current, candidate)),
			...labels.flatMap(({ name }) => {
				const [before, after] = [probabilityOf(one, name), probabilityOf(other, name)]
				const both = before !== null && after !== null
				return [Number(current.calls.includes(name) !== candidate.calls.includes(name)), both ? before : null, both ? after : null, both ? after - before : null]
			}),
		]
	})
	const means = groupMeans(rows, groups, 1 + 4 * labels.length)
	const at = (place: number) => means[place] ?? { value: null, interval: null, n: 0 }
	return {
		passed: agreementOf(answered, ({ gate }) => gate.ok),
		abstained: agreementOf(answered.filter(({ current, candidate }) => current.gate.ok && candidate.gate.ok), ({ abstained }) => abstained),
		differs: at(0),
		labels: labels.map(({ name, title }, label) => ({
			name, title, calls: agreementOf(seen, ({ calls }) => calls.includes(name)),
			changed: at(1 + 4 * label), current: at(2 + 4 * label), candidate: at(3 + 4 * label), difference: at(4 + 4 * label),
		})),
		changed: changes.length,
		changes: changes.slice(0, MOST_LISTED).map(({ film: { studyId, instanceId, frameIndex }, current, candidate }) => ({ studyId, instanceId, frameIndex, current, candidate })),
	}
}

function seenOf({ gate, abstained, labels }: Prediction): SeenAnswer {
	if (!gate.ok) return { state: 'refused', calls: [], reason: gate.reasons.join(' ') }
	return { state: abstained ? 'abstained' : 'answered', calls: labels.filter(({ positive }) => positive).map(({ name }) => name).toSorted(), reason: '' }
}

function isSame(one: SeenAnswer, other: SeenAnswer): boolean {
	return one.state === other.state && one.calls.join('\n') === other.calls.join('\n')
}

function probabilityOf({ labels }: Prediction, name: string): number | null {
	return labels.find((label) => label.name === name)?.probability ?? null
}

function agreementOf<Side>(pairs: readonly { current: Side; candidate: Side }[], is: (side: Side) => boolean): LibraryComparison['passed'] {
	const counts = { both: 0, onlyCurrent: 0, onlyCandidate: 0, neither: 0 }
	for (const { current, candidate } of pairs) counts[is(current) ? (is(candidate) ? 'both' : 'onlyCurrent') : is(candidate) ? 'onlyCandidate' : 'neither']++
	return counts
}
