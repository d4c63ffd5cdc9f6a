import { useEffect } from 'react'
import { useCommands } from './commands.ts'
import { isFreeKey, keyName, keysOf, type KeyOwner } from './keys.ts'
import { useOverlay } from './overlay.ts'
import { useSettings } from './settings.ts'

function ownerOf(target: EventTarget | null): KeyOwner {
	if (!(target instanceof HTMLElement)) return 'page'
	if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return 'text'
	if (target instanceof HTMLInputElement) {
		if (target.type === 'range' || target.type === 'radio') return 'choice'
		return target.type === 'checkbox' || target.type === 'button' || target.type === 'file' ? 'button' : 'text'
	}
	return target.closest('button, a[href], summary, [role="button"], [role="tab"]') ? 'button' : 'page'
}

/** A dialog holds the keyboard, Escape too: what lies below it is not commanded. */
function isInDialog(target: EventTarget | null): boolean {
	return target instanceof Element && target.closest('dialog') !== null
}

/** Runs the command of a pressed key, unless an element has used the key itself or needs it. */
export function useKeyboard(): void {
	useEffect(() => {
		function press(event: KeyboardEvent): void {
			if (event.defaultPrevented || event.isComposing || useOverlay.getState().shown || isInDialog(event.target)) return
			const key = keyName(event)
			if (!key || !isFreeKey(key, ownerOf(event.target))) return
			const bindings = useSettings.getState().settings.keyBindings
			const command = Object.values(useCommands.getState().commands).find(
				(candidate) => keysOf(candidate, bindings).includes(key) && (candidate.enabled?.() ?? true),
			)
			if (!command) return
			event.preventDefault()
			command.run()
		}
		window.addEventListener('keydown', press)
		return () => window.removeEventListener('keydown', press)
	}, [])
}
