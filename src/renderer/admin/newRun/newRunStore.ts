import { create } from 'zustand'
import type { ReadyModel } from '../../../common/contract/model.ts'
import { dataRecipeSchema, type DataRecipe } from '../../../common/contract/training/data.ts'
import type { DataSetSummary } from '../../../common/contract/training/dataSets.ts'
import type { TrainingTemplate } from '../../../common/contract/training/desk.ts'
import type { ZooEntry } from '../../../common/contract/training/zoo.ts'
import { client } from '../../app/client.ts'
import { showError, useNotices } from '../../app/notices.ts'
import { useNavigation } from '../../app/navigation.ts'
import { folderName, isolated } from '../../ui/words.ts'
import type { GroupName } from './groups.ts'
import { recipeFor, withImages } from './recipe/begin.ts'
import { textAt, valueAt, withValue, type Draft } from './recipe/fields.ts'
import { readText, textOf } from './recipe/jsonText.ts'

/** What a person is putting together. */
interface Work {
	/** Null: nothing is begun. */
	draft: Draft | null
	/** What the expert view shows while it is written in; null: the draft's own text. Text that is no JSON leaves the draft as it was. */
	text: string | null
	view: 'form' | 'json'
	/** Parts of the form that are open. */
	open: readonly GroupName[]
	/** Files and packs of the template that are not here. */
	missing: TrainingTemplate['missing']
}

interface NewRunState extends Work {
	/** Data that another section wants a run on; taken over by the form when it is shown next. */
	wanted: DataRecipe | null
	/** What there is to choose from; null until the first answer. */
	materials: Materials | null
	/** Why there is nothing to choose from; '' while all is well. */
	fault: string
}

interface Materials {
	templates: TrainingTemplate[]
	packs: ReadyModel[]
	dataSets: DataSetSummary[]
	/** Counts are for two classes, and come later than the rest. */
	zoo: ZooEntry[]
}

const NOTHING: Work = { draft: null, text: null, view: 'form', open: [], missing: [] }
const OPEN_FIRST: readonly GroupName[] = ['images', 'student', 'teachers']

export const useNewRun = create<NewRunState>(() => ({ ...NOTHING, wanted: null, materials: null, fault: '' }))

/** Shows the form for a new run, with these images. */
export function beginRun(data: DataRecipe): void {
	useNewRun.setState({ wanted: data })
	useNavigation.getState().openSection('newRun')
}

function workOf({ draft, text, view, open, missing }: NewRunState): Work {
	return { draft, text, view, open, missing }
}

/** Asks for everything that can be chosen. */
export async function loadMaterials(): Promise<void> {
	try {
		const [templates, models, dataSets] = await Promise.all([client.call('training.templates', {}), client.call('models.list', {}), client.call('dataSets.list', {})])
		useNewRun.setState(({ materials }) => ({ materials: { templates, packs: models.filter((model) => model.state === 'ready'), dataSets, zoo: materials?.zoo ?? [] }, fault: '' }))
	} catch (error) {
		useNewRun.setState({ fault: messageOf(error) })
	}
}

/** Asks for the networks that can be built: counting them takes a moment, so it is done when they are looked at. */
export async function loadZoo(): Promise<void> {
	if ((useNewRun.getState().materials?.zoo.length ?? 0) > 0) return
	try {
		const zoo = await client.call('zoo.list', { classes: 2 })
		useNewRun.setState(({ materials }) => (materials ? { materials: { ...materials, zoo } } : {}))
	} catch (error) {
		showError(error)
	}
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error)
}

/** Keeps what can be chosen as the library has it while the section is shown; returns what ends it. */
export function watchMaterials(): () => void {
	void loadMaterials()
	const ends = [
		client.on('dataSets.changed', () => void loadMaterials()),
		client.onConnection((connection) => {
			if (connection === 'open') void loadMaterials()
		}),
	]
	return () => {
		for (const end of ends) end()
	}
}

/** Data that another section wants a run on: into a new draft, or in place of the images of the one that is there, which can be undone. */
export function takeWanted(): void {
	const { wanted, materials, draft } = useNewRun.getState()
	if (!wanted || !materials) return
	const before = workOf(useNewRun.getState())
	useNewRun.setState({ wanted: null })
	const known = materials.dataSets.find(({ folder, layout }) => folder === wanted.folder && layout === wanted.layout)
	const title = known?.title ?? folderName(wanted.folder)
	if (!draft) {
		beginWithImages(wanted, title, known?.found ?? null)
		return
	}
	useNewRun.setState({ ...leaveText(), draft: withImages(draft, wanted, known?.found ?? null, materials.packs), view: 'form', open: OPEN_FIRST })
	offerUndo(`The run that you were putting together takes the images of ${isolated(title)} now.`, before)
}

