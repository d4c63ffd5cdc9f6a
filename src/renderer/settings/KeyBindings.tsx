import { TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { groupsOf } from '../app/commandGroups.ts'
import { useCommands, type KnownCommand } from '../app/commands.ts'
import { keyConflicts, keyName, keysOf, shownKey } from '../app/keys.ts'
import { useSettings } from '../app/settings.ts'
import { KeyCaps } from '../ui/KeyCaps.tsx'
import { count } from '../ui/words.ts'
import { findCommands } from '../app/findCommands.ts'

/** Every command with its keys: press to change, conflicts named. */
export function KeyBindings() {
	const known = useCommands((state) => state.known)
	const bindings = useSettings((state) => state.settings.keyBindings)
	const [text, setText] = useState('')
	const [capturing, setCapturing] = useState<string | null>(null)
	const commands = Object.values(known)
	const conflicts = keyConflicts(commands, bindings)
	const changed = commands.filter((command) => Object.hasOwn(bindings, command.id)).length

	return (
		<section aria-labelledby="settings-keys" className="settings-keys">
			<h2 id="settings-keys">Keys</h2>
			<div className="settings-keys-tools">
				<input type="text" aria-label="Find a command" placeholder="Find a command" autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
				{conflicts.size > 0 && <span className="tag warning"><TriangleAlert size={12} aria-hidden />{count(conflicts.size, 'key')} given to more than one command</span>}
				<span className="settings-space" />
				<button disabled={changed === 0} onClick={() => useSettings.getState().save({ keyBindings: {} })}>Default keys for all</button>
			</div>
			{groupsOf(findCommands(commands, text)).map(([group, members]) => (
				<table key={group} aria-label={`${group} keys`}>
					<caption>{group}</caption>
					<tbody>
						{members.map((command) => (
							<BindingRow
								key={command.id}
								command={command}
								bindings={bindings}
								rivals={rivalsOf(command, conflicts, known)}
								capturing={capturing === command.id}
								onCapture={(on) => setCapturing(on ? command.id : null)}
							/>
						))}
					</tbody>
				</table>
			))}
		</section>
	)
}

function rivalsOf(command: KnownCommand, conflicts: Map<string, string[]>, known: Record<string, KnownCommand>): string[] {
	return Array.from(conflicts, ([key, ids]) => (ids.includes(command.id) ? { key, ids } : null))
		.filter((entry) => entry !== null)
		.map(({ key, ids }) => `${shownKey(key)} also means ${ids.filter((id) => id !== command.id).map((id) => `"${known[id]?.title ?? id}"`).join(' and ')}`)
}

interface BindingRowProps {
	command: KnownCommand
	bindings: Record<string, string>
	rivals: string[]
	capturing: boolean
	onCapture(on: boolean): void
}

function BindingRow({ command, bindings, rivals, capturing, onCapture }: BindingRowProps) {
	const isChanged = Object.hasOwn(bindings, command.id)
	const keys = keysOf(command, bindings)
	return (
		<tr>
			<th scope="row">{command.title}</th>
			<td>
				{capturing ? <Capture command={command} onEnd={() => onCapture(false)} /> : keys.length > 0 ? <KeyCaps keys={keys} /> : <span className="muted">No key</span>}
				{rivals.length > 0 && !capturing && <span className="settings-rivals"><TriangleAlert size={14} aria-hidden />{rivals.join('; ')}</span>}
			</td>
			<td className="settings-key-actions">
				<button className="quiet" aria-label={`Change the key of ${command.title}`} onClick={() => onCapture(!capturing)}>{capturing ? 'Cancel' : 'Change'}</button>
				<button className="quiet" aria-label={`Default key for ${command.title}`} disabled={!isChanged} onClick={() => bind(command.id, null)}>Default</button>
			</td>
		</tr>
	)
}

/** Null: back to the command's own keys. */
function bind(id: string, keys: string | null): void {
	const { settings, save } = useSettings.getState()
	const rest = Object.fromEntries(Object.entries(settings.keyBindings).filter(([known]) => known !== id))
	save({ keyBindings: keys === null ? rest : { ...rest, [id]: keys } })
}

function Capture({ command, onEnd }: { command: KnownCommand; onEnd(): void }) {
	useEffect(() => {
		function press(event: KeyboardEvent): void {
			const key = keyName(event)
			if (!key || key === 'Tab' || key === 'Shift+Tab') return
			// Before anything else of the page: the key is only named here, not used.
			event.preventDefault()
			event.stopImmediatePropagation()
			if (key === 'Backspace') bind(command.id, '')
			else if (key !== 'Escape') bind(command.id, key)
			onEnd()
		}
		window.addEventListener('keydown', press, { capture: true })
		return () => window.removeEventListener('keydown', press, { capture: true })
	}, [command.id, onEnd])
	return <span className="settings-capture" role="status">Press the new key. Backspace: no key. Escape: keep the old one.</span>
}
