import { FolderOpen, Play } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import { MOST_LIBRARY_FILMS, MOST_MAPS, type ChosenFilms } from '../../../common/contract/promotion.ts'
import type { DataSetSummary } from '../../../common/contract/training/dataSets.ts'
import { client } from '../../app/client.ts'
import { useNavigation } from '../../app/navigation.ts'
import { useAnswer } from '../../app/useAnswer.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { sizeInWords } from '../dataSets/dataSetWords.ts'
import { FolderDialog } from './FolderDialog.tsx'
import { changeForm, compare, usePromotion, type FilmForm } from './promotionStore.ts'
import { modelName, type ReadyCandidate } from './promotionWords.ts'
import { Reason } from './Signs.tsx'

type Kind = ChosenFilms['kind']

const askDataSets = () => client.call('dataSets.list', {})
const SPLITS = [['', 'Test; all of them where none is named so'], ['test', 'Test'], ['validation', 'Validation'], ['train', 'Train'], ['all', 'All']] as const

/** On which films a candidate is held against the current model, and on how many of them maps are compared. */
export function ChooseFilms({ entry, isBusy }: { entry: ReadyCandidate; isBusy: boolean }) {
	const form = usePromotion((state) => state.form)
	const { value: dataSets } = useAnswer(askDataSets, 'dataSets.changed')
	const [isBrowsing, setBrowsing] = useState(false)
	const [isStarting, setStarting] = useState(false)
	const [fault, setFault] = useState('')
	const id = useId()
	const isOfRun = entry.candidate.origin === 'run'
	const kind: Kind = form.kind === null || (form.kind === 'run' && !isOfRun) ? (isOfRun ? 'run' : 'folder') : form.kind
	const dataSet = dataSets?.find((own) => own.id === form.dataSetId) ?? dataSets?.[0]
	const missing = isBusy ? 'Another comparison runs. It has to end, or be cancelled, before the next one.' : whatIsMissing(kind, form, dataSet)
	const canStart = missing === '' && !isStarting

	async function start(): Promise<void> {
		setStarting(true)
		setFault('')
		try {
			await compare(entry.candidate, await chosenFilms(kind, form, dataSet), form.maps)
		} catch (error) {
			setFault(error instanceof Error ? error.message : String(error))
		}
		setStarting(false)
	}
	useRoomCommands([{ id: 'promotion.compare', title: 'Compare the candidate with the current model', group: 'Promotion', enabled: () => canStart, run: () => void start() }])

	const choice = (own: Kind, title: string, why: string, content: ReactNode = null) => (
		<div className={own === kind ? 'promotion-choice chosen' : 'promotion-choice'}>
			<label>
				<input type="radio" name={id} checked={own === kind} onChange={() => changeForm({ kind: own })} />
				<span className="promotion-choice-title">{title}</span>
				<span className="muted promotion-choice-why">{why}</span>
			</label>
			{own === kind && content && <div className="promotion-choice-more">{content}</div>}
		</div>
	)

	return (
		<form
			className="promotion-form" aria-label="Compare"
			onSubmit={(event) => {
				event.preventDefault()
				if (canStart) void start()
			}}
		>
			<fieldset>
				<legend><h2>Compare with {entry.current ? <bdi>{modelName(entry.current)}</bdi> : 'the current model'}, on the same films</h2></legend>
				{isOfRun && choice('run', 'The test split of its own run', 'Films that the run kept apart: neither learned from nor chosen by.')}
				{choice('data', 'The test split of a data set', 'One that is registered in Data sets, as it was corrected there.', dataSets?.length === 0
					? <p>No data set is registered yet. <button type="button" className="quiet promotion-link" onClick={() => useNavigation.getState().openSection('dataSets')}>Go to Data sets</button></p>
					: (
						<label className="field promotion-wide">
							<span>Data set</span>
							<select value={dataSet?.id ?? ''} onChange={(event) => changeForm({ dataSetId: Number(event.target.value) })}>
								{dataSets?.map(({ id: own, title, found }) => <option key={own} value={own}>{[title, sizeInWords(found)].filter((part) => part !== '').join(': ')}</option>)}
							</select>
						</label>
					))}
				{choice('folder', 'A folder with a manifest.csv', 'Images and their labels by the names that the model answers with.', (
					<div className="promotion-folder">
						<label className="field promotion-wide"><span>Path of the folder</span><input value={form.folder} dir="auto" autoComplete="off" spellCheck={false} maxLength={4096} placeholder="A path from the root" onChange={(event) => changeForm({ folder: event.target.value })} /></label>
						<button type="button" onClick={() => setBrowsing(true)}><FolderOpen aria-hidden />Browse</button>
						<label className="field"><span>Split</span><select value={form.split ?? ''} onChange={(event) => changeForm({ split: (event.target.value || null) as FilmForm['split'] })}>{SPLITS.map(([value, title]) => <option key={value} value={value}>{title}</option>)}</select></label>
					</div>
				))}
				{choice('library', 'Films of the library', 'What the desk has analysed, the latest first. Nobody says what is true of them: they show where a reader would see another answer, and are no verdict.', (
					<label className="field"><span>Films at most</span><input type="number" min={1} max={MOST_LIBRARY_FILMS} value={form.most} onChange={(event) => changeForm({ most: wholeNumber(event.target.value, MOST_LIBRARY_FILMS) })} /></label>
				))}
			</fieldset>
			<div className="promotion-start">
				<label className="field" title={`0 to ${MOST_MAPS}; each takes both models some seconds`}><span>Films whose maps are compared</span><input type="number" min={0} max={MOST_MAPS} value={form.maps} onChange={(event) => changeForm({ maps: wholeNumber(event.target.value, MOST_MAPS) })} /></label>
				<button className="primary" type="submit" disabled={!canStart}><Play aria-hidden />Compare</button>
				<p className="muted" role="status">{missing}</p>
			</div>
			{fault !== '' && <div role="alert"><Reason kind="danger"><p>{fault} Nothing was begun.</p></Reason></div>}
			{isBrowsing && (
				<FolderDialog
					begin={form.folder.trim() === '' ? null : form.folder.trim()}
					onClose={() => setBrowsing(false)}
					onUse={(folder) => {
						changeForm({ folder })
						setBrowsing(false)
					}}
				/>
			)}
		</form>
	)
}

function wholeNumber(text: string, most: number): number {
	return Math.max(0, Math.min(most, Math.round(Number(text)) || 0))
}

function whatIsMissing(kind: Kind, { folder, most }: FilmForm, dataSet: DataSetSummary | undefined): string {
	if (kind === 'data' && !dataSet) return 'Choose a data set.'
	if (kind === 'folder' && folder.trim() === '') return 'Name the folder of the films.'
	if (kind === 'library' && most < 1) return 'Take at least one film.'
	return ''
}

async function chosenFilms(kind: Kind, { folder, split, most }: FilmForm, dataSet: DataSetSummary | undefined): Promise<ChosenFilms> {
	if (kind === 'run') return { kind }
	if (kind === 'folder') return { kind, folder: folder.trim(), split }
	if (kind === 'library') return { kind, most }
	if (!dataSet) throw new Error('No data set was chosen.')
	return { kind, data: (await client.call('dataSets.get', { dataSetId: dataSet.id })).recipe }
}
