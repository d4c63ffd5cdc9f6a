import { client } from '../../../app/client.ts'
import { showError, useNotices } from '../../../app/notices.ts'
import { takeDataSet, useDataSets } from '../dataSetsStore.ts'
import { byHand, changeInWords, inverseOf, type Change } from './corrections.ts'
import { clearSelection, samples } from './samplesStore.ts'

interface Done {
	dataSetId: number
	undo: ReturnType<typeof inverseOf>
}

/** What can be undone, latest last. */
const done: Done[] = []
const MOST_DONE = 100

/** The notice of the last correction: the next takes its place, for a person may give very many. */
let told: number | null = null

/** Corrections are given one after the other: what one changes has to be known before the next. */
let last: Promise<void> = Promise.resolve()

/** The images that a correction is of: those selected, or the one that the keyboard is on. */
export function targets(): string[] {
	return samples.targets().map(({ id }) => id)
}

/** Corrects images by hand, at once, and offers to undo it. */
export function correct(images: readonly string[], change: Change): Promise<void> {
	last = last.then(() => give(images, change))
	return last
}

async function give(images: readonly string[], change: Change): Promise<void> {
	const { shown } = useDataSets.getState()
	if (!shown || images.length === 0) return
	const { id: dataSetId, title } = shown
	const entry: Done = { dataSetId, undo: inverseOf(images, byHand(shown.recipe)) }
	try {
		takeDataSet(await client.call('dataSets.correct', { dataSetId, images: [...images], change }))
	} catch (error) {
		showError(error)
		return
	}
	done.push(entry)
	done.splice(0, done.length - MOST_DONE)
	clearSelection()
	dismiss()
	useNotices.getState().show({ level: 'info', message: changeInWords(images.length, title, change), action: { title: 'Undo', run: () => void undo(entry) } })
	told = useNotices.getState().notices.at(-1)?.id ?? null
}

function dismiss(): void {
	if (told !== null) useNotices.getState().dismiss(told)
	told = null
}

/** Whether there is a correction of this data set to undo. */
export function canUndo(dataSetId: number): boolean {
	return done.some((entry) => entry.dataSetId === dataSetId)
}

/** Undoes the latest correction of a data set. */
export function undoLast(dataSetId: number): void {
	const entry = done.findLast((own) => own.dataSetId === dataSetId)
	if (entry) void undo(entry)
}

function undo(entry: Done): Promise<void> {
	last = last.then(() => takeBack(entry))
	return last
}

async function takeBack(entry: Done): Promise<void> {
	const place = done.indexOf(entry)
	if (place < 0) return
	done.splice(place, 1)
	dismiss()
	try {
		for (const { images, change } of entry.undo) takeDataSet(await client.call('dataSets.correct', { dataSetId: entry.dataSetId, images, change }))
	} catch (error) {
		showError(error)
	}
}
