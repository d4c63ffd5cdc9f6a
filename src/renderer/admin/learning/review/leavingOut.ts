import type { LearningCase } from '../../../../common/contract/learning.ts'
import { client } from '../../../app/client.ts'
import { showError, useNotices } from '../../../app/notices.ts'
import { loadSets } from '../learningStore.ts'
import { leftOutInWords } from '../learningWords.ts'
import { cases } from './casesStore.ts'

type Image = Pick<LearningCase, 'instanceId' | 'frameIndex'>

interface Done {
	images: Image[]
	leftOut: boolean
}

/** What can be undone, latest last. */
const done: Done[] = []
const MOST_DONE = 100

/** The notice of the last one: the next takes its place. */
let told: number | null = null

/** One after the other: what one changes has to be known before the next. */
let last: Promise<void> = Promise.resolve()

/** Leaves images out of learning, or puts them back, at once, and offers to undo it. Those that are so already are passed over. */
export function leaveOut(rows: readonly LearningCase[], leftOut: boolean): Promise<void> {
	const images = rows.filter((row) => row.leftOut !== leftOut).map(({ instanceId, frameIndex }) => ({ instanceId, frameIndex }))
	last = last.then(() => take({ images, leftOut }))
	return last
}

async function take(entry: Done): Promise<void> {
	const { images, leftOut } = entry
	if (images.length === 0 || !(await give(entry))) return
	done.push(entry)
	done.splice(0, done.length - MOST_DONE)
	cases.clearSelection()
	useNotices.getState().show({ level: 'info', message: leftOutInWords(images.length, leftOut), action: { title: 'Undo', run: () => undo(entry) } })
	told = useNotices.getState().notices.at(-1)?.id ?? null
}

/** @returns whether it was done. */
async function give({ images, leftOut }: Done): Promise<boolean> {
	if (told !== null) useNotices.getState().dismiss(told)
	told = null
	try {
		await client.call('learning.leaveOut', { cases: images, leftOut })
	} catch (error) {
		showError(error)
		return false
	}
	cases.askAgain()
	void loadSets()
	return true
}

/** Whether there is something to undo. */
export function canUndo(): boolean {
	return done.length > 0
}

/** Undoes the latest. */
export function undoLast(): void {
	const entry = done.at(-1)
	if (entry) undo(entry)
}

function undo(entry: Done): void {
	last = last.then(() => takeBack(entry))
}

async function takeBack(entry: Done): Promise<void> {
	const place = done.indexOf(entry)
	if (place < 0) return
	done.splice(place, 1)
	await give({ ...entry, leftOut: !entry.leftOut })
}
