import './settings.css'
import { Plus, Trash2 } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import type { Settings } from '../../common/contract/system.ts'
import { useSettings } from '../app/settings.ts'
import { KeyBindings } from './KeyBindings.tsx'

const PHASES = { idle: '', saving: 'Saving…', saved: 'Saved', failed: 'Not saved' } as const

/** What the reader decides; every change is kept at once. */
export function SettingsRoom() {
	const { settings, loaded, phase } = useSettings()
	if (!loaded) return <main className="settings" aria-label="Settings room"><p className="muted">Loading…</p></main>
	return (
		<main className="settings" aria-label="Settings room">
			<header>
				<h1>Settings</h1>
				<p className="muted" role="status" aria-label="Saving">{PHASES[phase]}</p>
			</header>
			<section aria-labelledby="settings-reader">
				<h2 id="settings-reader">Reader</h2>
				<TextSetting label="Reader name" hint="Signs reports." name="readerName" />
				<TextSetting label="Institution" hint="Stands at the head of reports." name="institution" />
			</section>
			<section aria-labelledby="settings-reading">
				<h2 id="settings-reading">Reading</h2>
				<label className="settings-check">
					<input type="checkbox" checked={settings.analyseOnOpen} onChange={(event) => useSettings.getState().save({ analyseOnOpen: event.target.checked })} />
					<span>Analyse a film as soon as it is opened</span>
				</label>
				<WindowPresets presets={settings.windowPresets} />
			</section>
			<KeyBindings />
		</main>
	)
}

function TextSetting({ label, hint, name }: { label: string; hint: string; name: 'readerName' | 'institution' }) {
	const stored = useSettings((state) => state.settings[name])
	return (
		<Line label={label} hint={hint}>
			{(id) => <LateInput key={stored} id={id} value={stored} onChange={(value) => useSettings.getState().save({ [name]: value.trim() })} />}
		</Line>
	)
}

function Line({ label, hint, children }: { label: string; hint: string; children(id: string): ReactNode }) {
	const id = useId()
	return (
		<div className="settings-line">
			<label htmlFor={id}>{label}</label>
			{children(id)}
			<span className="muted">{hint}</span>
		</div>
	)
}

/** A field that gives its value when it is left or Enter is pressed, so that half a word is never stored. */
function LateInput({ id, label, value, type = 'text', step, onChange }: { id?: string; label?: string; value: string; type?: 'text' | 'number'; step?: string; onChange(value: string): void }) {
	const [text, setText] = useState(value)
	const apply = () => {
		if (text !== value) onChange(text)
	}
	return (
		<input
			id={id}
			aria-label={label}
			type={type}
			step={step}
			dir="auto"
			maxLength={200}
			autoComplete="off"
			spellCheck={false}
			value={text}
			onChange={(event) => setText(event.target.value)}
			onBlur={apply}
			onKeyDown={(event) => {
				if (event.key === 'Enter') apply()
				if (event.key === 'Escape') setText(value)
			}}
		/>
	)
}

type Preset = Settings['windowPresets'][number]
const MOST_PRESETS = 9

function WindowPresets({ presets }: { presets: Preset[] }) {
	const save = (windowPresets: Preset[]) => useSettings.getState().save({ windowPresets })
	const change = (index: number, part: Partial<Preset>) => save(presets.map((preset, place) => (place === index ? { ...preset, ...part } : preset)))
	return (
		<div className="settings-presets" role="group" aria-label="Window presets">
			<h3>Window presets</h3>
			<p className="muted">In modality units, after the presets of the file; keys 1 to 9 choose them on the light box.</p>
			{presets.length > 0 && (
				<table>
					<thead><tr><th scope="col">Name</th><th scope="col">Centre</th><th scope="col">Width</th><th><span className="visually-hidden">Remove</span></th></tr></thead>
					<tbody>
						{presets.map((preset, index) => (
							<tr key={`${index} ${preset.name} ${preset.center} ${preset.width}`}>
								<td><LateInput label={`Name of preset ${index + 1}`} value={preset.name} onChange={(name) => change(index, { name: name.slice(0, 60) })} /></td>
								<td><LateInput label={`Centre of preset ${index + 1}`} type="number" step="any" value={String(preset.center)} onChange={(text) => Number.isFinite(Number(text)) && text !== '' && change(index, { center: Number(text) })} /></td>
								<td><LateInput label={`Width of preset ${index + 1}`} type="number" step="any" value={String(preset.width)} onChange={(text) => Number(text) > 0 && change(index, { width: Number(text) })} /></td>
								<td>
									<button className="quiet icon" aria-label={`Remove preset ${preset.name}`} title="Remove" onClick={() => save(presets.filter((_, place) => place !== index))}><Trash2 aria-hidden /></button>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			)}
			<button disabled={presets.length >= MOST_PRESETS} onClick={() => save([...presets, { name: `Preset ${presets.length + 1}`, center: 2048, width: 4096 }])}><Plus aria-hidden />Add a preset</button>
		</div>
	)
}
