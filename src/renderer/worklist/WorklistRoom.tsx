import './worklist.css'
import { Circle, CircleCheck, CircleHelp, CircleSlash, FolderInput, Import, PenLine, X } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { WorklistFilters, WorklistRow } from '../../common/contract/study.ts'
import { useCommands } from '../app/commands.ts'
import { useRoomCommands } from '../app/useRoomCommands.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { rowIn } from '../ui/pages.ts'
import { SearchField } from '../ui/SearchField.tsx'
import { VirtualGrid, type Column } from '../ui/VirtualGrid.tsx'
import { count, localTime, named, number, READING_STATES } from '../ui/words.ts'
import { dayOf } from './dayOf.ts'
import { activate, NO_FILTERS, openRow, removeRow, retry, setFilters, showRange, sortBy, useWorklist, watchWorklist } from './worklistStore.ts'

const STATE_ICONS = { unread: Circle, draft: PenLine, signed: CircleCheck } as const

const COLUMNS: Column<WorklistRow>[] = [
	{
		key: 'readingState', title: 'State', width: '6rem', sortable: true,
		cell: (row) => {
			const Icon = STATE_ICONS[row.readingState]
			return <span className={`worklist-state worklist-${row.readingState}`}><Icon aria-hidden />{READING_STATES[row.readingState]}</span>
		},
	},
	{ key: 'patientName', title: 'Patient', width: 'minmax(8.75rem, 2.2fr)', sortable: true, cell: (row) => <bdi className="worklist-name">{named(row.patientName)}</bdi>, hint: (row) => named(row.patientName) },
	{ key: 'patientId', title: 'ID', width: 'minmax(5.25rem, 1fr)', sortable: true, cell: (row) => <bdi>{row.patientId}</bdi>, hint: (row) => row.patientId },
	{ key: 'sex', title: 'Sex', width: '3.25rem', cell: (row) => <bdi>{row.sex}</bdi> },
	{ key: 'birthDate', title: 'Born', width: '6.75rem', cell: (row) => <span className="numbers">{row.birthDate}</span>, hint: (row) => row.birthDate },
	{ key: 'studyDate', title: 'Study', width: '6.75rem', sortable: true, cell: (row) => <span className="numbers">{row.studyDate}</span>, hint: (row) => row.studyDate },
	{ key: 'modality', title: 'Modality', width: '5.5rem', sortable: true, cell: (row) => <bdi>{row.modality}</bdi> },
	{ key: 'description', title: 'Description', width: 'minmax(6.875rem, 2fr)', cell: (row) => <bdi>{row.description}</bdi>, hint: (row) => row.description },
	{ key: 'images', title: 'Images', width: '4rem', align: 'end', cell: (row) => <span className="numbers">{number(row.images)}</span> },
	{ key: 'answer', title: 'Answer', width: 'minmax(9.375rem, 1.2fr)', cell: (row) => <AnswerCell row={row} />, hint: (row) => ANSWER_HINTS[row.answerState] },
	{ key: 'importedAt', title: 'Imported', width: '9rem', sortable: true, cell: (row) => <span className="muted numbers">{localTime(row.importedAt)}</span> },
]

const ANSWER_HINTS = {
	positive: 'The student calls at least one finding; nobody has confirmed it here.',
	negative: 'The student calls no finding.',
	abstained: 'The student gives no answer: it is not sure enough.',
	refused: 'The image did not pass the input checks, so the student did not read it.',
	none: 'Not analysed.',
} as const

function AnswerCell({ row }: { row: WorklistRow }) {
	switch (row.answerState) {
		case 'positive':
			return <span className="tag network cut">{row.answer}</span>
		case 'negative':
			return <span className="worklist-negative cut">{row.answer}</span>
		case 'abstained':
			return <span className="tag"><CircleHelp size={12} aria-hidden />{row.answer || 'Abstained'}</span>
		case 'refused':
			return <span className="tag warning"><CircleSlash size={12} aria-hidden />{row.answer || 'Refused'}</span>
		case 'none':
			return <span className="muted">Not analysed</span>
	}
}

