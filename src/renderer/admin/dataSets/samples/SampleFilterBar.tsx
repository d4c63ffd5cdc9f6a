import { X } from 'lucide-react'
import { useState } from 'react'
import type { DataSetSurvey } from '../../../../common/contract/training/dataSets.ts'
import { SearchField } from '../../../ui/SearchField.tsx'
import { SPLIT_TITLES, stated } from '../dataSetWords.ts'
import { sourcesOf } from '../view/shortcuts.ts'
import { NO_FILTERS, setFilters, useSamples, type SampleFilters } from './samplesStore.ts'

/** What the samples are narrowed to. @param onDown gives the keyboard to the samples. */
export function SampleFilterBar({ field, survey, onDown }: { field: React.RefObject<HTMLInputElement | null>; survey: DataSetSurvey; onDown(): void }) {
	const filters = useSamples((state) => state.filters)
	const isFiltered = JSON.stringify(filters) !== JSON.stringify(NO_FILTERS)
	const sources = sourcesOf(survey)?.values.map(({ value }) => value) ?? []
	return (
		<div className="samples-tools" role="search" aria-label="Samples">
			<SearchField
				field={field} search={filters.text} onSearch={(text) => setFilters({ text })} onDown={onDown}
				placeholder="File, patient, source, subgroup" title="Words; each must stand in the file's path, the patient or group, the source or a subgroup"
			/>
			<Choice label="Split" value={filters.split} options={survey.splits.map(({ split }) => [split, SPLIT_TITLES[split]])} onChange={(split) => setFilters({ split: split as SampleFilters['split'] })} />
			<Choice label="Label" value={filters.label} options={survey.labels.map((label) => [label, label])} onChange={(label) => setFilters({ label })} />
			{sources.length > 1 && <Choice label="Source" value={filters.source} options={sources.map((source) => [source, stated(source)])} onChange={(source) => setFilters({ source })} />}
			<GroupField group={filters.group} />
			<button aria-pressed={filters.corrected} onClick={() => setFilters({ corrected: !filters.corrected })}>Corrected</button>
			<button aria-pressed={filters.leaking} onClick={() => setFilters({ leaking: !filters.leaking })}>Leaking</button>
			{isFiltered && <button className="quiet" aria-label="Clear filters" onClick={() => setFilters(NO_FILTERS)}><X aria-hidden />Clear</button>}
		</div>
	)
}

/** A name as it is written, taken over with Enter or when the field is left. */
function GroupField({ group }: { group: string | null }) {
	const [text, setText] = useState(group ?? '')
	const [known, setKnown] = useState(group)
	// It was set or cleared from elsewhere.
	if (known !== group) {
		setKnown(group)
		setText(group ?? '')
	}
	const take = (): void => {
		const wanted = text.trim() === '' ? null : text.trim()
		if (wanted !== group) setFilters({ group: wanted })
	}
	return (
		<input
			type="text" className={group === null ? 'samples-group' : 'samples-group samples-set'} aria-label="Patient or group" placeholder="Patient or group" title={group ?? 'The whole name of a patient or group, then Enter'} dir="auto" maxLength={200} autoComplete="off" spellCheck={false} value={text}
			onChange={(event) => setText(event.target.value)}
			onBlur={take}
			onKeyDown={(event) => {
				if (event.key !== 'Enter') return
				event.preventDefault()
				take()
			}}
		/>
	)
}

function Choice({ label, value, options, onChange }: { label: string; value: string | null; options: [string, string][]; onChange(value: string | null): void }) {
	// An empty value is one of the data's own: places tell them apart.
	return (
		<select aria-label={label} className={value === null ? 'muted' : 'samples-set'} value={options.findIndex(([key]) => key === value)} onChange={(event) => onChange(options[Number(event.target.value)]?.[0] ?? null)}>
			<option value={-1}>{label}: any</option>
			{options.map(([key, title], index) => <option key={key} value={index}>{title}</option>)}
		</select>
	)
}
