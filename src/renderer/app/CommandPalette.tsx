import { useId, useRef, useState } from 'react'
import { Dialog } from '../ui/Dialog.tsx'
import { KeyCaps } from '../ui/KeyCaps.tsx'
import { useCommands, type Command } from './commands.ts'
import { findCommands } from './findCommands.ts'
import { keysOf } from './keys.ts'
import { useOverlay } from './overlay.ts'
import { useSettings } from './settings.ts'

/** Ctrl+K: every command that can be given now, with its key. */
export function CommandPalette() {
	const shown = useOverlay((state) => state.shown === 'palette')
	const hide = useOverlay((state) => state.hide)
	return shown ? <Dialog label="Commands" className="palette" onClose={hide}><Palette onClose={hide} /></Dialog> : null
}

function Palette({ onClose }: { onClose(): void }) {
	const [text, setText] = useState('')
	const [active, setActive] = useState(0)
	const commands = useCommands((state) => state.commands)
	const bindings = useSettings((state) => state.settings.keyBindings)
	const listId = useId()
	const list = useRef<HTMLUListElement>(null)
	// The room's own commands come before those that work everywhere.
	const offered = Object.values(commands)
		.filter((command) => command.id !== 'app.palette' && (command.enabled?.() ?? true))
		.toSorted((a, b) => Number(a.everywhere ?? false) - Number(b.everywhere ?? false))
	const found = findCommands(offered, text)

	function run(command: Command | undefined): void {
		if (!command) return
		onClose()
		// After the dialog has given the keyboard back, so that a command may take it.
		setTimeout(() => command.run())
	}

	function press(event: React.KeyboardEvent): void {
		const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
		if (step !== undefined) {
			const target = Math.max(0, Math.min(found.length - 1, active + step))
			setActive(target)
			list.current?.children[target]?.scrollIntoView({ block: 'nearest' })
		} else if (event.key === 'Enter') run(found[active])
		else return
		event.preventDefault()
	}

	return (
		<>
			<input
				className="palette-input"
				data-first
				role="combobox"
				aria-label="Find a command"
				aria-expanded
				aria-controls={listId}
				aria-activedescendant={found[active] ? `${listId}-${active}` : undefined}
				placeholder="Type a command"
				value={text}
				onChange={(event) => {
					setText(event.target.value)
					setActive(0)
				}}
				onKeyDown={press}
			/>
			<ul className="palette-list" id={listId} role="listbox" aria-label="Commands" ref={list}>
				{found.map((command, index) => (
					<li
						key={command.id}
						id={`${listId}-${index}`}
						role="option"
						aria-selected={index === active}
						onPointerMove={() => setActive(index)}
						onClick={() => run(command)}
					>
						<span className="muted palette-group">{command.group}</span>
						<span className="cut">{command.title}</span>
						<KeyCaps keys={keysOf(command, bindings)} />
					</li>
				))}
			</ul>
			{found.length === 0 && <p className="palette-none muted" role="status">No command has these words. Delete some letters to see more.</p>}
		</>
	)
}