function beginWithImages(data: DataRecipe, title: string, found: DataSetSummary['found']): void {
	const { materials } = useNewRun.getState()
	if (materials) useNewRun.setState({ ...NOTHING, draft: recipeFor({ data, title, found, packs: materials.packs }), open: OPEN_FIRST })
}

function leaveText(): Pick<Work, 'text'> {
	return { text: null }
}

export function beginFromTemplate({ recipe, missing }: TrainingTemplate): void {
	const read = readText(JSON.stringify(recipe))
	if ('draft' in read) useNewRun.setState({ ...NOTHING, draft: read.draft, missing, open: missing.length > 0 ? [] : OPEN_FIRST })
}

/** Begins with the images of a registered data set, which brings its corrections along. */
export async function beginWithDataSet({ id, title, found }: DataSetSummary): Promise<void> {
	try {
		const { recipe } = await client.call('dataSets.get', { dataSetId: id })
		beginWithImages(recipe, title, found)
	} catch (error) {
		showError(error)
	}
}

/** Takes the images of a registered data set in place of those of the draft. */
export async function chooseDataSet({ id, found }: DataSetSummary): Promise<void> {
	try {
		const { recipe } = await client.call('dataSets.get', { dataSetId: id })
		change((draft) => withImages(draft, recipe, found, useNewRun.getState().materials?.packs ?? []))
	} catch (error) {
		showError(error)
	}
}

/** Puts the draft away, at once, and offers to bring it back. */
export function startAnew(): void {
	const before = workOf(useNewRun.getState())
	if (!before.draft) return
	useNewRun.setState(NOTHING)
	offerUndo(`Put away: ${isolated(textAt(before.draft, 'name') || 'the run that you were putting together')}.`, before)
}

function offerUndo(message: string, before: Work): void {
	useNotices.getState().show({ level: 'info', message, action: { title: 'Undo', run: () => useNewRun.setState(before) } })
}

/** Changes the draft through the form. Text that is no JSON makes way for it, which can be undone. */
export function change(by: (draft: Draft) => Draft): void {
	const before = workOf(useNewRun.getState())
	if (!before.draft) return
	useNewRun.setState({ draft: by(before.draft), ...leaveText() })
	if (isUnreadable(before.text)) offerUndo('The text of the expert view, which was no JSON, made way for the change in the form.', before)
}

/** Sets a field; undefined: the recipe says nothing of it. */
export function setField(field: string, value: unknown): void {
	change((draft) => withValue(draft, field, value))
}

/** Takes over what is written in the expert view; text that is no JSON is kept, and the draft stays as it was. */
export function writeText(text: string): void {
	const read = readText(text)
	useNewRun.setState({ text, ...('draft' in read ? { draft: read.draft } : {}) })
}

/** Gives up what was written that is no JSON. */
export function discardText(): void {
	const before = workOf(useNewRun.getState())
	useNewRun.setState(leaveText())
	offerUndo('The text is as the form has it again.', before)
}

/** @returns whether the expert view holds text that is no JSON, so that the draft is older than it. */
export function isUnreadable(text: string | null): boolean {
	return text !== null && 'fault' in readText(text)
}

export function showView(view: Work['view']): void {
	useNewRun.setState(({ text }) => ({ view, ...(view === 'form' && !isUnreadable(text) ? leaveText() : {}) }))
}

export function shownText({ draft, text }: Pick<Work, 'draft' | 'text'>): string {
	return text ?? (draft ? textOf(draft) : '')
}

export function openGroup(group: GroupName, isOpen = true): void {
	useNewRun.setState(({ open }) => ({ open: isOpen ? [...new Set([...open, group])] : open.filter((own) => own !== group) }))
}

/** What of the template is still not here: fields that name the same file as before. */
export function stillMissing(draft: Draft, missing: TrainingTemplate['missing']): TrainingTemplate['missing'] {
	return missing.filter(({ field, value }) => valueAt(draft, field) === value)
}

/** The data part of the draft where it is valid. */
export function dataOf(draft: Draft): DataRecipe | null {
	return dataRecipeSchema.safeParse(valueAt(draft, 'data')).data ?? null
}
