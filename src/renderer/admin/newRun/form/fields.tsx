import { useId, useState, type ReactNode } from 'react'
import { setField, useNewRun } from '../newRunStore.ts'
import { valueAt } from '../recipe/fields.ts'
import { sentence, useProblems } from './problems.ts'

function useField(field: string): unknown {
	return useNewRun((state) => valueAt(state.draft, field))
}

/** Label, field and what is wrong with it. @param children is given the field's id and what describes it. */
function Framed({ field, label, hint = '', wide = false, children }: { field: string; label: string; hint?: string; wide?: boolean; children(attributes: { id: string; 'data-field': string; 'aria-describedby'?: string; 'aria-invalid'?: true }): ReactNode }) {
	const id = useId()
	const problems = useProblems(field)
	const described = [hint === '' ? '' : `${id}-hint`, problems.length === 0 ? '' : `${id}-fault`].filter((own) => own !== '').join(' ')
	return (
		<div className={`field ${wide ? 'wide' : ''}`}>
			<label htmlFor={id}>{label}</label>
			{children({ id, 'data-field': field, ...(described === '' ? {} : { 'aria-describedby': described }), ...(problems.length === 0 ? {} : { 'aria-invalid': true }) })}
			{hint !== '' && <span id={`${id}-hint`} className="new-run-hint">{hint}</span>}
			{problems.length > 0 && <span id={`${id}-fault`} className="new-run-fault">{problems.map(sentence).join(' ')}</span>}
		</div>
	)
}

function shown(value: unknown): string {
	return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

interface FieldProps {
	field: string
	label: string
	hint?: string
	wide?: boolean
}

/** A number; empty: the usual one, which stands there faintly. What is no number is kept as it was written, and named as a problem. */
export function NumberField({ usual, ...rest }: FieldProps & { usual?: number | string | null }) {
	const value = useField(rest.field)
	const [text, setText] = useState<string | null>(null)
	return (
		<Framed {...rest}>
			{(attributes) => (
				<input
					{...attributes} className="numbers" inputMode="decimal" autoComplete="off" value={text ?? shown(value)} placeholder={usual === undefined || usual === null ? 'None' : String(usual)}
					onChange={(event) => {
						const written = event.target.value
						setText(written)
						setField(rest.field, written.trim() === '' ? undefined : Number.isFinite(Number(written)) ? Number(written) : written)
					}}
					onBlur={() => setText(null)}
				/>
			)}
		</Framed>
	)
}

/** One line, or several; empty: the recipe says nothing of it, or, where it must, states what is empty. */
export function TextField({ usual = '', lines = 1, required = false, ...rest }: FieldProps & { usual?: string; lines?: number; required?: boolean }) {
	const value = useField(rest.field)
	const write = (text: string) => setField(rest.field, text === '' && !required ? undefined : text)
	return (
		<Framed {...rest}>
			{(attributes) => (lines === 1
				? <input {...attributes} dir="auto" autoComplete="off" spellCheck={false} value={shown(value)} placeholder={usual} onChange={(event) => write(event.target.value)} />
				: <textarea {...attributes} dir="auto" rows={lines} value={shown(value)} placeholder={usual} onChange={(event) => write(event.target.value)} />)}
		</Framed>
	)
}

/** One of some words. A value that is none of them is shown as it is until another is chosen. */
export function SelectField({ options, usual, onChoose, ...rest }: FieldProps & { options: readonly (readonly [string, string])[]; usual: string; onChoose?(value: string): void }) {
	const value = useField(rest.field)
	const own = value === undefined ? usual : shown(value)
	return (
		<Framed {...rest}>
			{(attributes) => (
				<select {...attributes} value={own} onChange={(event) => (onChoose ?? ((chosen: string) => setField(rest.field, chosen)))(event.target.value)}>
					{!options.some(([option]) => option === own) && <option value={own}>{own === '' ? 'Choose' : own}</option>}
					{options.map(([option, title]) => <option key={option} value={option}>{title}</option>)}
				</select>
			)}
		</Framed>
	)
}

/** Yes or no. */
export function CheckField({ field, label, usual }: FieldProps & { usual: boolean }) {
	const value = useField(field)
	const problems = useProblems(field)
	const id = useId()
	return (
		<div className="new-run-check-field">
			<label className="new-run-check">
				<input
					type="checkbox" data-field={field} checked={typeof value === 'boolean' ? value : usual} aria-invalid={problems.length > 0 || undefined} aria-describedby={problems.length > 0 ? id : undefined}
					onChange={(event) => setField(field, event.target.checked)}
				/>
				<span>{label}</span>
			</label>
			{problems.length > 0 && <span id={id} className="new-run-fault">{problems.map(sentence).join(' ')}</span>}
		</div>
	)
}