/** All studies: search, filter, sort, open, remove. */
export function WorklistRoom() {
	const { filters, sort, descending, pages, counts, busy, fault, active } = useWorklist()
	const search = useRef<HTMLInputElement>(null)
	const grid = useRef<HTMLDivElement>(null)
	const isFiltered = Object.keys(NO_FILTERS).some((key) => filters[key as keyof WorklistFilters] !== NO_FILTERS[key as keyof WorklistFilters])
	const focusGrid = useCallback(() => grid.current?.querySelector<HTMLElement>('[role="grid"]')?.focus(), [])

	useEffect(() => watchWorklist(), [])
	useEffect(focusGrid, [focusGrid])
	useRoomCommands([
		{ id: 'worklist.search', title: 'Search the worklist', group: 'Worklist', keys: '/ Ctrl+f', run: () => search.current?.select() },
		{ id: 'worklist.clear', title: 'Clear search and filters', group: 'Worklist', keys: 'Alt+c', enabled: () => isFiltered, run: () => setFilters(NO_FILTERS) },
		{ id: 'worklist.open', title: 'Open the study', group: 'Worklist', keys: 'Enter', enabled: () => active >= 0, run: () => openRow(active) },
		{ id: 'worklist.remove', title: 'Remove the study from the worklist', group: 'Worklist', keys: 'Delete', enabled: () => active >= 0, run: () => void removeRow(active) },
		{ id: 'worklist.unread', title: 'Show unread studies only', group: 'Worklist', run: () => setFilters({ ...NO_FILTERS, readingState: 'unread' }) },
	])

	return (
		<main className="worklist" aria-label="Worklist room">
			<h1 className="visually-hidden">Worklist</h1>
			<div className="worklist-tools" role="search">
				<SearchField
					field={search} search={filters.search} onSearch={(value) => setFilters({ search: value })} onDown={focusGrid}
					placeholder="Name, ID, accession, description, file" title="Words; each must begin a word of name, ID, accession number, description or file name"
				/>
				<Choice label="Modality" value={filters.modality} options={(counts?.modalities ?? []).map((modality) => [modality, modality])} onChange={(modality) => setFilters({ modality })} />
				<Choice label="State" value={filters.readingState} options={Object.entries(READING_STATES)} onChange={(value) => setFilters({ readingState: value as WorklistFilters['readingState'] })} />
				<Choice label="Answer" value={filters.answer} options={ANSWERS} onChange={(value) => setFilters({ answer: value as WorklistFilters['answer'] })} />
				<DateField label="From" end="first" value={filters.from} onChange={(from) => setFilters({ from })} />
				<DateField label="To" end="last" value={filters.to} onChange={(to) => setFilters({ to })} />
				{isFiltered && <button className="quiet" aria-label="Clear filters" onClick={() => setFilters(NO_FILTERS)}><X aria-hidden />Clear</button>}
				<span className="worklist-space" />
				<button onClick={() => give('import.files')}><Import aria-hidden />Import files</button>
				<button onClick={() => give('import.folder')}><FolderInput aria-hidden />Import folder</button>
			</div>
			<p className="worklist-count numbers" role="status" aria-label="Studies shown">
				{counts ? (isFiltered ? `${number(counts.matching)} of ${count(counts.total, 'study')}` : count(counts.total, 'study')) : 'Loading…'}
			</p>
			{fault !== '' ? (
				<EmptyState title="The worklist could not be loaded." text={fault}>
					<button className="primary" onClick={retry}>Try again</button>
				</EmptyState>
			) : (
				<div className="worklist-list" ref={grid}>
					<VirtualGrid
						label="Worklist"
						minimumWidth="73rem"
						columns={COLUMNS}
						count={counts?.matching ?? 0}
						rowAt={(index) => rowIn(pages, index)}
						active={active}
						onActive={activate}
						onOpen={openRow}
						onRemove={(index) => void removeRow(index)}
						sort={{ key: sort, descending }}
						onSort={sortBy}
						onRange={showRange}
						busy={busy}
						empty={counts && <Nothing total={counts.total} />}
					/>
				</div>
			)}
		</main>
	)
}

const ANSWERS: [string, string][] = [
	['positive', 'Positive'], ['negative', 'Negative'], ['abstained', 'Abstained'], ['refused', 'Refused'], ['none', 'Not analysed'],
]

function give(command: string): void {
	useCommands.getState().commands[command]?.run()
}

function Nothing({ total }: { total: number }) {
	if (total > 0) {
		return (
			<EmptyState title="No study matches." text="Change the search or the filters, or clear them to see all studies.">
				<button className="primary" onClick={() => setFilters(NO_FILTERS)}>Clear filters</button>
			</EmptyState>
		)
	}
	return (
		<EmptyState
			title="No studies yet."
			text="Drop DICOM, PNG, JPEG or TIFF files, ZIP archives or whole folders anywhere in this window, or choose them here."
		>
			<button className="primary" onClick={() => give('import.files')}><Import aria-hidden />Choose files</button>
			<button onClick={() => give('import.folder')}><FolderInput aria-hidden />Choose a folder</button>
		</EmptyState>
	)
}

function Choice({ label, value, options, onChange }: { label: string; value: string | null; options: [string, string][]; onChange(value: string | null): void }) {
	// A value that is set stays selectable when the library has none of it any more.
	const shown = value !== null && !options.some(([key]) => key === value) ? [...options, [value, value] as [string, string]] : options
	return (
		<select aria-label={label} className={value === null ? 'muted' : 'worklist-set'} value={value ?? ''} onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}>
			<option value="">{label}: any</option>
			{shown.map(([key, title]) => <option key={key} value={key}>{title}</option>)}
		</select>
	)
}

function DateField({ label, end, value, onChange }: { label: string; end: 'first' | 'last'; value: string | null; onChange(value: string | null): void }) {
	const [text, setText] = useState(value ?? '')
	const [known, setKnown] = useState(value)
	// The filter was cleared from elsewhere.
	if (known !== value) {
		setKnown(value)
		setText(value ?? '')
	}
	const bad = text.trim() !== '' && dayOf(text, end) === null
	return (
		<label className="worklist-date">
			<span className="muted">{label}</span>
			<input
				type="text"
				aria-label={`Study date ${label.toLowerCase()}`}
				aria-invalid={bad}
				className={value === null ? undefined : 'worklist-set'}
				placeholder="YYYY-MM-DD"
				title="A year, a month or a day: 2026, 2026-05 or 2026-05-31"
				autoComplete="off"
				maxLength={10}
				value={text}
				onChange={(event) => {
					setText(event.target.value)
					const day = dayOf(event.target.value, end)
					setKnown(day)
					if (day !== value) onChange(day)
				}}
			/>
		</label>
	)
}
