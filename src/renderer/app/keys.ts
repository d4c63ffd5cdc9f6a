import type { Command, KnownCommand } from './commands.ts'

/** What of a keyboard event decides which key it is. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const MODIFIER_KEYS = new Set(['Control', 'Shift', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock', 'Dead', 'Process', 'Unidentified'])

/**
 * The name of a pressed key as commands write it: "Ctrl+Shift+z", "F11", "?", "Space"; null for a modifier alone.
 * Letters are lower case whatever Caps Lock says; on a keyboard without Latin letters the place of the key counts, so
 * that shortcuts work under every layout. Shift is named only where it does not already make the character ("?").
 */
export function keyName(press: KeyPress): string | null {
	if (press.key === undefined || MODIFIER_KEYS.has(press.key)) return null
	let key = press.key === ' ' ? 'Space' : press.key
	const letterOfPlace = /^Key([A-Z])$/.exec(press.code)?.[1]
	const digitOfPlace = /^(?:Digit|Numpad)([0-9])$/.exec(press.code)?.[1]
	if (key.length === 1) {
		const isAscii = key > ' ' && key < '\u007f'
		if (!isAscii && letterOfPlace) key = letterOfPlace
		else if (!isAscii && digitOfPlace) key = digitOfPlace
		key = key.toLowerCase()
	}
	const shiftIsInTheCharacter = key.length === 1 && !/[a-z0-9]/.test(key)
	const parts: string[] = []
	if (press.ctrlKey || press.metaKey) parts.push('Ctrl')
	if (press.altKey) parts.push('Alt')
	if (press.shiftKey && !shiftIsInTheCharacter) parts.push('Shift')
	return [...parts, key].join('+')
}

/** Modifiers in their one order and the letter in lower case, so that "shift+ctrl+Z" and "Ctrl+Shift+z" are one key. */
export function normaliseKey(written: string): string {
	// A final "+" is the key itself: "Ctrl++".
	const isPlus = written === '+' || written.endsWith('++')
	const parts = (isPlus ? written.slice(0, -1) : written).split('+').filter((part) => part !== '')
	const key = isPlus ? '+' : (parts.pop() ?? '')
	const has = (name: string) => parts.some((part) => part.toLowerCase() === name)
	const modifiers = [
		has('ctrl') || has('control') || has('cmd') || has('meta') ? 'Ctrl' : '',
		has('alt') || has('option') ? 'Alt' : '',
		has('shift') ? 'Shift' : '',
	].filter((name) => name !== '')
	return [...modifiers, key.length === 1 ? key.toLowerCase() : key].join('+')
}

/** The keys of a command as a list: those of the settings where there are some ('' means none), else its own. */
export function keysOf(command: Pick<Command, 'id' | 'keys'>, bindings: Record<string, string>): string[] {
	const written = Object.hasOwn(bindings, command.id) ? (bindings[command.id] ?? '') : (command.keys ?? '')
	return written.split(/\s+/).filter((key) => key !== '').map(normaliseKey)
}

/**
 * Key -> ids of the commands that have it, where two of them can meet: in one room (and section of it), or one of them everywhere.
 */
export function keyConflicts(commands: Pick<KnownCommand, 'id' | 'keys' | 'room' | 'section'>[], bindings: Record<string, string>): Map<string, string[]> {
	const holders = new Map<string, Pick<KnownCommand, 'id' | 'room' | 'section'>[]>()
	for (const command of commands) {
		for (const key of new Set(keysOf(command, bindings))) holders.set(key, [...(holders.get(key) ?? []), command])
	}
	const conflicts = new Map<string, string[]>()
	for (const [key, rivals] of holders) {
		const meeting = rivals.filter((one) => rivals.some((other) => other !== one && (one.room === null || other.room === null || (one.room === other.room && one.section === other.section))))
		if (meeting.length > 0) conflicts.set(key, meeting.map((command) => command.id))
	}
	return conflicts
}

const SHOWN: Record<string, string> = {
	ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', Delete: 'Del', Backspace: '⌫', PageUp: 'PgUp', PageDown: 'PgDn',
}

/** A key as it is printed on a keyboard: "Ctrl+Shift+Z", "↑". */
export function shownKey(key: string): string {
	const end = key === '+' || key.endsWith('++') ? key.length - 1 : key.lastIndexOf('+') + 1
	const name = key.slice(end)
	return key.slice(0, end) + (SHOWN[name] ?? (name.length === 1 ? name.toUpperCase() : name))
}

/** What kind of thing has the keyboard; it keeps the keys that it needs itself. */
export type KeyOwner = 'page' | 'text' | 'choice' | 'button'

const KEYS_OF_TEXT = new Set(['Ctrl+a', 'Ctrl+c', 'Ctrl+v', 'Ctrl+x', 'Ctrl+z', 'Ctrl+y', 'Ctrl+Shift+z', 'Ctrl+Backspace', 'Ctrl+Delete', 'Ctrl+ArrowLeft', 'Ctrl+ArrowRight', 'Ctrl+Home', 'Ctrl+End'])
const KEYS_OF_CHOICE = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown', 'Space', 'Enter'])

/** Whether a command may take the key although this element has the keyboard. */
export function isFreeKey(key: string, owner: KeyOwner): boolean {
	if (owner === 'page') return true
	if (owner === 'button') return key !== 'Space' && key !== 'Enter'
	if (owner === 'choice') return !KEYS_OF_CHOICE.has(key)
	if (/^F\d+$/.test(key)) return true
	return /^(Ctrl|Alt)\+/.test(key) && !KEYS_OF_TEXT.has(key)
}
